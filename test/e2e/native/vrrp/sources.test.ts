/** From where adverts leave and in which form, by what the file says of it: a keepalived that reads the same hears them. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { load } from '../../../support/config.js';
import { instance, vrrpConfig } from '../../../support/instances.js';
import { Keepalived } from '../../../support/keepalived.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const VIP = '10.77.0.100';
const SECOND = '10.77.0.77';
const ADVERT_MS = 500;

function blockOf(priority: number, lines: string): string {
  return `vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    version 3
    advert_int ${ADVERT_MS / 1000}
    priority ${priority}
    ${lines}
    virtual_ipaddress {
      ${VIP}/24
    }
  }\n`;
}

type Lines = (self: Host, peer: Host) => string;

/** How one director and the other name where adverts go, and what both have in global_defs. */
const WAYS: readonly (readonly [claim: string, lvsd: Lines, keepalived: Lines, globals?: string])[] = [
  [
    'mcast_src_ip is the source to unicast peers too, and check_unicast_src there lets it in',
    (_, peer) => `mcast_src_ip ${SECOND}\nunicast_peer {\n${peer.ipv4}\n}`,
    () => `unicast_peer {\n${SECOND}\n}\ncheck_unicast_src`,
  ],
  ['unicast_peer without a peer is multicast on both', () => 'unicast_peer {\n}', () => 'unicast_peer {\n}'],
  [
    'v3_checksum_as_v2 off in global_defs is off, as for a keepalived that has not got the keyword',
    () => '',
    () => '',
    'global_defs {\nv3_checksum_as_v2 off\n}\n',
  ],
];

describe('adverts, by the file', () => {
  for (const [claim, ours, theirs, globals = ''] of WAYS) {
    it(claim, async () => {
      await withNetwork(['l', 'k'], async (network) => {
        const [l, k] = [network.host('l'), network.host('k')];
        l.run(`ip addr add ${SECOND}/24 dev eth0`);
        const lvsd = new VrrpProcess(l);
        const keepalived = new Keepalived(k);
        try {
          await lvsd.start(load(globals + blockOf(150, ours(l, k))).config?.vrrp ?? assert.fail('no VRRP'));
          await lvsd.until('MASTER');
          keepalived.start(globals + blockOf(100, theirs(k, l)));
          await eventually('keepalived is backup', () => /Entering BACKUP STATE/.test(keepalived.log));
          await sleep(3 * ADVERT_MS + 1500);
          assert.equal(keepalived.masterships, 0, keepalived.log);
          assert.equal((await lvsd.instance()).state, 'MASTER');
        } finally {
          await Promise.all([lvsd.dispose(), keepalived.dispose()]);
        }
      });
    });
  }

  it('an advert that cannot be made is an error in the log, and the others go out', async () => {
    await withNetwork(['l'], async (network) => {
      const lvsd = new VrrpProcess(network.host('l'));
      try {
        const owner = { initialState: 'MASTER', priority: 255, advertIntMs: 100 } as const;
        const transport = { kind: 'multicast', group: '224.0.0.18', sourceAddress: 'fe80::1' } as const;
        const broken = instance({ ...owner, transport });
        const sound = instance({ ...owner, name: 'VI_2', virtualRouterId: 52, addresses: [VIP] });
        await lvsd.start(vrrpConfig([broken, sound]));
        const families = /send "to 224\.0\.0\.18": EINVAL: .*two families/;
        await eventually('the error in the log', () => families.test(lvsd.log));
        while ((await lvsd.instance('VI_2')).counts.advertsSent < 4) await sleep(20);
        assert.equal((await lvsd.instance()).counts.advertsSent, 0);
      } finally {
        await lvsd.dispose();
      }
    });
  });
});
