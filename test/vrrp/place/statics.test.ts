/** What a reload does to static addresses, routes and rules. */
import assert from 'node:assert/strict';
import { LaterChanges } from '../../../src/net/route/later.js';
import type { VrrpConfig } from '../../../src/vrrp/config.js';
import { createStatics, type Statics } from '../../../src/vrrp/place/statics.js';
import { createFakeRoutes, type FakeRoutes } from '../../support/fake-routes.js';
import { address, vrrpConfig } from '../../support/instances.js';
import { by, routeLine } from '../../support/route-lines.js';

const KEPT = address('192.0.2.1');
const GONE = address('192.0.2.2');

const route = (to: string) => routeLine(to, { nexthops: [by('eth0', '192.0.2.254')] });

const lines = (change: Partial<VrrpConfig>) => vrrpConfig([], change);

describe('vrrp/statics', () => {
  let kernel: FakeRoutes;
  let statics: Statics;
  let told: string[];

  beforeEach(() => {
    kernel = createFakeRoutes(['eth0'], (event) => statics.accept(event));
    const later = new LaterChanges(kernel.socket);
    told = [];
    statics = createStatics(
      { ...kernel, later },
      { onLost: (what) => void told.push(...what), warn: (error) => assert.fail(String(error)) },
    );
    statics.configure(
      lines({ staticAddresses: [KEPT, GONE], staticRoutes: [route('10.1.0.0'), route('10.2.0.0')] }),
    );
    kernel.log.length = 0;
  });

  const deleted = () => kernel.log.filter((line) => line.startsWith('delete'));

  it('a reload takes away what the configuration no longer has, and leaves the rest alone', () => {
    statics.configure(lines({ staticAddresses: [KEPT], staticRoutes: [route('10.2.0.0')] }));
    assert.deepEqual(deleted(), [
      'delete route 10.1.0.0/24 via 192.0.2.254 dev eth0 table 254',
      'delete address 192.0.2.2/32 on eth0',
    ]);
    assert.deepEqual(kernel.addresses(), ['192.0.2.1/32 eth0 forever']);
  });

  it('a line that gets no_track is the same line still', () => {
    const untracked = { ...KEPT, track: false };
    statics.configure(
      lines({
        staticAddresses: [untracked, GONE],
        staticRoutes: [route('10.1.0.0'), { ...route('10.2.0.0'), track: false }],
      }),
    );
    assert.deepEqual(deleted(), []);
  });

  it('after a reload, what another hand takes away of the new ones is back; what went with the old ones stays away', async () => {
    statics.configure(lines({ staticAddresses: [KEPT, address('192.0.2.3')] }));
    for (const each of ['192.0.2.1', '192.0.2.3']) kernel.remove(each);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(kernel.addresses(), ['192.0.2.1/32 eth0 forever', '192.0.2.3/32 eth0 forever']);
    assert.deepEqual(told, ['192.0.2.1/32 on eth0', '192.0.2.3/32 on eth0']);
  });

  it('the end takes all away', () => {
    statics.release();
    assert.equal(deleted().length, 4);
    assert.deepEqual(kernel.addresses(), []);
  });
});
