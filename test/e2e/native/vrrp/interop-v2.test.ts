/** VRRPv2 with a real keepalived as the peer. */
import { claimInterop, claimPriorityZero, VIP, type Way } from '../../../support/interop.js';

const WAY: Way = {
  name: 'VRRPv2 with a password',
  vip: VIP,
  lvsd: { version: 2, advertIntMs: 1000, authentication: { type: 'PASS', password: 's3cret' } },
  keepalived: () =>
    `version 2\n advert_int 1\n authentication {\n auth_type PASS\n auth_pass s3cret\n }\n virtual_ipaddress {\n ${VIP}/24\n }`,
};

describe('interoperation with keepalived by VRRPv2', () => {
  claimInterop(WAY);
  claimPriorityZero(WAY);
});
