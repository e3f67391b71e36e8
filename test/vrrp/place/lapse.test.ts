/** Addresses that expire since nobody renews them are not taken for the work of another hand. */
import assert from 'node:assert/strict';
import { LaterChanges } from '../../../src/net/route/later.js';
import { type Belongings, createBelongings } from '../../../src/vrrp/place/belongings.js';
import { Holders } from '../../../src/vrrp/place/holders.js';
import { createFakeClock } from '../../support/fake-clock.js';
import { createFakeRoutes } from '../../support/fake-routes.js';
import { instance } from '../../support/instances.js';

const VIP = '192.0.2.1';

describe('vrrp/belongings: addresses that expire', () => {
  function make(change: Parameters<typeof instance>[0] = {}) {
    const clock = createFakeClock();
    const told: string[] = [];
    const kernel = createFakeRoutes(['eth0'], (event) => held.accept(event));
    const held: Belongings = createBelongings(instance({ addresses: [VIP], ...change }), {
      kernel: { ...kernel, later: new LaterChanges(kernel.socket) },
      now: clock.now,
      onLost: (what, why) => told.push(`${what.join()} ${why}`),
      warn: (error) => assert.fail(String(error)),
      holders: new Holders(),
    });
    held.acquire();
    /** The kernel tells that the address is gone, and the process hears of it. */
    const gone = async () => {
      told.length = 0;
      kernel.remove(VIP);
      await new Promise(setImmediate);
      return told.join();
    };
    return { clock, held, gone, kernel };
  }

  it('before its time an address was taken, from then on it expired', async () => {
    for (const [afterMs, why] of [
      [0, 'taken'],
      [3899, 'taken'],
      [3900, 'expired'],
      [60_000, 'expired'],
    ] as const) {
      const { clock, gone, kernel } = make();
      assert.match(kernel.addresses().join(), /4s$/);
      clock.advance(afterMs);
      assert.equal(await gone(), `${VIP}/32 on eth0 ${why}`, `${afterMs} ms`);
    }
  });

  it('one that is renewed has its time again', async () => {
    const { clock, held, gone } = make();
    clock.advance(3000);
    held.renew();
    clock.advance(3000);
    assert.match(await gone(), /taken/);
  });

  it('one that expired before a renewal that came late is not taken, though it is read after that', async () => {
    const { clock, held, gone } = make();
    clock.advance(40_000);
    held.renew();
    assert.match(await gone(), /expired/);
    held.acquire();
    clock.advance(1000);
    assert.match(await gone(), /taken/);
  });

  it('those that never expire, or were not held meanwhile, are taken', async () => {
    const forever = make({ vipLifetime: 'off' });
    forever.clock.advance(3_600_000);
    assert.match(await forever.gone(), /taken/);
    const again = make();
    again.held.release();
    again.clock.advance(60_000);
    again.held.acquire();
    assert.match(await again.gone(), /taken/);
  });
});
