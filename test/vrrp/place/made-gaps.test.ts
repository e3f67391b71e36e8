/** garp_interval where frames leave by an interface that was made: the gap is that of the interface below. */
import assert from 'node:assert/strict';
import type { Interface } from '../../../src/net/socket-options.js';
import type { GarpGroupConfig, InstanceConfig } from '../../../src/vrrp/config.js';
import { Announcer, announcementsOf } from '../../../src/vrrp/place/announce.js';
import { baseIn, vmacs } from '../../../src/vrrp/place/made-link.js';
import type { AddressConfig } from '../../../src/vrrp/place/network-config.js';
import { loadClean } from '../../support/config.js';
import { createFakeClock } from '../../support/fake-clock.js';
import { createFakeRoutes } from '../../support/fake-routes.js';
import { address, instance } from '../../support/instances.js';

const { links } = createFakeRoutes(['eth0', 'eth1', 'vrrp.51', 'vrrp1.51']);

const on = (name: string, text: string): AddressConfig => ({ ...address(text), interface: name });

/** What is sent of an instance's addresses within a second, as `time interface`. */
function sent(config: InstanceConfig, addresses: readonly AddressConfig[], group: GarpGroupConfig): string[] {
  const clock = createFakeClock();
  const frames: string[] = [];
  const send = ({ name }: Interface) => void frames.push(`${clock.now()} ${name}`);
  const announcer = new Announcer({ send, close: () => {} }, clock, [group], () => {});
  announcer.announce('VI_1', announcementsOf(addresses, links, vmacs(config), baseIn(config)), 1);
  clock.advance(1000);
  return frames;
}

const gaps = (...interfaces: readonly string[]) => ({ interfaces, garpIntervalMs: 5, gnaIntervalMs: 0 });

const MAC = '00:00:5e:00:01:33';
const VMAC = instance({ vmac: { interface: 'vrrp.51', macAddress: MAC, xmitBase: false } });
const OF_ADDRESS = instance({ addressVmacs: [{ interface: 'vrrp1.51', base: 'eth1', macAddress: MAC }] });
const IPVLAN = instance({ ipvlan: { interface: 'vrrp.51', mode: 'bridge' } });

describe('gaps between announcements', () => {
  for (const [what, config, name, base] of [
    ['use_vmac', VMAC, 'vrrp.51', 'eth0'],
    ['use_ipvlan', IPVLAN, 'vrrp.51', 'eth0'],
    ['use_vmac of an address', OF_ADDRESS, 'vrrp1.51', 'eth1'],
  ] as const) {
    it(`${what}: those of ${base}, together with what leaves by it directly`, () => {
      const addresses = [on(name, '192.0.2.1'), on(base, '192.0.2.2'), on(name, '192.0.2.3')];
      assert.deepEqual(sent(config, addresses, gaps(base)), [`0 ${name}`, `5 ${base}`, `10 ${name}`]);
    });
  }

  it('a group may name what is made as well', () => {
    const addresses = [on('vrrp.51', '192.0.2.1'), on('vrrp.51', '192.0.2.2'), on('eth0', '192.0.2.3')];
    assert.deepEqual(sent(VMAC, addresses, gaps('vrrp.51')), ['0 eth0', '0 vrrp.51', '5 vrrp.51']);
  });

  it('vrrp_garp_interval is for every interface that addresses are on', () => {
    const { vrrp } = loadClean(`global_defs {
      vrrp_garp_interval 0.5
    }
    garp_group {
      garp_interval 0.1
      interface eth3
    }
    vrrp_instance A {
      interface eth0
      virtual_router_id 51
      use_vmac
      virtual_ipaddress {
        10.0.0.1
        10.1.0.1 dev eth1
        10.2.0.1 dev eth2 use_vmac
        10.3.0.1 dev eth3
      }
    }`);
    assert.deepEqual(
      vrrp?.garpGroups.map(({ interfaces, garpIntervalMs }) => `${interfaces} ${garpIntervalMs}`),
      ['eth3 100', 'eth0 500', 'eth1 500', 'eth2 500'],
    );
  });
});
