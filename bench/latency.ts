/** From the answer that fails a check to the change that follows: lvsd and keepalived in turn, on the same file. */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Lab } from '../lab/lab.js';
import type { Bench } from './bench.js';
import type { LatencyRun } from './latency-guest.js';
import { inNamespace } from './namespace.js';
import { outputOf } from './processes.js';

const TARGET_MS = 20;

export const latency: Bench = {
  name: 'latency',
  summary:
    "a failed check to the kernel's changed table, in the lab; --native: to the log line, on this machine (root, keepalived, cc)",
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
  return outputOf(process.execPath, [program, 'log', ...numbers]);
}

async function inLab(numbers: readonly string[]): Promise<string> {
  const lab = await Lab.start({ hosts: ['d1'], say: (line) => console.log(line) });
  try {
    const program = [process.execPath, 'dist/bench/latency-guest.js', 'table', ...numbers];
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
    const sorted = ms.toSorted((a, b) => a - b);
    const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(1);
    console.log(
      `${who.padEnd(11)} median ${at(0.5)} ms, most ${sorted.at(-1)?.toFixed(1)} ms of ${ms.length}`,
    );
  }
  const lvsd = runs.find(({ who }) => who === 'lvsd')?.ms ?? [];
  return Math.max(...lvsd) <= TARGET_MS ? 0 : 1;
}
