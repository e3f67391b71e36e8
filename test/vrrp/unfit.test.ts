/** A director whose health checks do not run, in the hands of a process that was started again. */
import assert from 'node:assert/strict';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { createFakeDirector, type FakeDirector } from '../support/fake-directors.js';
import { FakeWire } from '../support/fake-underlay.js';
import { instance, vrrpConfig } from '../support/instances.js';

describe('vrrp/director: told of checks that do not run before it begins', () => {
  let clock: FakeClock;
  let wire: FakeWire;
  beforeEach(() => {
    clock = createFakeClock();
    wire = new FakeWire(clock);
  });

  const config = vrrpConfig([instance({ priority: 150 })]);

  /** One that was master was killed; the next one begins. */
  function succeed(): FakeDirector {
    const killed = createFakeDirector({ clock, wire }, 'a', '10.0.0.1');
    killed.director.configure(config);
    clock.advance(10_000);
    const saved = killed.director.saved();
    killed.director.leave();
    clock.advance(100);
    const next = createFakeDirector({ clock, wire }, 'a', '10.0.0.1', killed.underlay);
    next.director.setUnfit(true);
    next.director.configure(config, saved);
    return next;
  }

  it('hands over, also to a peer that would not take it by itself', () => {
    const peer = createFakeDirector({ clock, wire }, 'b', '10.0.0.2');
    peer.director.configure(vrrpConfig([instance({ preempt: false })]));
    const next = succeed();
    assert.deepEqual(next.director.instances()[0]?.priority, { effective: 1, configured: 150 });
    clock.advance(1000);
    assert.deepEqual([next.states(), peer.states()], [['VI_1 BACKUP'], ['VI_1 MASTER']]);
    clock.advance(60_000);
    assert.deepEqual([next.states(), peer.states()], [['VI_1 BACKUP'], ['VI_1 MASTER']]);
  });

  it('stays master alone', () => {
    const next = succeed();
    for (let i = 0; i < 600; i += 1) {
      assert.ok(next.underlay.holds('VI_1'));
      clock.advance(100);
    }
    assert.deepEqual(next.states(), ['VI_1 MASTER']);
    assert.ok(!next.log.some((line) => line.includes('BACKUP')), next.log.join());
  });
});
