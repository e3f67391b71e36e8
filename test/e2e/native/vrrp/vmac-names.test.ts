/** One virtual router number on two interfaces with use_vmac: both work, and a reload leaves them their interfaces. */
import assert from 'node:assert/strict';
import { Daemon } from '../../../support/daemon.js';
import { eventually, withNetwork } from '../../../support/namespaces.js';

function lines(name: string, dev: string, address: string): string {
  return `vrrp_instance ${name} {
  interface ${dev}
  virtual_router_id 51
  version 3
  advert_int 0.1
  use_vmac
  virtual_ipaddress {
    ${address}
  }
}\n`;
}

const A = lines('A', 'eth0', '10.77.0.100/24');
const B = lines('B', 'eth1', '10.79.0.100/24');

describe('one number on two interfaces with use_vmac', function () {
  this.timeout(40_000);

  it('both are master, and stay it by their interfaces when reloads bring another one before them and end one', () =>
    withNetwork(['a'], async (network) => {
      const host = network.host('a');
      for (const [number, name] of [
        [79, 'eth1'],
        [80, 'eth2'],
      ] as const) {
        host.run(`ip link add ${name} type veth peer name ${name}p`);
        for (const end of [name, `${name}p`]) host.run(`ip link set ${end} up`);
        host.run(`ip addr add 10.${number}.0.1/24 dev ${name}`);
      }
      const shows = (name: string, address: string) =>
        new RegExp(`^${name.replace('.', '\\.')}@\\S+ +UP .*${address}/24`, 'm').test(
          host.run('ip -br addr'),
        );
      const daemon = new Daemon(host.namespace);
      const until = (what: string, condition: () => boolean) =>
        eventually(what, condition, 10_000).catch((error: Error) => {
          throw new Error(`${error.message}\n${host.run('ip -br addr')}${daemon.log}`);
        });
      const both = () => shows('vrrp.51', '10.77.0.100') && shows('vrrp1.51', '10.79.0.100');
      try {
        daemon.configure(A + B);
        daemon.start('-P');
        await until('both', both);
        daemon.configure(lines('C', 'eth2', '10.80.0.100/24') + B + A);
        assert.equal((await daemon.command('reload')).code, 0);
        await until('the new one', () => shows('vrrp2.51', '10.80.0.100'));
        assert.ok(both(), host.run('ip -br addr'));
        daemon.configure(lines('C', 'eth2', '10.80.0.100/24') + B);
        assert.equal((await daemon.command('reload')).code, 0);
        await until('the end of the first', () => !host.run('ip -br addr').includes('vrrp.51'));
        assert.ok(shows('vrrp1.51', '10.79.0.100') && shows('vrrp2.51', '10.80.0.100'));
        assert.doesNotMatch(daemon.log, /another virtual router now|FAULT|WARN|ERROR/);
      } finally {
        await daemon.dispose();
      }
    }));
});
