/**
 * The part of the table bench that runs in the lab: each contender in turn in a network namespace of its own, the kernel's
 * function tracer telling when each IPVS command came and how long it took. Prints one JSON line a run.
 * Arguments: services, servers of each, runs.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { end, start, sum } from './processes.js';
import { clearTrace, commands, countCommands, startTracer, stopTracer } from './tracer.js';

export type TableRun = {
  readonly who: 'lvsd' | 'keepalived' | 'ipvsadm';
  /** From the first command's start to the last one's end. */
  readonly wholeMs: number;
  /** Spent in the commands themselves. */
  readonly kernelMs: number;
};

const GIVE_UP_MS = 120_000;

const [services = 100, servers = 50, runs = 5] = process.argv.slice(2).map(Number);
const expected = services * servers + services;
const folder = mkdtempSync(join(tmpdir(), 'lvsd-table-'));
const root = fileURLToPath(new URL('../..', import.meta.url));

const CONTENDERS: Readonly<Record<TableRun['who'], (inside: readonly string[]) => Promise<void>>> = {
  lvsd: async (inside) => {
    const state = mkdtempSync(join(folder, 'lvsd-'));
    const argv = [process.execPath, join(root, 'bin/lvsd'), 'run', '-C', '-f', join(folder, 'table.conf')];
    await untilWritten([...inside, ...argv, '--state-dir', state]);
  },
  keepalived: async (inside) => {
    const pids = ['-p', join(folder, 'keepalived.pid'), '-c', join(folder, 'checkers.pid')];
    await untilWritten([
      ...inside,
      'keepalived',
      '-C',
      '-n',
      '-G',
      '-f',
      join(folder, 'table.conf'),
      ...pids,
    ]);
  },
  ipvsadm: async ([command = '', ...rest]) => {
    const input = readFileSync(join(folder, 'table.ipvsadm'));
    execFileSync(command, [...rest, 'ipvsadm', '-R'], { input });
  },
};

writeFiles();
startTracer();
for (let index = 0; index < runs; index += 1) {
  for (const who of Object.keys(CONTENDERS) as TableRun['who'][]) {
    console.log(JSON.stringify(await measure(who, `table${index}-${who}`)));
  }
}
stopTracer();

async function measure(who: TableRun['who'], namespace: string): Promise<TableRun> {
  const inside = ['ip', 'netns', 'exec', namespace];
  const shell = [
    'ip link set lo up',
    'ip link add d0 type dummy',
    'ip addr add 10.0.0.2/8 dev d0',
    'ip link set d0 up',
  ];
  execFileSync('ip', ['netns', 'add', namespace]);
  execFileSync('ip', ['netns', 'exec', namespace, 'sh', '-e', '-c', shell.join('\n')]);
  clearTrace();
  await CONTENDERS[who](inside);
  const seen = commands().slice(0, expected);
  execFileSync('ip', ['netns', 'del', namespace]);
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined || seen.length < expected) {
    throw new Error(`${who}: ${seen.length} commands seen: expected ${expected}`);
  }
  const kernelMs = sum(seen.map(({ tookMs }) => tookMs));
  return { who, wholeMs: last.endAt - first.endAt + first.tookMs, kernelMs };
}

/** Runs a program until the kernel has had all commands. */
async function untilWritten([command = '', ...args]: readonly string[]): Promise<void> {
  const child = await start(command, args);
  const giveUpAt = performance.now() + GIVE_UP_MS;
  while (countCommands() < expected && performance.now() < giveUpAt) await sleep(500);
  await end(child);
}

function writeFiles(): void {
  const conf: string[] = [];
  const saved: string[] = [];
  for (let service = 0; service < services; service += 1) {
    const port = 1000 + service;
    conf.push(`virtual_server 10.0.0.100 ${port} {`, 'protocol TCP', 'lb_algo wlc', 'lb_kind DR');
    saved.push(`-A -t 10.0.0.100:${port} -s wlc`);
    for (let server = 0; server < servers; server += 1) {
      const number = service * servers + server + 1;
      const address = `10.${50 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
      conf.push(`real_server ${address} ${port} {`, 'weight 1', '}');
      saved.push(`-a -t 10.0.0.100:${port} -r ${address}:${port} -g -w 1`);
    }
    conf.push('}');
  }
  writeFileSync(join(folder, 'table.conf'), `${conf.join('\n')}\n`);
  writeFileSync(join(folder, 'table.ipvsadm'), `${saved.join('\n')}\n`);
}
