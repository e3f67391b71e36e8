/** VRRPv3 with a real keepalived as the peer. */
import { claimInterop, claimPriorityZero, VIP, VIP6, type Way } from '../../../support/interop.js';

const WAYS: readonly Way[] = [
  {
    name: 'VRRPv3',
    vip: VIP,
    lvsd: { advertIntMs: 200 },
    keepalived: () => `version 3\n advert_int 0.2\n virtual_ipaddress {\n ${VIP}/24\n }`,
  },
  {
    name: 'IPv6',
    vip: VIP6,
    lvsd: { advertIntMs: 200 },
    keepalived: () => `version 3\n advert_int 0.2\n virtual_ipaddress {\n fe80::64\n ${VIP6}\n }`,
  },
  {
    name: 'unicast',
    vip: VIP,
    lvsd: { advertIntMs: 200 },
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
      `version 3\n advert_int 0.2\n unicast_src_ip ${self.ipv4}\n unicast_peer {\n ${peer.ipv4}\n }\n virtual_ipaddress {\n ${VIP}/24\n }`,
  },
];

/** As keepalived has it where nothing is said. */
const A_SECOND: Way = {
  name: 'VRRPv3',
  vip: VIP,
  lvsd: { advertIntMs: 1000 },
  keepalived: () => `version 3\n advert_int 1\n virtual_ipaddress {\n ${VIP}/24\n }`,
};

describe('interoperation with keepalived', function () {
  this.timeout(60_000);
  for (const way of WAYS) claimInterop(way);
  claimPriorityZero(A_SECOND);
});
