/** What many instances on one pair of directors cost: lvsd and keepalived in turn, on the same configuration. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { eventually, type Host, withNetwork } from '../test/support/namespaces.js';
import type { Bench } from './bench.js';
import { type Director, type Maker, started } from './directors.js';
import { runMs } from './processes.js';

export const crowd: Bench = {
  name: 'crowd',
  summary: 'CPU of a pair of directors with many instances on one interface, all processes of each',
  usage: '[--instances 255] [--advert 0.1] [--seconds 20] [--runs 3]',
  run,
};

type Options = { readonly instances: number; readonly advert: string; readonly seconds: number };
/** CPU time per second of each director, in ms. */
type Cost = { readonly master: number; readonly backup: number; readonly pair: number };

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      instances: { type: 'string', default: '255' },
      advert: { type: 'string', default: '0.1' },
      seconds: { type: 'string', default: '20' },
      runs: { type: 'string', default: '3' },
    },
  });
  const options = {
    instances: Number(values.instances),
    advert: values.advert,
    seconds: Number(values.seconds),
  };
  const costs: Record<Maker, Cost[]> = { lvsd: [], keepalived: [] };
  for (let i = 0; i < Number(values.runs); i += 1)
    for (const maker of ['lvsd', 'keepalived'] as const) costs[maker].push(await measure(maker, options));
  console.log(
    `${values.instances} instances, adverts every ${values.advert} s: CPU ms a second, median of ${values.runs}\n`,
  );
  console.log('| | lvsd | keepalived | ratio |\n|---|---|---|---|');
  const ratios = (['master', 'backup', 'pair'] as const).map((who) => {
    const [ours, theirs] = [median(costs.lvsd, who), median(costs.keepalived, who)];
    console.log(`| ${who} | ${ours.toFixed(0)} | ${theirs.toFixed(0)} | ${(ours / theirs).toFixed(2)} |`);
    return ours / theirs;
  });
  return (ratios.at(-1) ?? 0) <= 1.5 ? 0 : 1;
}

function median(costs: readonly Cost[], who: keyof Cost): number {
  const sorted = costs.map((cost) => cost[who]).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function measure(maker: Maker, options: Options): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'lvsd-crowd-'));
  let cost: Cost = { master: Number.NaN, backup: Number.NaN, pair: Number.NaN };
  try {
    await withNetwork(['a', 'b'], async (network) => {
      const make = (name: string, priority: number): Director => {
        const file = join(folder, `${priority}.conf`);
        writeFileSync(file, configuration(priority, options));
        return started(maker, network.host(name), { file, folder: join(folder, `${priority}`) });
      };
      const [a, b] = [make('a', 150), make('b', 100)];
      a.start();
      await eventually('all are master', () => held(a.host) === options.instances, 30_000);
      b.start();
      await sleep(5000);
      const before = [runMs(a.pid()), runMs(b.pid())];
      await sleep(options.seconds * 1000);
      const [master = 0, backup = 0] = [a, b].map(
        (each, i) => (runMs(each.pid()) - (before[i] ?? 0)) / options.seconds,
      );
      if (held(a.host) !== options.instances || held(b.host) !== 0)
        throw new Error(`${maker}: somebody moved`);
      cost = { master, backup, pair: master + backup };
      a.end();
      b.end();
    });
    return cost;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function held({ run: runs }: Host): number {
  return runs('ip -4 -o addr show dev eth0')
    .split('\n')
    .filter((line) => line.includes(' 10.78.')).length;
}

function configuration(priority: number, { instances, advert }: Options): string {
  return Array.from({ length: instances }, (_, i) => {
    return `vrrp_instance VI_${i + 1} {
  state BACKUP
  interface eth0
  virtual_router_id ${i + 1}
  version 3
  priority ${priority}
  advert_int ${advert}
  virtual_ipaddress {
    10.78.0.${i + 1}/32
  }
}`;
  }).join('\n');
}
