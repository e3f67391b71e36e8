import assert from 'node:assert/strict';
import { holdAddress } from '../../../src/net/route/addresses.js';
import { LaterChanges } from '../../../src/net/route/later.js';
import { specOf, VirtualAddresses } from '../../../src/vrrp/place/addresses.js';
import { createFakeRoutes } from '../../support/fake-routes.js';
import { address } from '../../support/instances.js';

describe('vrrp/addresses that an earlier life left with another prefix length', () => {
  for (const [left, wanted] of [
    [64, 128],
    [128, 64],
  ] as const) {
    it(`IPv6: one left behind with /${left} goes, though the file says /${wanted} now`, () => {
      const kernel = createFakeRoutes(['eth0']);
      const config = { ...address('2001:db8::1'), prefixLength: wanted };
      const vips = new VirtualAddresses(
        { ...kernel, later: new LaterChanges(kernel.socket) },
        { addresses: [config, address('2001:db8::2')], onLost: () => {}, onError: () => {} },
      );
      const forever = { valid: 'forever', preferred: 'forever' } as const;
      const before = { ...specOf(config), prefixLength: left };
      kernel.socket.change([holdAddress(before, { name: 'eth0', index: 2 }, forever)]);
      assert.deepEqual(vips.acquire(4), []);
      assert.deepEqual(kernel.addresses(), [`2001:db8::1/${left} eth0 4s`, '2001:db8::2/128 eth0 4s']);
      assert.deepEqual(vips.release(), []);
      assert.deepEqual(kernel.addresses(), []);
    });
  }
});
