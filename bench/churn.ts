/** Newcomers as fast as the lab's machine takes them, around a limit or far below it, while a server dies, is back, and the file is reloaded. */
import { parseArgs } from 'node:util';
import type { Daemon } from '../lab/daemon.js';
import { Lab } from '../lab/lab.js';
import { compiled } from '../lab/paths.js';
import { Watch } from '../lab/watch.js';
import type { Bench } from './bench.js';
import { type Arrived, arrive, compileNewcomers, countFailures, type Failed } from './newcomers.js';
import { configuration, direct, HOSTS, rewrite } from './overflow-lab.js';

const LONG_MS = 60_000;
const HEAD = `| asked for | came | pool | sorry | failed with the dead server | failed otherwise | at once |
|---|---|---|---|---|---|---|`;
const DEAD = '10.0.0.12:80';

export const churn: Bench = {
  name: 'churn',
  summary: 'overflow connections, two servers and many newcomers that stay for a moment, in the lab VM',
  usage: '[--rates 100,250] [--seconds 30] [--stay MS] [--limit 50] [--kind DR] [--calm]',
  run,
};

type Run = {
  readonly rate: number;
  readonly seconds: number;
  readonly stayMs: number;
  readonly limit: number;
  readonly kind: string;
  /** Nothing happens meanwhile. */
  readonly calm: boolean;
};

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rates: { type: 'string', default: '100,250' },
      seconds: { type: 'string', default: '30' },
      stay: { type: 'string' },
      limit: { type: 'string', default: '50' },
      kind: { type: 'string', default: 'DR' },
      calm: { type: 'boolean', default: false },
    },
  });
  const limit = Number(values.limit);
  const how: Omit<Run, 'rate' | 'stayMs'> = {
    seconds: Number(values.seconds),
    limit,
    kind: values.kind,
    calm: values.calm,
  };
  const program = compileNewcomers();
  const lab = await Lab.start({ hosts: HOSTS, say: (line) => console.log(line) });
  try {
    console.log(HEAD);
    let failed = 0;
    for (const rate of values.rates.split(',').map(Number)) {
      // Around the limit, unless said.
      const stayMs = Number(values.stay ?? Math.round((2 * limit * 1000) / rate));
      failed += await measure(lab, program, { rate, stayMs, ...how });
    }
    return failed === 0 ? 0 : 1;
  } finally {
    lab.stop();
  }
}

async function measure(lab: Lab, program: string, how: Run): Promise<number> {
  const { rate, seconds, stayMs } = how;
  await lab.reset();
  const lvsd = await direct(lab, fileOf(how, 1));
  const watch = await Watch.start(lab.host('d1'));
  let told = '';
  const most = await lab.host('d1').spawn([process.execPath, `${compiled}/../bench/most-guest.js`], {
    onStdout: (text) => {
      told += text;
    },
  });
  const arriving = arrive(program, lab.host('client'), { rate, count: rate * seconds, stayMs });
  const dead = how.calm ? undefined : await happen(lab, lvsd, watch, how);
  const arrived = await arriving;
  most.end();
  await most.exited;
  watch.stop();
  return tell(arrived, JSON.parse(told) as Record<string, number>, dead, how);
}

type Span = { readonly from: number; readonly to: number };

/** A server dies, is back, and the file is reloaded. Gives from when it was dead to when that was in the table. */
async function happen(lab: Lab, lvsd: Daemon, watch: Watch, how: Run): Promise<Span> {
  const quarter = () => new Promise((resolve) => setTimeout(resolve, (how.seconds * 1000) / 4));
  await quarter();
  const from = Number(await lab.host('d1').output(['date', '+%s%3N']));
  await lab.stopServer('rs2', 'kill');
  const { at: to } = await watch.until('without it', (table) => !has(table, DEAD), LONG_MS);
  await quarter();
  await lab.startServer('rs2');
  await watch.until('with it', (table) => has(table, DEAD), LONG_MS);
  await quarter();
  await rewrite(lab, fileOf(how, 3));
  await lvsd.signal('HUP');
  return { from, to };
}

function has(table: Watch['sightings'][number]['table'], server: string): boolean {
  return table.some(({ servers }) => servers.some(({ address, weight }) => address === server && weight > 0));
}

function fileOf({ limit, kind }: Run, weight: number): string {
  const server = `uthreshold ${limit}\nweight ${weight}\nTCP_CHECK {\nretry 0\nconnect_timeout 8\n}`;
  return configuration('lb_algo sed\noverflow connections', server).replace('lb_kind DR', `lb_kind ${kind}`);
}

/** What failed from the death to the table without the dead server is the death's: a packet may be under way a little longer. */
const UNDER_WAY_MS = 500;

/** Tells a line of the table, and gives how many failed otherwise than with the dead server. */
function tell(
  { servers, failures, ms }: Arrived,
  most: Record<string, number>,
  dead: Span | undefined,
  { rate, seconds }: Run,
): number {
  const { rs1 = 0, rs2 = 0, sorry = 0 } = servers;
  const isOfDeath = ({ at }: Failed) => dead && at >= dead.from && at <= dead.to + UNDER_WAY_MS;
  const others = failures.filter((failed) => !isOfDeath(failed));
  const atOnce = ['10.0.0.11:80', DEAD].map((server) => most[server] ?? 0).join(' and ');
  const cells = [
    `${rate}/s`,
    `${Math.round((rate * seconds * 1000) / ms)}/s`,
    rs1 + rs2,
    sorry,
    failures.length - others.length,
    others.length,
    atOnce,
  ];
  console.log(`| ${cells.join(' | ')} |`);
  if (others.length > 0) console.log(JSON.stringify(countFailures(others)));
  return others.length;
}
