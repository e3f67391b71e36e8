/** What share of the new connections a server gets after it came back, second by second: with slow_start and without. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Lab } from '../lab/lab.js';
import { VIP } from '../lab/topology.js';
import { Watch } from '../lab/watch.js';
import { Visitors } from '../test/support/visitors.js';
import type { Bench } from './bench.js';
import { configuration, direct, HOSTS } from './overflow-lab.js';
import { plot, type Series } from './plot.js';

const SLICE_MS = 1000;
const LONG_MS = 60_000;

export const slowStart: Bench = {
  name: 'slow-start',
  summary: 'share of the new connections of a server that came back, second by second, in the lab VM',
  usage: '[--seconds 30] [--slow-start 20] [--rate 40] [--stay 3000] [--algo wlc] [--svg FILE]',
  run,
};

type Run = {
  readonly seconds: number;
  readonly rate: number;
  readonly stayMs: number;
  readonly algo: string;
};

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '30' },
      'slow-start': { type: 'string', default: '20' },
      rate: { type: 'string', default: '40' },
      stay: { type: 'string', default: '3000' },
      algo: { type: 'string', default: 'wlc' },
      svg: { type: 'string' },
    },
  });
  const how: Run = {
    seconds: Number(values.seconds),
    rate: Number(values.rate),
    stayMs: Number(values.stay),
    algo: values.algo,
  };
  const lab = await Lab.start({ hosts: HOSTS, say: (line) => console.log(line) });
  try {
    const series: Series[] = [];
    for (const rampS of [0, Number(values['slow-start'])]) {
      const points = await sharesAfterReturn(lab, rampS, how);
      const name = rampS === 0 ? 'without slow_start' : `slow_start ${rampS}`;
      series.push({ name, points });
      console.log(`${name}: ${points.map(({ y }) => `${Math.round(y * 100)} %`).join(' ')}`);
    }
    const title = `Share of new connections of one of two servers after its return (${how.algo}, ${how.rate}/s)`;
    if (values.svg !== undefined) writeFileSync(values.svg, plot(title, series));
    return 0;
  } finally {
    lab.stop();
  }
}

async function sharesAfterReturn(lab: Lab, rampS: number, how: Run): Promise<Series['points']> {
  await lab.reset();
  const visitors = await Visitors.start(lab.host('client'));
  const ramp = rampS === 0 ? '' : `slow_start ${rampS}`;
  await direct(lab, configuration(`lb_algo ${how.algo}`, `TCP_CHECK {\nretry 0\n}\n${ramp}`));
  const { rate, stayMs } = how;
  // Stays of one length would come and go in step, and the shares swing.
  const slice = { do: 'pass', host: VIP.v4, rate, forMs: SLICE_MS, stayMs, uneven: true } as const;
  const watch = await Watch.start(lab.host('d1'));
  const shares: { readonly at: number; readonly share: number }[] = [];
  let returnedAt = Infinity;
  const visiting = (async () => {
    while (performance.now() < returnedAt + how.seconds * 1000) {
      const at = performance.now() + SLICE_MS / 2;
      const { rs1 = 0, rs2 = 0 } = (await visitors.obey(slice)).servers;
      shares.push({ at, share: rs2 / Math.max(1, rs1 + rs2) });
    }
  })();
  await lab.stopServer('rs2');
  await watch.until('without rs2', ([service]) => service?.servers.length === 1, LONG_MS);
  // The other server has what there is to have by then.
  await new Promise((resolve) => setTimeout(resolve, 2 * stayMs));
  await lab.startServer('rs2');
  await watch.until('with rs2', ([service]) => service?.servers.length === 2, LONG_MS);
  returnedAt = performance.now();
  await visiting;
  watch.stop();
  return shares.map(({ at, share }) => ({ x: (at - returnedAt) / 1000, y: share })).filter(({ x }) => x > 0);
}
