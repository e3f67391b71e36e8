/** When a child that gives no sign of life is spoken of and given up, in simulated time. */
import assert from 'node:assert/strict';
import { ASK_MS, RUNNING, STARTING } from '../../src/supervisor/silence.js';
import { Vigil } from '../../src/supervisor/vigil.js';
import { createFakeClock } from '../support/fake-clock.js';

describe('supervisor/vigil', () => {
  function make({ answers = true } = {}) {
    const clock = createFakeClock();
    const words: string[] = [];
    const say = (text: string) => words.push(`${clock.now()}: ${text}`);
    const child = { answers, asked: 0 };
    const vigil = new Vigil({
      clock,
      ask: () => {
        child.asked += 1;
        if (child.answers) setImmediate(() => vigil.heard());
      },
      onSilent: (silentMs, endMs) => say(`silent for ${silentMs} of ${endMs}`),
      onAnswer: () => say('answers'),
      onHung: (silentMs) => say(`hung for ${silentMs}`),
    });
    return { clock, words, child, vigil };
  }

  it('one that answers is asked again and again, and not spoken of', async () => {
    const { clock, words, child } = make();
    await clock.advanceAsync(200_000);
    assert.deepEqual(words, []);
    assert.equal(child.asked, 100);
  });

  it('one that works and falls silent is told of, and given up later; it is asked once', async () => {
    const { clock, words, child, vigil } = make();
    vigil.ready();
    await clock.advanceAsync(9000);
    child.answers = false;
    const { asked } = child;
    await clock.advanceAsync(100_000);
    // The question went out at 10 s.
    assert.deepEqual(words, ['18000: silent for 6000 of 30000', '42000: hung for 30000']);
    assert.equal(child.asked, asked + 1);
    assert.deepEqual(clock.pendingAt(), [], 'the vigil is over');
  });

  it('one that is being started is given more time', () => {
    const { clock, words } = make({ answers: false });
    clock.advance(300_000);
    const [silent = '', hung = ''] = words;
    assert.match(silent, /^34000: silent for 30000 of 120000/);
    assert.match(hung, /^124000: hung for 120000/);
    assert.ok(STARTING.endMs > RUNNING.endMs);
  });

  it('one that answers at last is told of once more, and begins anew', async () => {
    const { clock, words, child, vigil } = make({ answers: false });
    vigil.ready();
    clock.advance(30_000);
    vigil.heard();
    assert.equal(vigil.heardAt, 30_000);
    child.answers = true;
    await clock.advanceAsync(60_000);
    assert.deepEqual(words, ['10000: silent for 6000 of 30000', '30000: answers']);
  });

  it('time in which the supervisor did not run is no silence of the child', () => {
    // A supervisor that is suspended for an hour at every look, and one that hogs hold up for 9 s at each.
    for (const pauseMs of [3_600_000, 9000]) {
      let now = 0;
      let look = () => {};
      const words: string[] = [];
      const vigil = new Vigil({
        clock: {
          now: () => now,
          wallNow: () => now,
          wake: (_, callback) => {
            look = callback;
            return { cancel: () => {} };
          },
        },
        ask: () => {},
        onSilent: (silentMs) => words.push(`silent for ${silentMs}`),
        onAnswer: () => words.push('answers'),
        onHung: (silentMs) => words.push(`hung for ${silentMs}`),
      });
      vigil.ready();
      const looks = (count: number) => {
        for (let i = 0; i < count; i += 1) {
          now += pauseMs;
          look();
        }
      };
      looks(4);
      assert.deepEqual(words, []);
      looks(1);
      assert.deepEqual(words, ['silent for 6000']);
      looks(RUNNING.endMs / ASK_MS - 4);
      assert.equal(words.length, 1);
      looks(1);
      assert.deepEqual(words.slice(1), ['hung for 30000']);
    }
  });

  it('one that is being ended is left alone', () => {
    const { clock, words, vigil } = make({ answers: false });
    clock.advance(5000);
    vigil.stop();
    clock.advance(300_000);
    assert.deepEqual(words, []);
  });
});
