/** A reload while renewals are under way on the thread pool. */
import assert from 'node:assert/strict';
import { LaterChanges } from '../../../src/net/route/later.js';
import type { InstanceConfig } from '../../../src/vrrp/config.js';
import { type Belongings, createBelongings } from '../../../src/vrrp/place/belongings.js';
import { Holders } from '../../../src/vrrp/place/holders.js';
import { createFakeRoutes, type FakeRoutes } from '../../support/fake-routes.js';
import { instance } from '../../support/instances.js';

describe('vrrp/belongings', () => {
  let kernel: FakeRoutes;
  let held: Belongings;
  let make: (config: InstanceConfig) => Belongings;

  const both = instance({ addresses: ['192.0.2.1', '192.0.2.2'] });

  beforeEach(() => {
    kernel = createFakeRoutes(['eth0']);
    const later = new LaterChanges(kernel.socket);
    const warn = (error: unknown) => assert.fail(String(error));
    const holders = new Holders();
    make = (config) =>
      createBelongings(config, {
        kernel: { ...kernel, later },
        now: () => 0,
        onLost: () => {},
        warn,
        holders,
      });
    held = make(both);
    held.acquire();
    // One is under way, the other waits for it.
    held.renew();
  });

  function settle(): void {
    for (let turn = 0; turn < 4; turn += 1) kernel.later();
  }

  for (const [what, gone, kept] of [
    ['that is under way', '192.0.2.1', '192.0.2.2'],
    ['that waits', '192.0.2.2', '192.0.2.1'],
  ] as const) {
    const next = instance({ addresses: [kept] });

    it(`a renewal ${what} brings no address back that the configuration no longer has`, () => {
      held.reconfigure(next);
      settle();
      assert.deepEqual(kernel.addresses(), [`${kept}/32 eth0 4s`], gone);
      held.release();
      settle();
      assert.deepEqual(kernel.addresses(), []);
    });

    it(`a renewal ${what} takes no address away that has another scope now`, () => {
      const again = both.virtualAddresses.map((each) =>
        each.address === gone ? { ...each, scope: 253 } : each,
      );
      held.reconfigure({ ...both, virtualAddresses: again });
      kernel.log.length = 0;
      settle();
      assert.deepEqual(
        kernel.log.filter((line) => line.startsWith('delete')),
        [],
      );
      assert.equal(kernel.addresses().length, 2);
    });

    it(`a renewal ${what} brings none back that a successor does not have, and leaves what it has`, () => {
      make({ ...next, name: 'VI_2' }).acquire();
      held.release();
      settle();
      assert.deepEqual(kernel.addresses(), [`${kept}/32 eth0 4s`], gone);
    });
  }
});
