/** How long a client goes without an answer when something happens to the master: lvsd and keepalived in turn, on the same pair. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { interfaceIndex } from '../src/net/libc.js';
import { openRawReceiver } from '../src/net/raw-receiver.js';
import { setLinkUp } from '../src/net/route/macvlan.js';
import { openRouteSocket } from '../src/net/route/socket.js';
import { SystemError } from '../src/net/system-error.js';
import { eventually, type Host, type Network, withNetwork } from '../test/support/namespaces.js';
import { listen } from './adverts.js';
import type { Bench } from './bench.js';
import { type Director, director, type Maker, VIP } from './directors.js';
import { failoverChart, type Measured } from './failover-chart.js';
import {
  describeWanted,
  FATE_NAMES,
  FATES,
  type Fate,
  isMet,
  median,
  medianOutageMs,
  type Outcome,
  wantedOf,
} from './failover-wanted.js';
import { longestSilenceMs } from './silence.js';

const MAKERS: readonly Maker[] = ['lvsd', 'keepalived'];

export const failover: Bench = {
  name: 'failover',
  summary:
    'outage as a client sees it that pings the address each millisecond, by what happens to the master',
  usage: `[--runs 5] [--advert 1,0.01] [--fate ${FATES.join(',')}] [--only lvsd|keepalived] [--svg FILE of the first interval]`,
  run,
};

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '5' },
      advert: { type: 'string', default: '1,0.01' },
      fate: { type: 'string', default: FATES.join(',') },
      only: { type: 'string' },
      svg: { type: 'string' },
    },
  });
  const makers = MAKERS.filter((maker) => values.only === undefined || values.only === maker);
  const fates = values.fate.split(',') as Fate[];
  const adverts = values.advert.split(',');
  let missed = 0;
  for (const advert of adverts) {
    const table = await printTable(makers, fates, { advert, runs: Number(values.runs) });
    missed += table.missed;
    if (values.svg === undefined || advert !== adverts[0]) continue;
    const title = `The master … – what its clients notice, adverts every ${advert} s`;
    writeFileSync(values.svg, failoverChart(title, table.measured));
  }
  return missed === 0 ? 0 : 1;
}

async function printTable(
  makers: readonly Maker[],
  fates: readonly Fate[],
  plan: Plan,
): Promise<{ readonly missed: number; readonly measured: readonly Measured[] }> {
  console.log(
    `\nadverts every ${plan.advert} s, median of ${plan.runs} (least … most), ms without an answer\n`,
  );
  console.log(
    `| the master | ${makers.join(' | ')} | ratio | wanted | |\n|---|${'---|'.repeat(makers.length + 3)}`,
  );
  const measured: Measured[] = [];
  let missed = 0;
  for (const fate of fates) {
    const outcomes = await measureAll(makers, fate, plan);
    measured.push(...makers.map((maker, i) => ({ fate, maker, outcomes: outcomes[i] ?? [] })));
    const cells = makers.map((_, i) => describe(outcomes[i] ?? []));
    const wanted = wantedOf(fate, Number(plan.advert)) ?? {};
    const met = makers[0] !== 'lvsd' || isMet(wanted, outcomes[0] ?? [], outcomes[1] ?? []);
    if (!met) missed += 1;
    console.log(
      `| ${FATE_NAMES[fate]} | ${cells.join(' | ')} | ${ratio(outcomes)} | ${describeWanted(wanted)} | ${met ? '' : 'not met'} |`,
    );
  }
  return { missed, measured };
}

type Plan = { readonly advert: string; readonly runs: number };

/** In turn, so that a machine that slows down slows both. */
async function measureAll(
  makers: readonly Maker[],
  fate: Fate,
  { advert, runs }: Plan,
): Promise<Outcome[][]> {
  const outcomes: Outcome[][] = makers.map(() => []);
  for (let i = 0; i < runs; i += 1) {
    for (const [at, maker] of makers.entries()) outcomes[at]?.push(await measure(maker, fate, advert));
  }
  return outcomes;
}

function describe(outcomes: readonly Outcome[]): string {
  const outage = spread(outcomes.map(({ outageMs }) => outageMs));
  const double = outcomes.flatMap(({ doubleMs }) => doubleMs ?? []);
  const taken = outcomes.filter(({ backupAdverts = 0 }) => backupAdverts > 0).length;
  if (taken > 0) return `${outage}; ${taken} of ${outcomes.length} times the backup took over`;
  if (double.length === 0) return outage;
  const gone = double.includes(Number.POSITIVE_INFINITY) ? 'never' : `after ${spread(double)}`;
  return `${outage}; address gone ${gone}`;
}

