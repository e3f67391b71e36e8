/** A reload that makes other virtual routers of instances, which cannot take part: they hand over as what they were before. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { createFakeDirector, type FakeDirector } from '../support/fake-directors.js';
import { FakeWire } from '../support/fake-underlay.js';
import { instance, vrrpConfig } from '../support/instances.js';

const NO_TRACKERS = { interfaces: [], scripts: [], files: [], processes: [], pools: [] };

describe('an heir that cannot take part', () => {
  let clock: FakeClock;
  let wire: FakeWire;
  let a: FakeDirector;
  let b: FakeDirector;

  beforeEach(() => {
    clock = createFakeClock();
    wire = new FakeWire(clock);
    a = createFakeDirector({ clock, wire }, 'a', '10.0.0.1');
    b = createFakeDirector({ clock, wire }, 'b', '10.0.0.2');
  });

  /** Looks each ms whether somebody holds the addresses of all of these. */
  function assertHeld(forMs: number, names: readonly string[] = ['VI_1']): void {
    for (let ms = 0; ms < forMs; ms += 1) {
      clock.advance(1);
      for (const name of names)
        assert.ok(
          [a, b].some(({ underlay }) => underlay.holds(name)),
          `nobody has ${name} ${ms + 1} ms after`,
        );
    }
  }

  const adverts = (who: string) =>
    wire.trace.filter((line) => line.includes(` ${who} `)).map((line) => Number(line.split(' ').at(-1)));

  describe('on an interface that is down', () => {
    const own = (on: string) => vrrpConfig([instance({ priority: 150, interface: on })]);

    beforeEach(() => {
      a.director.configure(own('eth0'));
      clock.advance(10_000);
      a.underlay.setLink('eth1', false);
      a.news();
      wire.trace.length = 0;
    });

    it('with the same virtual_router_id: it resigns at once, and its peer takes over while it answers still', () => {
      b.director.configure(vrrpConfig([instance()]));
      clock.advance(5000);
      wire.trace.length = 0;
      a.director.configure(own('eth1'));
      assert.deepEqual(adverts('a VI_1 advert'), [0]);
      assertHeld(5000);
      assert.deepEqual([a.states(), b.states()], [['VI_1 FAULT'], ['VI_1 MASTER']]);
      assert.equal(a.director.instances()[0]?.fault, 'interface eth1 is down');
    });

    it('with nobody to take over: it lets go when it has handed over, and is master when the interface is up', () => {
      a.director.configure(own('eth1'));
      assert.ok(a.underlay.holds('VI_1'));
      clock.advance(5000);
      assert.deepEqual([a.underlay.holds('VI_1'), a.states()], [false, ['VI_1 FAULT']]);
      a.underlay.setLink('eth1', true);
      clock.advance(5000);
      assert.deepEqual([a.underlay.holds('VI_1'), a.states()], [true, ['VI_1 MASTER']]);
      assert.equal(adverts('a VI_1 advert').at(-1), 150);
    });

    it('that is up before somebody has taken over: it goes on as master', () => {
      a.director.configure(own('eth1'));
      assertHeld(300);
      a.underlay.setLink('eth1', true);
      assert.deepEqual(a.states(), ['VI_1 MASTER']);
      assertHeld(5000);
    });

    it('and is not wanted any more: what it was before goes on as master', () => {
      a.director.configure(own('eth1'));
      assertHeld(300);
      a.director.configure(own('eth0'));
      assert.deepEqual(a.states(), ['VI_1 MASTER']);
      assertHeld(5000);
      assert.equal(wire.plugs.size, 1);
    });

    it('and is another one again: that is what it hands over to', () => {
      a.director.configure(own('eth1'));
      assertHeld(300);
      a.director.configure(vrrpConfig([instance({ priority: 150, interface: 'eth2' })]));
      assert.deepEqual(a.states(), ['VI_1 MASTER']);
      assertHeld(5000);
      assert.equal(wire.plugs.size, 1);
    });

    it('and is removed: what it was before hands over to the end, and nothing is left', () => {
      a.director.configure(own('eth1'));
      a.director.configure(vrrpConfig([]));
      assert.ok(a.underlay.holds('VI_1'));
      clock.advance(5000);
      assert.deepEqual([a.underlay.holds('VI_1'), wire.plugs.size], [false, 0]);
      assert.deepEqual(a.news(), ['INSTANCE "VI_1" FAULT 150']);
    });

    it('a stop waits for what it was before', async () => {
      b.director.configure(vrrpConfig([instance()]));
      clock.advance(5000);
      a.director.configure(own('eth1'));
      let over = false;
      const stopped = a.director.shutdown().then(() => {
        over = true;
      });
      await new Promise(setImmediate);
      assert.equal(over, false);
      assertHeld(5000);
      await stopped;
      assert.deepEqual([a.underlay.holds('VI_1'), b.states()], [false, ['VI_1 MASTER']]);
    });
  });

  describe('with its sync group', () => {
    const NAMES = ['in', 'out'];
    const group = {
      name: 'VG',
      instances: NAMES,
      track: NO_TRACKERS,
      trackingWeight: false,
      notify: instance().notify,
    };
    const pair = (priority: number, first: number, change: Partial<InstanceConfig> = {}) =>
      vrrpConfig(
        [
          instance({ name: 'in', priority, virtualRouterId: first, ...change }),
          instance({ name: 'out', priority, virtualRouterId: first + 1, addresses: ['192.0.2.9'] }),
        ],
        { syncGroups: [group] },
      );
    const unfit = () =>
      pair(150, 61, { track: { ...NO_TRACKERS, scripts: [{ name: 'web', weight: 0, reverse: false }] } });

    beforeEach(() => {
      a.readings.set('script web', false);
      a.director.configure(pair(150, 51));
      b.director.configure(pair(100, 51));
      clock.advance(10_000);
      assert.deepEqual(a.states(), ['in MASTER', 'out MASTER']);
      wire.trace.length = 0;
    });

    it('all members resign at one time: at no moment has nobody the addresses of one', () => {
      a.director.configure(unfit());
      assert.deepEqual([adverts('a in advert'), adverts('a out advert')], [[0], [0]]);
      assertHeld(8000, NAMES);
      assert.deepEqual(
        [a.states(), b.states()],
        [
          ['in FAULT', 'out FAULT'],
          ['in MASTER', 'out MASTER'],
        ],
      );
    });

    it('a stop meanwhile leaves no address of either behind', async () => {
      a.director.configure(unfit());
      assertHeld(300, NAMES);
      const stopped = a.director.shutdown();
      assertHeld(5000, NAMES);
      await stopped;
      assert.deepEqual(
        NAMES.map((name) => a.underlay.holds(name)),
        [false, false],
      );
    });
  });
});
