/** From the answer that fails a check to the change that follows: lvsd and keepalived in turn, on the same file. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Lab } from '../lab/lab.js';
import type { Bench } from './bench.js';
import type { LatencyRun } from './latency-guest.js';
import { inNamespace } from './namespace.js';
import { median, outputOf } from './processes.js';

/** Of the median: the most is the machine's doing as much as the daemon's. */
const TARGET_MS = 20;

export const latency: Bench = {
  name: 'latency',
  summary:
    "a failed check to the changed table, in the lab's kernel; --native: to the command that changes it, on this machine (root, keepalived, cc)",
  usage: '[--servers 100] [--rounds 30] [--native]',
  run,
};

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      servers: { type: 'string', default: '100' },
      rounds: { type: 'string', default: '30' },
      native: { type: 'boolean', default: false },
    },
  });
  const numbers = [values.servers, values.rounds];
  return values.native
    ? inNamespace(async () => judge(await natively(numbers)))
    : judge(await inLab(numbers));
}

function natively(numbers: readonly string[]): Promise<string> {
  const program = fileURLToPath(new URL('./latency-guest.js', import.meta.url));
  return outputOf(process.execPath, [program, 'shim', ...numbers]);
}

async function inLab(numbers: readonly string[]): Promise<string> {
  const lab = await Lab.start({ hosts: ['d1'], say: (line) => console.log(line) });
  try {
    const program = [process.execPath, 'dist/bench/latency-guest.js', 'kernel', ...numbers];
    return await lab.host('d1').output(program, { timeoutMs: 600_000 });
  } finally {
    lab.stop();
  }
}

function judge(output: string): number {
  const runs = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LatencyRun);
  for (const { who, ms } of runs) {
    const most = Math.max(...ms).toFixed(1);
    console.log(`${who.padEnd(11)} median ${median(ms).toFixed(1)} ms, most ${most} ms of ${ms.length}`);
  }
  const reached = median(runs.find(({ who }) => who === 'lvsd')?.ms ?? []);
  console.log(`lvsd: ${reached.toFixed(1)} ms (target ${TARGET_MS})`);
  return reached <= TARGET_MS ? 0 : 1;
}
