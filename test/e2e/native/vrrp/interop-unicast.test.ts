/** VRRPv3 by unicast with a real keepalived as the peer. */
import { claimInterop, OFTEN_MS, VIP } from '../../../support/interop.js';

describe('interoperation with keepalived by unicast', () => {
  claimInterop({
    name: 'unicast',
    vip: VIP,
    lvsd: { advertIntMs: OFTEN_MS },
    transport: (self, peer) => ({
      kind: 'unicast',
      peers: [{ address: peer.ipv4 }],
      sourceAddress: self.ipv4,
      ttl: 255,
      checkSource: true,
      faultNoPeer: false,
      oldChecksum: 'auto',
    }),
    keepalived: (self, peer) =>
      `version 3\n advert_int ${OFTEN_MS / 1000}\n unicast_src_ip ${self.ipv4}\n unicast_peer {\n ${peer.ipv4}\n }\n virtual_ipaddress {\n ${VIP}/24\n }`,
  });
});
