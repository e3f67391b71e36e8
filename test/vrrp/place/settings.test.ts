/** Which kernel settings a configuration needs. */
import assert from 'node:assert/strict';
import { neededSettings } from '../../../src/vrrp/place/settings.js';
import { address, instance, vrrpConfig } from '../../support/instances.js';

const MAC = '00:00:5e:00:01:33';
const vmac = { interface: 'vrrp.51', macAddress: MAC, xmitBase: false };
const addressVmacs = [{ interface: 'vrrp1.51', base: 'eth1', macAddress: MAC }];
const BELOW = (name: string) => [
  `conf/${name}/arp_announce 2`,
  `conf/${name}/arp_ignore 1`,
  `conf/${name}/arp_filter 1`,
];
const QUIET = 'igmp_link_local_mcast_reports 0';

function needed(change: Parameters<typeof instance>[0], disableLocalIgmp = false): readonly string[] {
  const { process, ...rest } = vrrpConfig([instance(change)]);
  const settings = neededSettings({ ...rest, process: { ...process, disableLocalIgmp } });
  return [...settings].map(([path, value]) => `${path.replace('/proc/sys/net/ipv4/', '')} ${value}`);
}

describe('vrrp/settings', () => {
  for (const [what, settings, expected] of [
    ['nothing where nothing is asked for', needed({}), []],
    ['disable_local_igmp', needed({}, true), [QUIET]],
    ['use_vmac: silence, and quiet ARP below', needed({ vmac }), [QUIET, ...BELOW('eth0')]],
    ['vmac_xmit_base hears nothing on it', needed({ vmac: { ...vmac, xmitBase: true } }), BELOW('eth0')],
    ['IPv6 has no IGMP', needed({ vmac, addresses: ['fe80::1'] }), BELOW('eth0')],
    ['macvlans of addresses', needed({ addressVmacs }), BELOW('eth1')],
    ['an ipvlan', needed({ ipvlan: { interface: 'v', mode: 'bridge' } }), BELOW('eth0').slice(0, 1)],
    [
      'promote_secondaries where its IPv4 addresses are',
      needed({
        promoteSecondaries: true,
        excludedAddresses: [
          { ...address('192.0.2.9'), interface: 'eth5' },
          { ...address('fd00::1'), interface: 'eth6' },
        ],
      }),
      ['conf/eth0/promote_secondaries 1', 'conf/eth5/promote_secondaries 1'],
    ],
    [
      'promote_secondaries on its macvlan',
      needed({ promoteSecondaries: true, vmac }),
      [QUIET, ...BELOW('eth0'), 'conf/vrrp.51/promote_secondaries 1'],
    ],
  ] as const) {
    it(what, () => assert.deepEqual(settings, expected));
  }
});
