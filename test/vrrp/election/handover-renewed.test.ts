/** A reload that makes another virtual router of an instance while it hands over: the new one goes on with that. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../../src/vrrp/config.js';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.js';
import { createFakeDirector, type FakeDirector } from '../../support/fake-directors.js';
import { FakeWire } from '../../support/fake-underlay.js';
import { instance, vrrpConfig } from '../../support/instances.js';

describe('a hand-over under way when a reload changes the virtual router', () => {
  let clock: FakeClock;
  let a: FakeDirector;
  let b: FakeDirector;

  const reload = ({ director }: FakeDirector, change: Partial<InstanceConfig> = {}) =>
    director.configure(vrrpConfig([instance(change)]));

  beforeEach(() => {
    clock = createFakeClock();
    const lan = { clock, wire: new FakeWire(clock) };
    a = createFakeDirector(lan, 'a', '10.0.0.1');
    b = createFakeDirector(lan, 'b', '10.0.0.2');
    reload(a, { priority: 150 });
    reload(b, { preempt: false });
    clock.advance(10_000);
    assert.deepEqual([a.states(), b.states()], [['VI_1 MASTER'], ['VI_1 BACKUP']]);
  });

  function assertHeld(forMs: number): void {
    for (let ms = 0; ms < forMs; ms += 1) {
      clock.advance(1);
      assert.ok(a.underlay.holds('VI_1') || b.underlay.holds('VI_1'), `${ms + 1} ms after`);
    }
  }

  it('of both directors: the peer takes over as that one, and keeps it', async () => {
    const handed = a.director.handover('VI_1');
    assertHeld(5);
    reload(b, { preempt: false, virtualRouterId: 60 });
    reload(a, { priority: 150, virtualRouterId: 60 });
    assertHeld(20_000);
    assert.deepEqual([a.states(), b.states()], [['VI_1 BACKUP'], ['VI_1 MASTER']]);
    const [result] = await handed;
    assert.deepEqual([result?.state, result?.text], ['BACKUP', '10.0.0.2 (priority 100) took over']);
    assert.deepEqual(a.director.saved().yielded, ['VI_1']);
    void a.director.resume();
    assertHeld(5000);
    assert.deepEqual(a.states(), ['VI_1 MASTER']);
  });

  it('of one alone: nobody takes over, and the operator is told', async () => {
    const handed = a.director.handover();
    clock.advance(5);
    reload(a, { priority: 150, virtualRouterId: 60 });
    const answers: string[] = [];
    void handed.then(([result]) => answers.push(`${result?.state} ${result?.text}`));
    await clock.advanceAsync(100);
    assert.deepEqual(answers, [], 'nothing is known yet');
    await clock.advanceAsync(5000);
    assert.deepEqual(answers, ['MASTER no peer took over']);
    assert.deepEqual(a.director.saved().yielded, []);
  });

  it('that cannot take part: it is over when that is removed', async () => {
    void a.director.handover();
    assertHeld(5);
    a.underlay.setLink('eth1', false);
    a.director.configure(vrrpConfig([instance({ priority: 150, interface: 'eth1' })]));
    assert.deepEqual(a.director.saved().yielded, ['VI_1'], 'it is kept until then');
    a.director.configure(vrrpConfig([]));
    assertHeld(10_000);
    reload(a, { priority: 150 });
    assert.deepEqual(a.director.saved().yielded, []);
    assertHeld(10_000);
    assert.deepEqual(a.states(), ['VI_1 MASTER']);
  });

  it('since its checks cannot run: the peer takes over as that one', () => {
    a.director.setUnfit(true);
    assertHeld(5);
    reload(b, { preempt: false, virtualRouterId: 60 });
    reload(a, { priority: 150, virtualRouterId: 60 });
    assertHeld(20_000);
    assert.deepEqual([a.states(), b.states()], [['VI_1 BACKUP'], ['VI_1 MASTER']]);
  });
});
