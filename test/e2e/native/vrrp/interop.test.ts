/** VRRPv3 with a real keepalived as the peer. */
import { claimInterop, claimPriorityZero, OFTEN_MS, VIP, type Way } from '../../../support/interop.js';

function way(advertIntMs: number): Way {
  return {
    name: 'VRRPv3',
    vip: VIP,
    lvsd: { advertIntMs },
    keepalived: () => `version 3\n advert_int ${advertIntMs / 1000}\n virtual_ipaddress {\n ${VIP}/24\n }`,
  };
}

describe('interoperation with keepalived', () => {
  claimInterop(way(OFTEN_MS));
  // As keepalived has it where nothing is said.
  claimPriorityZero(way(1000));
});
