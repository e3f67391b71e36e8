/** An instance that a reload takes out, and another one puts back while it still hands over. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { createFakeDirector, type FakeDirector, tellAll } from '../support/fake-directors.js';
import { createFakeHost, here, own } from '../support/fake-place.js';
import { FakeWire } from '../support/fake-underlay.js';
import { instance, vrrpConfig } from '../support/instances.js';

const VIP = '192.0.2.1';
/** Less than it hands over for, and less than a peer waits before it takes over. */
const SOON_MS = 300;

describe('an instance that is put back while it hands over', () => {
  describe('with no peer', () => {
    const gone = own({ name: 'VI_1', priority: 150, addresses: [VIP] });
    const stays = own({ name: 'VI_2', virtualRouterId: 77, addresses: ['192.0.2.9'] });

    for (const [what, back] of [
      ['as it was', gone],
      ['under another name', { ...gone, name: 'web' }],
      ['with another virtual_router_id', { ...gone, virtualRouterId: 53 }],
      ['with another version', { ...gone, version: 2 }],
    ] as const satisfies readonly (readonly [string, InstanceConfig])[]) {
      it(`${what}: it goes on as master, and the address is there at each moment`, () => {
        const host = createFakeHost();
        host.configure(gone, stays);
        host.clock.advance(10_000);
        host.configure(stays);
        host.clock.advance(SOON_MS);
        host.configure(back, stays);
        host.adverts.length = 0;
        for (let ms = 0; ms < 10_000; ms += 1) {
          assert.equal(host.state(), 'MASTER', `${ms} ms after`);
          assert.ok(here(host).includes(VIP), `${ms} ms after`);
          host.clock.advance(1);
          host.kernel.later();
        }
        const sent = host.adverts.filter((line) => !line.includes(' 77 '));
        const all = new Set(sent.map((line) => line.split(' ').slice(1).join(' ')));
        assert.deepEqual([...all], [`${back.virtualRouterId} 150`], 'nothing of the one that was gone');
      });
    }
  });

  describe('with a peer', () => {
    let clock: FakeClock;
    let a: FakeDirector;
    let b: FakeDirector;
    const own = instance({ priority: 150, notify: tellAll() });

    beforeEach(() => {
      clock = createFakeClock();
      const lan = { clock, wire: new FakeWire(clock) };
      a = createFakeDirector(lan, 'a', '10.0.0.1');
      b = createFakeDirector(lan, 'b', '10.0.0.2');
      a.director.configure(vrrpConfig([own]));
      b.director.configure(vrrpConfig([instance()]));
      clock.advance(10_000);
      a.news();
      a.director.configure(vrrpConfig([]));
    });

    function assertHeld(forMs: number): void {
      for (let ms = 0; ms < forMs; ms += 1) {
        clock.advance(1);
        const holders = [a, b].filter(({ underlay }) => underlay.holds('VI_1'));
        assert.ok(holders.length >= 1, `${ms} ms after`);
      }
    }

    it('that has not taken over: the peer stays backup, and nobody is told of a fault or an end', () => {
      assertHeld(SOON_MS);
      a.director.configure(vrrpConfig([own]));
      assertHeld(10_000);
      assert.deepEqual([a.states(), b.states()], [['VI_1 MASTER'], ['VI_1 BACKUP']]);
      assert.deepEqual(
        a.news().filter((line) => line.startsWith('INSTANCE')),
        ['INSTANCE "VI_1" MASTER 150'],
      );
    });

    it('that has taken over: it begins as a backup, and preempts as ever', () => {
      assertHeld(2000);
      assert.deepEqual(b.states(), ['VI_1 MASTER']);
      a.director.configure(vrrpConfig([own]));
      assert.deepEqual(a.states(), ['VI_1 BACKUP']);
      assertHeld(10_000);
      assert.deepEqual([a.states(), b.states()], [['VI_1 MASTER'], ['VI_1 BACKUP']]);
    });

    it('a stop meanwhile ends it as well', async () => {
      clock.advance(SOON_MS);
      a.director.configure(vrrpConfig([own]));
      clock.advance(1);
      const stopped = a.director.shutdown();
      assertHeld(3000);
      await stopped;
      assert.deepEqual([a.underlay.holds('VI_1'), b.states()], [false, ['VI_1 MASTER']]);
    });
  });
});
