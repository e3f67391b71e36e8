/** docs/operations.md, "From keepalived to lvsd on a live pair": step by step, while a client pings the address. */
import assert from 'node:assert/strict';
import type { InstanceStatus } from '../../../../src/vrrp/status.js';
import { Daemon } from '../../../support/daemon.js';
import { Keepalived } from '../../../support/keepalived.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { Pings } from '../../../support/pings.js';

const VIP = '10.77.0.100';

/** As keepalived has it where nothing is said: VRRPv2, an advert a second. Both read the same text. */
function configuration(priority: number): string {
  return `vrrp_instance VI_1 {
  state BACKUP
  interface eth0
  virtual_router_id 51
  priority ${priority}
  authentication {
    auth_type PASS
    auth_pass s3cret
  }
  virtual_ipaddress {
    ${VIP}/24
  }
}\n`;
}

type Director = { readonly host: Host; readonly keepalived: Keepalived; readonly lvsd: Daemon };

function has({ host }: Director): boolean {
  return host.run('ip -br addr show dev eth0').includes(`${VIP}/`);
}

/** keepalived is stopped, and lvsd is started with the same file. */
async function replace({ keepalived, lvsd }: Director, priority: number): Promise<void> {
  await keepalived.stop();
  lvsd.configure(configuration(priority));
  lvsd.start();
  await is(lvsd, 'BACKUP');
}

async function reload({ lvsd }: Director, priority: number): Promise<void> {
  lvsd.configure(configuration(priority));
  assert.equal((await lvsd.command('reload')).code, 0);
}

async function is(lvsd: Daemon, state: InstanceStatus['state']): Promise<void> {
  await lvsd.until(({ vrrp }) => {
    const [instance] = vrrp !== undefined && 'instances' in vrrp ? vrrp.instances : [];
    return instance?.state === state;
  });
}

describe('from keepalived to lvsd on a live pair', () => {
  it('no ping is lost on the whole way, and each step ends with one master', async () => {
    await withNetwork(['lb1', 'lb2', 'client'], async (network) => {
      const director = (name: string): Director => {
        const host = network.host(name);
        return { host, keepalived: new Keepalived(host), lvsd: new Daemon(host.namespace) };
      };
      const [lb1, lb2] = [director('lb1'), director('lb2')];
      const owner = (one: Director, other: Director) =>
        eventually('one has the address', () => has(one) && !has(other)).catch((error: Error) => {
          throw new Error([error.message, lb1, lb2].map(logOf).join('\n'));
        });
      try {
        lb1.keepalived.start(configuration(150));
        await owner(lb1, lb2);
        lb2.keepalived.start(configuration(100));
        await eventually('a backup', () => /Entering BACKUP STATE/.test(lb2.keepalived.log));
        const pings = await Pings.start(network.host('client'), VIP);
        // Steps 1 to 3.
        await replace(lb2, 100);
        await owner(lb1, lb2);
        // Step 4.
        await reload(lb2, 200);
        await is(lb2.lvsd, 'MASTER');
        await owner(lb2, lb1);
        // Step 5.
        await replace(lb1, 150);
        await owner(lb2, lb1);
        await reload(lb2, 100);
        await is(lb1.lvsd, 'MASTER');
        await is(lb2.lvsd, 'BACKUP');
        await owner(lb1, lb2);
        assert.deepEqual(await pings.stop(), []);
        assert.equal(lb1.keepalived.masterships, 1);
        assert.equal(lb2.keepalived.masterships, 0);
      } finally {
        await Promise.all(
          [lb1, lb2].flatMap(({ keepalived, lvsd }) => [keepalived.dispose(), lvsd.dispose()]),
        );
      }
    });
  });
});

function logOf(what: string | Director): string {
  return typeof what === 'string' ? what : `${what.keepalived.log}\n${what.lvsd.log}`;
}
