/** A neighbour that floods a pair of directors with junk: whether adverts keep their beat. lvsd and keepalived in turn. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Status } from '../src/admin/status.js';
import { eventually, withNetwork } from '../test/support/namespaces.js';
import { type Adverts, listen } from './adverts.js';
import type { Bench } from './bench.js';
import { director, type Maker } from './directors.js';
import { runMs, sum } from './processes.js';
import { watchStandstill } from './standstill.js';

export const flood: Bench = {
  name: 'flood',
  summary: 'the longest gap between adverts, and takeovers, while a neighbour floods the directors with junk',
  usage: '[--runs 5] [--rate 20000] [--seconds 15] [--advert 0.01] [--only lvsd|keepalived]',
  run,
};

const FLOOD = fileURLToPath(new URL('../test/support/flood.js', import.meta.url));
const LVSD = fileURLToPath(new URL('../../bin/lvsd', import.meta.url));
const GROUP = '224.0.0.18';

type Options = { readonly rate: string; readonly seconds: number; readonly advert: string };
/** CPU in ms a second; for how long the machine stood still. */
type Outcome = Adverts & {
  readonly masterMs: number;
  readonly backupMs: number;
  readonly stillMs: number;
  /** Of all packets of the flood: those the backup has counted by reason, in per cent. */
  readonly counted: number;
};

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '5' },
      rate: { type: 'string', default: '20000' },
      seconds: { type: 'string', default: '15' },
      advert: { type: 'string', default: '0.01' },
      only: { type: 'string' },
    },
  });
  const options = { rate: values.rate, seconds: Number(values.seconds), advert: values.advert };
  const makers = (['lvsd', 'keepalived'] as const).filter((maker) => (values.only ?? maker) === maker);
  let blamed = 0;
  console.log(
    '| | longest gap, ms | machine stood still, ms | adverts of the backup | CPU of the master | of the backup, ms a second | junk counted |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (let i = 0; i < Number(values.runs); i += 1) {
    for (const maker of makers) {
      const { longestGapMs, stillMs, foreign, masterMs, backupMs, counted } = await measure(maker, options);
      const [gap, still, master, backup] = [longestGapMs, stillMs, masterMs, backupMs].map((ms) =>
        ms.toFixed(1),
      );
      const share = maker === 'lvsd' ? `${counted.toFixed(2)} %` : '–';
      console.log(`| ${maker} | ${gap} | ${still} | ${foreign} | ${master} | ${backup} | ${share} |`);
      if (maker === 'lvsd' && foreign > 0 && stillMs < Number(options.advert) * 1000) blamed += 1;
    }
  }
  return blamed === 0 ? 0 : 1;
}

async function measure(maker: Maker, { rate, seconds, advert }: Options): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'lvsd-flood-'));
  let outcome: Outcome | undefined;
  try {
    await withNetwork(['a', 'b', 'client'], async (network) => {
      const client = network.host('client');
      const a = director(maker, network.host('a'), { folder, priority: 150, advert });
      const b = director(maker, network.host('b'), { folder, priority: 100, advert });
      a.start();
      await eventually('a master', a.has, 15_000);
      b.start();
      await sleep(3000);
      const machine = watchStandstill(folder);
      const listener = await listen(client, a.host, b.host);
      await sleep(500);
      listener.read();
      machine.read();
      const before = [a, b].map((each) => runMs(each.pid()));
      const flooding = client.start(
        `${process.execPath} ${FLOOD} ${client.ipv4} ${GROUP} ${rate} ${seconds}`,
      );
      let sent = '';
      flooding.stdout?.on('data', (data: Buffer) => {
        sent += data.toString();
      });
      await once(flooding, 'close');
      const [masterMs = 0, backupMs = 0] = [a, b].map(
        (each, i) => (runMs(each.pid()) - (before[i] ?? 0)) / seconds,
      );
      const counted = maker === 'lvsd' ? dropsOf(join(folder, '100')) / Number(sent) : 0;
      outcome = {
        ...listener.read(),
        masterMs,
        backupMs,
        stillMs: machine.read(),
        counted: counted * 100,
      };
      await Promise.all([listener.stop(), machine.stop()]);
      a.end();
      b.end();
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (outcome === undefined) throw new Error('nothing was measured');
  return outcome;
}

/** Packets dropped by a director of lvsd so far, for whatever reason. */
function dropsOf(stateDir: string): number {
  const argv = [LVSD, 'status', '--json', '--state-dir', stateDir];
  const { vrrp } = JSON.parse(execFileSync(process.execPath, argv, { encoding: 'utf8' })) as Status;
  if (vrrp === undefined || !('instances' in vrrp)) throw new Error('status tells nothing of VRRP');
  const tallies = [vrrp.drops, ...vrrp.instances.map(({ counts }) => counts.drops)];
  return sum(tallies.flatMap((tally) => Object.values(tally)));
}
