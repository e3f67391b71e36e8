/**
 * Fast adverts on a machine that has no time for them: programs that use all of the processors, and a director that checks thousands of
 * servers. lvsd and keepalived in turn.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { eventually, type Host, withNetwork } from '../test/support/namespaces.js';
import { type Listener, listen } from './adverts.js';
import type { Bench } from './bench.js';
import { checking, type Director, director, type Maker } from './directors.js';
import { netCounter } from './processes.js';
import { configuration, PORT, SERVER_MAIN } from './servers.js';
import { type Standstill, watchStandstill } from './standstill.js';

export const hogs: Bench = {
  name: 'hogs',
  summary:
    'adverts of 10 ms while all processors are busy and thousands of servers are checked: false failovers',
  usage:
    '[--minutes 10] [--advert 0.01] [--hogs 4] [--servers 5000] [--only lvsd|keepalived] [--real-time: keepalived too]',
  run,
};

type Options = {
  readonly minutes: number;
  readonly advert: string;
  readonly hogs: number;
  readonly servers: number;
  readonly realTime: boolean;
};

const SAMPLE_MS = 60_000;
const WARM_UP_MS = 10_000;
/** The checks go on at their rate, and the hogs get what is left. */
const AHEAD = 'nice -n -15';
const BURN = 'while(true){}';

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      advert: { type: 'string', default: '0.01' },
      hogs: { type: 'string', default: '4' },
      servers: { type: 'string', default: '5000' },
      only: { type: 'string' },
      'real-time': { type: 'boolean', default: false },
    },
  });
  const options = {
    minutes: Number(values.minutes),
    advert: values.advert,
    hogs: Number(values.hogs),
    servers: Number(values.servers),
    realTime: values['real-time'],
  };
  let takenOver = 0;
  for (const maker of (['lvsd', 'keepalived'] as const).filter((each) => (values.only ?? each) === each)) {
    const foreign = await measure(maker, options);
    if (maker === 'lvsd') takenOver = foreign;
  }
  return takenOver === 0 ? 0 : 1;
}

/** Adverts the backup sent: nothing happened to the master, so each is of a false failover. */
async function measure(maker: Maker, options: Options): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'lvsd-hogs-'));
  const { advert, realTime } = options;
  let foreign = 0;
  try {
    await withNetwork(['a', 'b', 'client'], async (network) => {
      const [master, backup] = [network.host('a'), network.host('b')];
      const a = director(maker, master, { folder, priority: 150, advert, realTime });
      const b = director(maker, backup, { folder, priority: 100, advert, realTime });
      a.start();
      await eventually('a master', a.has, 15_000);
      b.start();
      await sleep(3000);
      const listener = await listen(network.host('client'), master, backup);
      const machine = watchStandstill(folder);
      const checks = burden(maker, master, folder, options);
      await sleep(WARM_UP_MS);
      foreign = await watch({ maker, listener, machine, checks: () => checksOf(master) }, options);
      await Promise.all([listener.stop(), machine.stop()]);
      for (const each of [checks, a, b]) each.end();
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return foreign;
}

/** Everything that competes with the adverts. The checks are to be ended; the rest ends with the network. */
function burden(maker: Maker, host: Host, folder: string, { hogs: count, servers }: Options): Director {
  const file = join(folder, 'checks.conf');
  writeFileSync(file, configuration('tcp', servers, 1));
  host.start(`${AHEAD} ${process.execPath} ${SERVER_MAIN} ${PORT}`);
  const checks = checking(maker, host, { file, folder: join(folder, 'checks'), before: AHEAD });
  checks.start();
  for (let i = 0; i < count; i += 1) host.start(`${process.execPath} -e ${BURN}`);
  return checks;
}

function checksOf(host: Host): number {
  return host.enter(() => netCounter('Tcp', 'ActiveOpens'));
}

type Watched = {
  readonly maker: Maker;
  readonly listener: Listener;
  readonly machine: Standstill;
  readonly checks: () => number;
};

/** A line a minute; the adverts of the backup in all of them. */
async function watch({ maker, listener, machine, checks }: Watched, { minutes }: Options): Promise<number> {
  let foreignInAll = 0;
  console.log(
    `\n| ${maker} | adverts | longest gap, ms | of the backup | machine stood still, ms | checks a second |`,
  );
  console.log('|---|---|---|---|---|---|');
  listener.read();
  machine.read();
  for (let minute = 1; minute <= minutes; minute += 1) {
    const before = { at: performance.now(), checks: checks() };
    await sleep(SAMPLE_MS);
    const rate = ((checks() - before.checks) * 1000) / (performance.now() - before.at);
    const { count, longestGapMs, foreign } = listener.read();
    const stillMs = machine.read();
    console.log(
      `| minute ${minute} | ${count} | ${longestGapMs.toFixed(1)} | ${foreign} | ${stillMs.toFixed(1)} | ${rate.toFixed(0)} |`,
    );
    foreignInAll += foreign;
  }
  return foreignInAll;
}
