/** How long it takes to write a table: lvsd, keepalived and ipvsadm in turn, on the lab's kernel, from the same file. */
import { parseArgs } from 'node:util';
import { Lab } from '../lab/lab.js';
import type { Bench } from './bench.js';
import type { TableRun } from './table-guest.js';

/** Of keepalived's time, from the first command to the last. */
const TARGET = 0.5;

export const table: Bench = {
  name: 'table',
  summary: 'time from the first IPVS command to the last, writing a file into an empty table of the lab VM',
  usage: '[--services 100] [--servers 50] [--runs 5]',
  run,
};

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      services: { type: 'string', default: '100' },
      servers: { type: 'string', default: '50' },
      runs: { type: 'string', default: '5' },
    },
  });
  const lab = await Lab.start({ hosts: ['d1'], say: (line) => console.log(line) });
  try {
    const program = [
      process.execPath,
      'dist/bench/table-guest.js',
      values.services,
      values.servers,
      values.runs,
    ];
    const output = await lab.host('d1').output(program, { timeoutMs: 900_000 });
    const runs = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as TableRun);
    console.log(
      `${values.services} services of ${values.servers} servers, median of ${values.runs} (least … most), ms`,
    );
    for (const who of ['lvsd', 'keepalived', 'ipvsadm'] as const) console.log(describe(who, runs));
    const ratio = median(runs, 'lvsd', 'wholeMs') / median(runs, 'keepalived', 'wholeMs');
    console.log(`lvsd / keepalived: ${ratio.toFixed(2)} (target ${TARGET})`);
    return ratio <= TARGET ? 0 : 1;
  } finally {
    lab.stop();
  }
}

/** Both times: what the kernel itself took for its commands is the same work for all. */
function describe(who: TableRun['who'], runs: readonly TableRun[]): string {
  const whole = sorted(runs, who, 'wholeMs').map((ms) => ms.toFixed(0));
  const kernel = median(runs, who, 'kernelMs').toFixed(0);
  return `${who.padEnd(11)} ${whole[whole.length >> 1]} (${whole[0]} … ${whole.at(-1)}), of which in the kernel ${kernel}`;
}

function median(runs: readonly TableRun[], who: TableRun['who'], field: 'wholeMs' | 'kernelMs'): number {
  const times = sorted(runs, who, field);
  return times[times.length >> 1] ?? Number.NaN;
}

function sorted(runs: readonly TableRun[], who: TableRun['who'], field: 'wholeMs' | 'kernelMs'): number[] {
  return runs
    .filter((run) => run.who === who)
    .map((run) => run[field])
    .sort((a, b) => a - b);
}
