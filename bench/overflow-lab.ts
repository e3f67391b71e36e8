/** What the benches of overflow share: a configuration, and who directs by it. */
import { Daemon } from '../lab/daemon.js';
import { parseTable, type TableServer } from '../lab/ipvs.js';
import type { Lab } from '../lab/lab.js';
import { ADDRESS, type HostName, VIP } from '../lab/topology.js';

export const HOSTS: readonly HostName[] = ['client', 'd1', 'rs1', 'rs2', 'sorry'];

const CONF = '/run/bench.conf';
const START_MS = 180_000;

/** Two servers and a sorry server. `lines`: of the virtual server; `server`: of each real server. */
export function configuration(lines: string, server = 'uthreshold 50'): string {
  const real = (['rs1', 'rs2'] as const).map((name) => `real_server ${ADDRESS[name].v4} 80 {\n${server}\n}`);
  return `virtual_server ${VIP.v4} 80 {
lb_kind DR
protocol TCP
delay_loop 1
sorry_server ${ADDRESS.sorry.v4} 80
${lines}
${real.join('\n')}
}
`;
}

/** Starts lvsd, and waits until the real servers are in the table. */
export async function direct(lab: Lab, config: string): Promise<Daemon> {
  await rewrite(lab, config);
  const lvsd = await Daemon.start(lab.host('d1'), { file: CONF });
  await served(lab);
  return lvsd;
}

/** The same with keepalived. */
export async function directByKeepalived(lab: Lab, config: string): Promise<void> {
  await rewrite(lab, config);
  const argv = ['keepalived', '-C', '-n', '-G', '-f', CONF];
  await lab.host('d1').launch(argv, '/run/bench-keepalived.log');
  await served(lab);
}

/** Another file, for a reload. */
export async function rewrite(lab: Lab, config: string): Promise<void> {
  await lab.host('d1').write(CONF, config);
}

function served(lab: Lab): Promise<void> {
  return until(async () => (await serversOf(lab)).filter(({ weight }) => weight > 0).length >= 2);
}

/** The servers of the one service there is. */
async function serversOf(lab: Lab): Promise<readonly TableServer[]> {
  const [service] = parseTable(await lab.host('d1').output(['cat', '/proc/net/ip_vs']));
  return service?.servers ?? [];
}

async function until(claim: () => Promise<boolean>): Promise<void> {
  for (const endAt = performance.now() + START_MS; performance.now() < endAt; ) {
    if (await claim().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not so within ${START_MS / 1000} s`);
}
