/** A hand-over by the operator that a process begins with, which is in no state to take part yet. */
import assert from 'node:assert/strict';
import type { VrrpConfig } from '../../../src/vrrp/config.js';
import { createDirector } from '../../../src/vrrp/director.js';
import type { Reading } from '../../../src/vrrp/track/fitness.js';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.js';
import { FakeUnderlay, FakeWire } from '../../support/fake-underlay.js';
import { instance, vrrpConfig } from '../../support/instances.js';

describe('vrrp/director: a hand-over kept', () => {
  let clock: FakeClock;
  let wire: FakeWire;
  let web: Reading;
  beforeEach(() => {
    clock = createFakeClock();
    wire = new FakeWire(clock);
    web = undefined;
  });

  const scripts = [{ name: 'web', weight: 0, reverse: false }];
  const track = { interfaces: [], scripts, files: [], processes: [], pools: [] };
  const HANDED_OVER = { aliveAt: 0, masters: [], yielded: ['VI_1'] };

  function host(address: string) {
    const underlay = new FakeUnderlay(wire, address, address);
    const director = createDirector({
      clock,
      log: { info: () => {}, warn: () => {} },
      underlay,
      read: () => web,
      notify: () => {},
      onChange: () => {},
      onStage: () => {},
      onLate: () => {},
      bootNow: () => clock.now(),
    });
    return { director, underlay, state: () => director.instances()[0]?.state };
  }

  /** A peer of priority 100 that is master, and a better one with this configuration that has been handed over before. */
  function successor(config: VrrpConfig) {
    const peer = host('10.0.0.2');
    peer.director.configure(vrrpConfig([instance()]));
    clock.advance(10_000);
    const own = host('10.0.0.1');
    own.director.configure(config, HANDED_OVER);
    return own;
  }

  it('outlives a start into FAULT', () => {
    const own = successor(vrrpConfig([instance({ priority: 150, track })]));
    web = false;
    own.director.assess();
    assert.equal(own.state(), 'FAULT');
    assert.deepEqual(own.director.saved().yielded, ['VI_1'], 'for the next process too');
    web = true;
    own.director.assess();
    clock.advance(20_000);
    assert.equal(own.state(), 'BACKUP');
    void own.director.resume();
    clock.advance(5000);
    assert.equal(own.state(), 'MASTER');
  });

  it('of an instance that still waits for its trackers is there for the next process', () => {
    const own = successor(vrrpConfig([instance({ priority: 150, track })]));
    assert.equal(own.state(), 'INIT');
    assert.deepEqual(own.director.saved().yielded, ['VI_1']);
    web = true;
    own.director.assess();
    clock.advance(20_000);
    assert.deepEqual([own.state(), own.director.saved().yielded], ['BACKUP', ['VI_1']]);
  });

  it('can be taken back while the instance waits', () => {
    const own = successor(vrrpConfig([instance({ priority: 150, track })]));
    void own.director.resume('VI_1');
    assert.deepEqual(own.director.saved().yielded, []);
    web = true;
    own.director.assess();
    clock.advance(5000);
    assert.equal(own.state(), 'MASTER');
  });

  it('outlives a reload that makes another virtual router of the instance', () => {
    const own = successor(vrrpConfig([instance({ priority: 150 })]));
    clock.advance(10_000);
    assert.equal(own.state(), 'BACKUP');
    own.director.configure(vrrpConfig([instance({ name: 'web', priority: 150 })]));
    clock.advance(10_000);
    assert.deepEqual([own.state(), own.director.saved().yielded], ['BACKUP', ['web']]);
    void own.director.resume('web');
    clock.advance(5000);
    assert.equal(own.state(), 'MASTER');
  });

  it('is over with the instance that it was of', () => {
    const own = successor(vrrpConfig([instance({ priority: 150 })]));
    own.director.configure(vrrpConfig([]));
    own.director.configure(vrrpConfig([instance({ priority: 150 })]));
    assert.deepEqual(own.director.saved().yielded, []);
    clock.advance(5000);
    assert.equal(own.state(), 'MASTER');
  });
});
