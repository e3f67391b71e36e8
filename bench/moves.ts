/** What clients lose while the addresses move by plan, a director stopped and started under load: lvsd and keepalived in turn. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Host } from '../lab/host.js';
import { Lab } from '../lab/lab.js';
import { Load } from '../lab/load.js';
import { DIRECTORS, type DirectorName, Pair } from '../lab/pair.js';
import type { Asked } from '../lab/request.js';
import { serving } from '../lab/serving.js';
import { summarise } from '../lab/summary.js';
import { ADDRESS, GATEWAY, VIP } from '../lab/topology.js';
import { Watch } from '../lab/watch.js';
import type { Bench } from './bench.js';

const CONF = '/run/bench.conf';
const SERVERS = ['rs1', 'rs2', 'rs3'] as const;
const LONG_MS = 120_000;
/** An answer that took longer was waited for by a person. */
const SLOW_MS = 700;
/** Between two moves. */
const REST_MS = 1500;

/** A pair of directors, d1 being master; `away` and `back` resolve when the addresses have moved. */
type Directors = {
  readonly away: () => Promise<void>;
  readonly back: () => Promise<void>;
  readonly leave: () => void;
};
type Way = { readonly name: string; readonly start: (lab: Lab) => Promise<Directors> };

const WAYS: readonly Way[] = [
  { name: 'lvsd, `lvsd handover` and `--back`', start: (lab) => startLvsd(lab, 'handover') },
  { name: 'lvsd, stopped and started', start: (lab) => startLvsd(lab, 'stop') },
  { name: 'keepalived, stopped and started', start: startKeepalived },
];

export const moves: Bench = {
  name: 'moves',
  summary:
    'requests that fail or wait while the addresses move by plan, in the lab VM; exits 1 when lvsd loses any',
  usage: '[--moves 6] [--rate 50] [--kind NAT|DR] [--delay-ms 10] [--ports 33000-39000]',
  run,
};

type Course = { readonly moves: number; readonly rate: number };

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      moves: { type: 'string', default: '6' },
      rate: { type: 'string', default: '50' },
      kind: { type: 'string', default: 'NAT' },
      'delay-ms': { type: 'string', default: '10' },
      ports: { type: 'string', default: '33000-39000' },
    },
  });
  const lab = await Lab.start({ vips: false, say: (line) => console.log(line) });
  try {
    console.log(`| who | moves | requests | failed | over ${SLOW_MS} ms |\n|---|---|---|---|---|`);
    let lost = 0;
    for (const way of WAYS) {
      await lab.reset();
      await configure(lab, values.kind);
      await distance(lab.host('client'), { delayMs: values['delay-ms'], ports: values.ports });
      const asked = await measure(lab, way, { moves: Number(values.moves), rate: Number(values.rate) });
      const { requests, failed, failures } = summarise(asked);
      const slow = asked.filter((each) => 'server' in each && each.ms > SLOW_MS).length;
      const how = Object.entries(failures).map(([failure, count]) => `${count} ${failure}`);
      const fate = failed === 0 ? '0' : `${failed} (${how.join(', ')})`;
      console.log(`| ${way.name} | ${values.moves} | ${requests} | ${fate} | ${slow} |`);
      if (way.name.startsWith('lvsd')) lost += failed;
    }
    return lost === 0 ? 0 : 1;
  } finally {
    lab.stop();
  }
}

async function measure(lab: Lab, { start }: Way, { moves, rate }: Course): Promise<readonly Asked[]> {
  const directors = await start(lab);
  const load = await Load.start(lab.host('client'), { rate, deadlineMs: 20_000 });
  for (let made = 0; made < moves; made += 1) {
    await sleep(REST_MS);
    await (made % 2 === 0 ? directors.away() : directors.back());
  }
  await sleep(REST_MS);
  const asked = await load.stop();
  directors.leave();
  return asked;
}

/** Few ports are used again soon; what is on its way for long is so at a move. */
async function distance(
  client: Host,
  { delayMs, ports }: { readonly delayMs: string; readonly ports: string },
): Promise<void> {
  const range = ports.replace('-', ' ');
  await client.output(['sysctl', '-qw', `net.ipv4.ip_local_port_range=${range}`]);
  await client.output(['tc', 'qdisc', 'add', 'dev', 'eth0', 'root', 'netem', 'delay', `${delayMs}ms`]);
}

async function configure(lab: Lab, kind: string): Promise<void> {
  const reals = SERVERS.map(
    (name) => `real_server ${ADDRESS[name].v4} 80 {\nTCP_CHECK {\nconnect_timeout 5\n}\n}`,
  );
  const text = (priority: number) => `global_defs {
lvs_sync_daemon eth0 web
}
vrrp_instance web {
state BACKUP
interface eth0
virtual_router_id 51
version 3
advert_int 0.5
priority ${priority}
virtual_ipaddress {
${VIP.v4}
${GATEWAY.v4}
}
}
virtual_server ${VIP.v4} 80 {
delay_loop 1
lb_algo wrr
lb_kind ${kind}
protocol TCP
${reals.join('\n')}
}
`;
  await lab.host('d1').write(CONF, text(150));
  await lab.host('d2').write(CONF, text(100));
}

async function startLvsd(lab: Lab, how: 'handover' | 'stop'): Promise<Directors> {
  const pair = await Pair.start(lab, CONF);
  await pair.tables('complete', (table) => serving(table, SERVERS));
  await pair.master('d1');
  const moved = async (to: DirectorName, act: Promise<void>) => {
    await act;
    await pair.master(to);
  };
  return {
    away: () => moved('d2', how === 'stop' ? pair.stop('d1') : pair.handOver('d1')),
    back: () => moved('d1', how === 'stop' ? pair.run('d1') : pair.handOver('d1', '--back')),
    leave: () => pair.leave(),
  };
}

async function startKeepalived(lab: Lab): Promise<Directors> {
  const start = (name: DirectorName) =>
    lab.host(name).launch(['keepalived', '-n', '-G', '-f', CONF], '/run/bench-keepalived.log');
  let pid = await start('d1');
  await start('d2');
  const [d1, d2] = await Promise.all(DIRECTORS.map((name) => Watch.start(lab.host(name))));
  if (d1 === undefined || d2 === undefined) throw new Error('a pair has two directors');
  for (const watch of [d1, d2]) await watch.until('complete', (table) => serving(table, SERVERS), LONG_MS);
  const moved = async (to: Watch, from: Watch) => {
    await to.until('in possession of the VIP', (_, holdsVip) => holdsVip, LONG_MS);
    await from.until('rid of the VIP', (_, holdsVip) => !holdsVip, LONG_MS);
  };
  await moved(d1, d2);
  return {
    away: async () => {
      await lab.host('d1').output(['kill', '-TERM', `${pid}`]);
      await moved(d2, d1);
      await gone(lab.host('d1'), pid);
    },
    back: async () => {
      pid = await start('d1');
      await moved(d1, d2);
    },
    leave: () => {
      for (const watch of [d1, d2]) watch.stop();
    },
  };
}

async function gone(host: Host, pid: number): Promise<void> {
  while ((await host.processes()).some((each) => each.pid === pid)) await sleep(100);
}
