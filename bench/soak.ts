/** Ten thousand servers checked every two seconds for as long as asked: lateness, memory, sockets. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Status } from '../src/admin/status.js';
import type { Bench } from './bench.js';
import { lvsd } from './contenders.js';
import { inNamespace } from './namespace.js';
import { cpuMs, end, netCounter, pssMb, socketsOf, sum } from './processes.js';
import { type CheckType, configuration, startServer } from './servers.js';

const MAX_LATE_MS = 1000;
/** Growth of memory from the first minute to the end that still counts as flat. */
const MAX_GROWTH = 1.2;
const SAMPLE_MS = 15_000;
const WARM_UP_MS = 20_000;
/** Until what was under way at a reload has ended. */
const SETTLE_MS = 5000;
/** With one server: its check. */
const UNDER_WAY = 1;

export const soak: Bench = {
  name: 'soak',
  summary: 'many servers for a long time: no check late, memory flat, no socket left (root)',
  usage: '[--servers 10000] [--delay-loop 2] [--minutes 10] [--type tcp]',
  run: (args) => inNamespace(() => run(args)),
};

type Sample = { readonly lateMs: number; readonly pssMb: number; readonly sockets: number };

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      servers: { type: 'string', default: '10000' },
      'delay-loop': { type: 'string', default: '2' },
      minutes: { type: 'string', default: '10' },
      type: { type: 'string', default: 'tcp' },
    },
  });
  const folder = mkdtempSync(join(tmpdir(), 'lvsd-soak-'));
  const config = join(folder, 'soak.conf');
  const write = (servers: number) =>
    writeFileSync(config, configuration(values.type as CheckType, servers, Number(values['delay-loop'])));
  write(1);
  const server = await startServer();
  const daemon = await lvsd.start(config, folder);
  const reload = async (servers: number, settleMs: number) => {
    write(servers);
    daemon.kill('SIGHUP');
    await sleep(settleMs);
  };
  try {
    await sleep(SETTLE_MS);
    const idle = socketsOf(daemon.pid);
    await reload(Number(values.servers), WARM_UP_MS);
    const samples = await watch(daemon.pid, folder, Number(values.minutes) * 60_000);
    await reload(1, SETTLE_MS);
    return judge(samples, socketsOf(daemon.pid) - idle);
  } finally {
    await end(daemon);
    await end(server);
    rmSync(folder, { recursive: true });
  }
}

/** One line a sample, until time is up. */
async function watch(pid: number, folder: string, forMs: number): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const endAt = performance.now() + forMs;
  while (performance.now() < endAt) {
    const before = { cpu: cpuMs(pid), opened: netCounter('Tcp', 'ActiveOpens'), at: performance.now() };
    await sleep(SAMPLE_MS);
    const seconds = (performance.now() - before.at) / 1000;
    const rate = (netCounter('Tcp', 'ActiveOpens') - before.opened) / seconds;
    const cpu = (cpuMs(pid) - before.cpu) / seconds / 10;
    const sample = { lateMs: lateness(folder), pssMb: pssMb(pid), sockets: socketsOf(pid) };
    samples.push(sample);
    console.log(
      `${rate.toFixed(0)} checks/s, ${cpu.toFixed(0)} % of a core, late by at most ${sample.lateMs} ms, ` +
        `${sample.pssMb.toFixed(0)} MB, ${sample.sockets} sockets`,
    );
  }
  return samples;
}

function judge(samples: readonly Sample[], left: number): number {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const mean = (part: readonly Sample[]) => sum(part.map((each) => each.pssMb)) / part.length;
  const growth = mean(samples.slice(-quarter)) / mean(samples.slice(0, quarter));
  const lateMs = Math.max(...samples.map((each) => each.lateMs));
  console.log(
    `late by at most ${lateMs} ms (target ${MAX_LATE_MS}), memory ${growth.toFixed(2)} times the first, ` +
      `${left} sockets left with one server`,
  );
  return lateMs <= MAX_LATE_MS && growth <= MAX_GROWTH && left <= UNDER_WAY ? 0 : 1;
}

/** The worst of the last minute or two, as the daemon tells it. */
function lateness(folder: string): number {
  const lvsdCommand = fileURLToPath(new URL('../../bin/lvsd', import.meta.url));
  const args = [lvsdCommand, 'status', '--json', '--state-dir', join(folder, 'lvsd')];
  const text = execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  return (JSON.parse(text) as Status).checks.lateness.maxMs;
}
