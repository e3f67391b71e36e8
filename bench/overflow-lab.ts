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

/** Starts who directs, and waits until the real servers are in the table. */
export async function direct(lab: Lab, who: 'lvsd' | 'keepalived', config: string): Promise<void> {
  const host = lab.host('d1');
  await host.write(CONF, config);
  if (who === 'lvsd') await Daemon.start(host, { file: CONF });
  else await host.launch(['keepalived', '-C', '-n', '-l', '-f', CONF], '/run/bench-keepalived.log');
  await until(async () => (await serversOf(lab)).filter(({ weight }) => weight > 0).length >= 2);
}

/** The servers of the one service there is. */
export async function serversOf(lab: Lab): Promise<readonly TableServer[]> {
  const [service] = parseTable(await lab.host('d1').output(['cat', '/proc/net/ip_vs']));
  return service?.servers ?? [];
}

export async function until(claim: () => Promise<boolean>): Promise<void> {
  for (const endAt = performance.now() + START_MS; performance.now() < endAt; ) {
    if (await claim().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not so within ${START_MS / 1000} s`);
}
