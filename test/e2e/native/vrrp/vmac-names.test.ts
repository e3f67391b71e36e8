/** One virtual router number on several interfaces with use_vmac: all work, are called as by keepalived, and a reload leaves them so. */
import assert from 'node:assert/strict';
import { Daemon } from '../../../support/daemon.js';
import { Keepalived } from '../../../support/keepalived.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';

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

/** On a wire of their own each. */
function addInterfaces(host: Host): void {
  for (const [number, name] of [
    [79, 'eth1'],
    [80, 'eth2'],
  ] as const) {
    host.run(`ip link add ${name} type veth peer name ${name}p`);
    for (const end of [name, `${name}p`]) host.run(`ip link set ${end} up`);
    host.run(`ip addr add 10.${number}.0.1/24 dev ${name}`);
  }
}

/** In both families, of the instance and of single addresses. */
const MIXED = `vrrp_instance A {
  interface eth0
  virtual_router_id 51
  version 3
  advert_int 0.1
  use_vmac
  use_vmac_addr
  virtual_ipaddress {
    10.77.0.100/24
    10.79.0.100/24 dev eth1
  }
  virtual_ipaddress_excluded {
    fd79::100/64 dev eth1
    fd77::100/64 dev eth0
    10.79.0.101/24 dev eth1
  }
}
vrrp_instance B {
  interface eth2
  virtual_router_id 51
  version 3
  advert_int 0.1
  use_vmac
  virtual_ipaddress {
    10.80.0.100/24
  }
}
vrrp_instance C {
  interface eth0
  virtual_router_id 52
  version 3
  advert_int 0.1
  virtual_ipaddress {
    10.77.0.102/24 use_vmac
  }
}
`;

const MIXED_ADDRESSES = [...MIXED.matchAll(/\S+\/(?:24|64)/g)].map(([address]) => address);

/** Of the made interfaces `name@base MAC`, and the addresses on each. */
function madeOn({ run }: Host): string[] {
  const of = (what: string, column: number) =>
    [...run(`ip -br ${what}`).matchAll(/^vrrp\S+ .*$/gm)].map(([line]) =>
      line.trim().split(/ +/).slice(column),
    );
  const [links, addresses] = [of('link', 2), of('addr', 2)];
  const names = of('link', 0).map(([name]) => name);
  return names.map((name, i) => {
    const own = addresses[i]?.filter((each) => !each.startsWith('fe80:'));
    return `${name} ${links[i]?.[0]} ${own?.sort().join(' ')}`;
  });
}

describe('one number on two interfaces with use_vmac', () => {
  it('both are master, and stay it by their interfaces when reloads bring another one before them and end one', () =>
    withNetwork(['a'], async (network) => {
      const host = network.host('a');
      addInterfaces(host);
      const shows = (name: string, address: string) =>
        new RegExp(`^${name.replace('.', '\\.')}@\\S+ +UP .*${address}/24`, 'm').test(
          host.run('ip -br addr'),
        );
      const daemon = new Daemon(host.namespace);
      const until = (what: string, condition: () => boolean) =>
        eventually(what, condition).catch((error: Error) => {
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

  it('in both families, of instances and of single addresses: what a real keepalived makes of the same file', () =>
    withNetwork(['a'], async (network) => {
      const host = network.host('a');
      addInterfaces(host);
      const whole = async (log: () => string) => {
        const there = () => MIXED_ADDRESSES.every((each) => host.run('ip -br addr').includes(` ${each} `));
        await eventually('all addresses', there).catch((error: Error) => {
          throw new Error(`${error.message}\n${host.run('ip -br addr')}${log()}`);
        });
        return madeOn(host);
      };
      const keepalived = new Keepalived(host);
      const daemon = new Daemon(host.namespace);
      try {
        keepalived.start(MIXED);
        const expected = await whole(() => keepalived.log);
        await keepalived.stop();
        assert.deepEqual([expected.length, madeOn(host)], [6, []]);
        daemon.configure(MIXED);
        daemon.start('-P');
        assert.deepEqual(await whole(() => daemon.log), expected);
      } finally {
        await daemon.dispose();
        await keepalived.dispose();
      }
    }));
});
