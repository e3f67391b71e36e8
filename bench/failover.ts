/** How long a client goes without an answer when something happens to the master: lvsd and keepalived in turn, on the same pair. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { eventually, type Host, sleep, withNetwork } from '../test/support/namespaces.js';
import type { Bench } from './bench.js';
import { longestSilenceMs } from './silence.js';

const VIP = '10.77.0.100';
const lvsd = fileURLToPath(new URL('../../bin/lvsd', import.meta.url));

const FATES = [
  'stop',
  'restart',
  'vrrp-killed',
  'all-killed',
  'all-frozen',
  'preempted',
  'cable-cut',
] as const;
type Fate = (typeof FATES)[number];
type Maker = 'lvsd' | 'keepalived';
type Outcome = {
  readonly outageMs: number;
  /** Whether the old master's kernel still has the address 4 s later; where it ought to have let it go. */
  readonly stays: boolean;
};

export const failover: Bench = {
  name: 'failover',
  summary:
    'outage as a client sees it that pings the address each millisecond, by what happens to the master',
  usage: `[--runs 5] [--advert 1] [--fate ${FATES.join('|')}] [--only lvsd|keepalived]`,
  run,
};

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: '5' },
      advert: { type: 'string', default: '1' },
      fate: { type: 'string' },
      only: { type: 'string' },
    },
  });
  const makers = (['lvsd', 'keepalived'] as const).filter(
    (maker) => values.only === undefined || values.only === maker,
  );
  console.log(
    `adverts every ${values.advert} s, median of ${values.runs} (least … most), ms without an answer`,
  );
  for (const fate of FATES.filter((each) => values.fate === undefined || values.fate === each)) {
    const cells: string[] = [];
    for (const maker of makers) {
      const outcomes: Outcome[] = [];
      for (let i = 0; i < Number(values.runs); i += 1)
        outcomes.push(await measure(maker, fate, values.advert));
      cells.push(`${maker} ${describe(outcomes)}`);
    }
    console.log(`${fate.padEnd(12)} ${cells.join('   ')}`);
  }
  return 0;
}

function describe(outcomes: readonly Outcome[]): string {
  const sorted = outcomes.map(({ outageMs }) => outageMs).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const stays = outcomes.some((outcome) => outcome.stays) ? ', ADDRESS STAYS ON BOTH' : '';
  return `${median.toFixed(1)} (${sorted[0]?.toFixed(1)} … ${sorted.at(-1)?.toFixed(1)})${stays}`;
}

async function measure(maker: Maker, fate: Fate, advert: string): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'lvsd-failover-'));
  let outcome: Outcome = { outageMs: Number.NaN, stays: false };
  try {
    await withNetwork(['a', 'b', 'client'], async (network) => {
      const [a, b] = [director(network.host('a'), 150), director(network.host('b'), 100)];
      const masterMs = Number(advert) * 4000 + 3000;
      b.start();
      await eventually('the lower one is master', () => b.has(), masterMs + 5000);
      if (fate !== 'preempted') {
        a.start();
        await eventually('the higher one alone is master', () => a.has() && !b.has(), masterMs + 8000);
      }
      await sleep(1500);
      const outageMs = await longestSilenceMs(network.host('client'), VIP, masterMs + 4000, async () => {
        await befall(fate, a);
      });
      outcome = { outageMs, stays: fate.startsWith('all-') && a.has() };
      a.end();
      b.end();
    });
    return outcome;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }

  function director(host: Host, priority: number): Director {
    const file = join(folder, `${priority}.conf`);
    writeFileSync(file, configuration(priority, advert));
    return maker === 'lvsd'
      ? startedLvsd(host, file, join(folder, `${priority}`))
      : startedKeepalived(host, file, join(folder, `${priority}`));
  }
}

async function befall(fate: Fate, director: Director): Promise<void> {
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
      director.host.unplug();
      return;
  }
}

type Director = {
  readonly host: Host;
  readonly start: () => void;
  readonly has: () => boolean;
  readonly signal: (signal: NodeJS.Signals, to: 'parent' | 'vrrp' | 'all') => void;
  readonly ended: () => Promise<void>;
  readonly end: () => void;
};

function startedLvsd(host: Host, file: string, folder: string): Director {
  const pid = (name: string) => readPid(join(folder, `${name}.pid`));
  const command = `${process.execPath} ${lvsd} run -P -f ${file} --state-dir ${folder}`;
  return made(host, command, () => ({
    vrrp: pid('lvsd-vrrp'),
    all: [pid('lvsd'), pid('lvsd-vrrp'), pid('lvsd-lvs')],
  }));
}

function startedKeepalived(host: Host, file: string, folder: string): Director {
  const [parent, vrrp] = [`${folder}.pid`, `${folder}.vrrp.pid`];
  const command = `keepalived -P -n -l -f ${file} -p ${parent} -r ${vrrp}`;
  return made(host, command, () => ({ vrrp: readPid(vrrp), all: [readPid(parent), readPid(vrrp)] }));
}

type Pids = () => { readonly vrrp: number | undefined; readonly all: readonly (number | undefined)[] };

function made(host: Host, command: string, pids: Pids): Director {
  let child: ChildProcess | undefined;
  const kill = (pid: number | undefined, signal: NodeJS.Signals) => {
    try {
      if (pid !== undefined) process.kill(pid, signal);
    } catch {
      // It has ended already.
    }
  };
  return {
    host,
    start: () => {
      child = host.start(command);
      for (const stream of [child.stdout, child.stderr]) stream?.resume();
    },
    has: () => host.run('ip -br addr show dev eth0').includes(`${VIP}/`),
    signal: (signal, to) => {
      const { vrrp, all } = pids();
      if (to === 'all') for (const pid of all) kill(pid, signal);
      else kill(to === 'vrrp' ? vrrp : child?.pid, signal);
    },
    ended: () => eventually('the end', () => child?.exitCode !== null || child.signalCode !== null, 15_000),
    end: () => {
      for (const pid of pids().all) kill(pid, 'SIGKILL');
    },
  };
}

function readPid(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function configuration(priority: number, advert: string): string {
  return `vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  version 3
  priority ${priority}
  advert_int ${advert}
  virtual_ipaddress {
    ${VIP}/24
  }
}\n`;
}