function spread(values: readonly number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  return `${median(values).toFixed(1)} (${sorted[0]?.toFixed(1)} … ${sorted.at(-1)?.toFixed(1)})`;
}

/** Of what is too short to be seen there is none. */
function ratio([ours = [], theirs = []]: readonly Outcome[][]): string {
  const [a, b] = [ours, theirs].map(medianOutageMs);
  return a !== undefined && b !== undefined && a > 0 && b > 0 ? (a / b).toFixed(2) : '–';
}

async function measure(maker: Maker, fate: Fate, advert: string): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'lvsd-failover-'));
  const advertMs = Number(advert) * 1000;
  let outcome: Outcome = { outageMs: Number.NaN };
  try {
    await withNetwork(['a', 'b', 'client'], async (network) => {
      const client = network.host('client');
      const a = director(maker, network.host('a'), { folder, priority: 150, advert });
      const b = director(maker, network.host('b'), { folder, priority: 100, advert });
      b.start();
      if (fate !== 'preempted') a.start();
      const master = fate === 'preempted' ? b : a;
      const settled = () => a.has() === (master === a) && b.has() === (master === b);
      await eventually('one master', settled, 8 * advertMs + 8000);
      await sleep(1500);
      const adverts =
        fate === 'vrrp-killed' ? await listen(client, network.host('a'), network.host('b')) : undefined;
      let double: Promise<number> | undefined;
      const outageMs = await longestSilenceMs(client, VIP, 4 * advertMs + 4000, async () => {
        await amidAdverts(client, advertMs);
        if (fate.startsWith('all-')) double = bothHave(a, b, 4 * advertMs + 3500);
        await befall(fate, a, network.switch);
      });
      const doubleMs = await double;
      outcome = { outageMs, doubleMs, backupAdverts: adverts?.read().foreign };
      await adverts?.stop();
      a.end();
      b.end();
    });
    return outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Half an interval after an advert: what a failover takes depends on when the last one was. */
async function amidAdverts(host: Host, advertMs: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const index = Number(host.run('cat /sys/class/net/eth0/ifindex'));
    const receiver = host.enter(() =>
      openRawReceiver(
        { family: 'ipv4', protocol: 112, interface: { name: 'eth0', index }, group: '224.0.0.18' },
        () => {
          if (!(receiver instanceof SystemError)) receiver.close();
          resolve();
        },
        reject,
      ),
    );
    if (receiver instanceof SystemError) reject(receiver);
  });
  await sleep(advertMs / 2);
}

/** How long both kernels have the address, from the moment the second one has. */
async function bothHave(old: Director, next: Director, withinMs: number): Promise<number> {
  const endAt = performance.now() + withinMs;
  let takenAt = Number.NaN;
  while (performance.now() < endAt) {
    await sleep(20);
    if (Number.isNaN(takenAt) && next.has()) takenAt = performance.now();
    if (!old.has()) return Number.isNaN(takenAt) ? 0 : performance.now() - takenAt;
  }
  return Number.POSITIVE_INFINITY;
}

/** Sets the other end of the cable down, at once: a program started for that would take as long as an interval. */
function cutCable({ enter }: Network['switch'], port: string): void {
  const [socket, index] = enter(() => [openRouteSocket(), interfaceIndex(port)] as const);
  if (socket instanceof SystemError) throw socket;
  const [refused] = socket.change([setLinkUp({ name: port, index }, false)]);
  socket.close();
  if (refused !== undefined) throw refused;
}

async function befall(fate: Fate, director: Director, hub: Network['switch']): Promise<void> {
  switch (fate) {
    case 'stop':
      director.signal('SIGTERM', 'parent');
      return;
    case 'restart':
      director.signal('SIGTERM', 'parent');
      await director.ended();
      director.start();
      return;
    case 'vrrp-killed':
      director.signal('SIGKILL', 'vrrp');
      return;
    case 'all-killed':
      director.signal('SIGKILL', 'all');
      return;
    case 'all-frozen':
      director.signal('SIGSTOP', 'all');
      return;
    case 'preempted':
      director.start();
      return;
    case 'cable-cut':
      cutCable(hub, director.host.port);
      return;
  }
}
