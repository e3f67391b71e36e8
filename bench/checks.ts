/**
 * Processor time per health check, lvsd beside keepalived: the same file, the same servers, one after the other in turns.
 * The whole process tree counts; the checks that were really made are counted by the kernel.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.js';
import { type Contender, keepalived, keepalivedVersion, lvsd } from './contenders.js';
import { inNamespace } from './namespace.js';
import { cpuMs, end, median, netCounter, pssMb } from './processes.js';
import { type CheckType, configuration, startServer } from './servers.js';

/** How much of keepalived's processor time lvsd may take. */
const TARGETS: Readonly<Record<CheckType, number>> = { tcp: 1.0, http: 0.8, ping: 0.8 };
/** Proportional set size of the whole tree. */
const TARGET_MB = 150;
/** Until caches are warm, code is compiled and the first checks are spread. */
const WARM_UP_MS = 15_000;

export const checks: Bench = {
  name: 'checks',
  summary: 'processor time per check and memory, lvsd beside keepalived on one file (root, keepalived, cc)',
  usage: '[--servers 1000] [--seconds 20] [--rounds 3] [--types tcp,http,ping]',
  run: (args) => inNamespace(() => run(args)),
};

type Measured = { readonly usPerCheck: number; readonly checks: number; readonly pssMb: number };

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      servers: { type: 'string', default: '1000' },
      seconds: { type: 'string', default: '20' },
      rounds: { type: 'string', default: '3' },
      types: { type: 'string', default: 'tcp,http,ping' },
    },
  });
  console.log(
    `${values.servers} servers, one check a second each; ${keepalivedVersion()}; Node ${process.version}; ` +
      `load average ${loadavg()[0]?.toFixed(1)} on ${cpus().length} processors`,
  );
  const folder = mkdtempSync(join(tmpdir(), 'lvsd-bench-'));
  const server = await startServer();
  try {
    let met = true;
    for (const type of values.types.split(',') as CheckType[]) {
      const config = join(folder, `${type}.conf`);
      writeFileSync(config, configuration(type, Number(values.servers), 1));
      const fine = await compare(type, config, folder, {
        rounds: Number(values.rounds),
        seconds: Number(values.seconds),
      });
      met &&= fine;
    }
    return met ? 0 : 1;
  } finally {
    await end(server);
    rmSync(folder, { recursive: true });
  }
}

/** Measures both in turns, prints, and says whether the targets are met by the medians. */
async function compare(
  type: CheckType,
  config: string,
  folder: string,
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number },
): Promise<boolean> {
  const results: Record<string, Measured[]> = {};
  for (let round = 0; round < rounds; round++)
    for (const contender of [keepalived, lvsd]) {
      const measured = await measure(type, contender, { config, folder, seconds });
      results[contender.name] = [...(results[contender.name] ?? []), measured];
      console.log(`  ${type} ${contender.name}: ${describe(measured)}`);
    }
  const us = (name: string) => median((results[name] ?? []).map((each) => each.usPerCheck));
  const memory = median((results.lvsd ?? []).map((each) => each.pssMb));
  const ratio = us('lvsd') / us('keepalived');
  console.log(
    `${type}: lvsd ${us('lvsd').toFixed(1)} µs, keepalived ${us('keepalived').toFixed(1)} µs a check: ` +
      `ratio ${ratio.toFixed(2)}, target ${TARGETS[type]}; lvsd ${memory.toFixed(0)} MB, target ${TARGET_MB}`,
  );
  return ratio <= TARGETS[type] && memory <= TARGET_MB;
}

async function measure(
  type: CheckType,
  contender: Contender,
  { config, folder, seconds }: { readonly config: string; readonly folder: string; readonly seconds: number },
): Promise<Measured> {
  const daemon = await contender.start(config, folder);
  try {
    await sleep(WARM_UP_MS);
    const before = { cpu: cpuMs(daemon.pid), checks: checksSeen(type) };
    await sleep(seconds * 1000);
    const checks = checksSeen(type) - before.checks;
    return {
      usPerCheck: ((cpuMs(daemon.pid) - before.cpu) * 1000) / checks,
      checks,
      pssMb: pssMb(daemon.pid),
    };
  } finally {
    await end(daemon);
  }
}

/** Connections accepted or pings received in this namespace so far. */
function checksSeen(type: CheckType): number {
  return type === 'ping' ? netCounter('Icmp', 'InEchos') : netCounter('Tcp', 'PassiveOpens');
}

function describe({ usPerCheck, checks, pssMb: memory }: Measured): string {
  return `${usPerCheck.toFixed(1)} µs a check over ${checks} checks, ${memory.toFixed(0)} MB`;
}
