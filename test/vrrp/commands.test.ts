/** What the operator tells a director to do, and what the command is answered: in simulated time. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { createFakeDirector, type FakeDirector } from '../support/fake-directors.js';
import { FakeWire } from '../support/fake-underlay.js';
import { instance, vrrpConfig } from '../support/instances.js';

describe('vrrp/commands', () => {
  let clock: FakeClock;
  let a: FakeDirector;
  let b: FakeDirector;
  beforeEach(() => {
    clock = createFakeClock();
    const lan = { clock, wire: new FakeWire(clock) };
    a = createFakeDirector(lan, 'a', '10.0.0.1');
    b = createFakeDirector(lan, 'b', '10.0.0.2');
  });

  const better = (change: Partial<InstanceConfig> = {}) =>
    vrrpConfig([instance({ priority: 150, ...change })]);
  const worse = (change: Partial<InstanceConfig> = {}) => vrrpConfig([instance(change)]);

  /** A command with what it was answered, as `INSTANCE STATE TEXT` of each; undefined until it is. */
  function told(command: Promise<readonly { instance: string; state: string; text: string }[]>) {
    const answer: { lines: readonly string[] | undefined } = { lines: undefined };
    void command.then((results) => {
      answer.lines = results.map(({ instance: name, state, text }) => `${name} ${state} ${text}`);
    });
    return answer;
  }

  /** Whoever was answered by now knows it. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  describe('a hand-over beside one that runs', () => {
    it('is answered with it, and that this director still has the addresses where nobody took them', async () => {
      a.director.configure(better());
      clock.advance(10_000);
      const first = told(a.director.handover());
      clock.advance(100);
      const second = told(a.director.handover());
      clock.advance(1000);
      await settled();
      assert.deepEqual([first.lines, second.lines], [undefined, undefined], 'neither has ended');
      clock.advance(5000);
      await settled();
      const stays = ['VI_1 MASTER no peer took over'];
      assert.deepEqual([first.lines, second.lines], [stays, stays]);
    });

    it('is answered with who took over', async () => {
      a.director.configure(better());
      b.director.configure(worse());
      clock.advance(10_000);
      const first = told(a.director.handover());
      clock.advance(100);
      const second = told(a.director.handover('VI_1'));
      clock.advance(2000);
      await settled();
      const moved = ['VI_1 BACKUP 10.0.0.2 (priority 100) took over'];
      assert.deepEqual([first.lines, second.lines], [moved, moved]);
    });

    it('counts although it was begun for another reason: no preemption afterwards', async () => {
      a.director.configure(better());
      b.director.configure(worse());
      clock.advance(10_000);
      a.director.setUnfit(true);
      const given = told(a.director.handover());
      clock.advance(2000);
      await settled();
      assert.deepEqual(given.lines, ['VI_1 BACKUP 10.0.0.2 (priority 100) took over']);
      a.director.setUnfit(false);
      clock.advance(20_000);
      assert.deepEqual([a.states(), b.states()], [['VI_1 BACKUP'], ['VI_1 MASTER']]);
      a.director.resume();
      clock.advance(5000);
      assert.deepEqual(a.states(), ['VI_1 MASTER']);
    });
  });
});
