/** VRRPv3 over IPv6 with a real keepalived as the peer. */
import { claimInterop, OFTEN_MS, VIP6 } from '../../../support/interop.js';

describe('interoperation with keepalived over IPv6', () => {
  claimInterop({
    name: 'IPv6',
    vip: VIP6,
    lvsd: { advertIntMs: OFTEN_MS },
    keepalived: () =>
      `version 3\n advert_int ${OFTEN_MS / 1000}\n virtual_ipaddress {\n fe80::64\n ${VIP6}\n }`,
  });
});
