import assert from 'node:assert/strict';
import { createFakeClock } from './fake-clock.js';

describe('the fake clock', () => {
  it('runs what is due in order of time, each at its own time, equal times in the order asked for', () => {
    const clock = createFakeClock();
    const log: string[] = [];
    const note = (name: string) => () => log.push(`${clock.now()} ${name}`);
    clock.wake(20, note('b'));
    clock.wake(10, note('a'));
    clock.wake(20, note('c'));
    clock.wake(21, note('later'));
    clock.advance(20);
    assert.deepEqual(log, ['10 a', '20 b', '20 c']);
    assert.equal(clock.now(), 20);
    assert.deepEqual(clock.pendingAt(), [21]);
  });

  it('runs what a wake-up asks for when that falls due in the same advance', () => {
    const clock = createFakeClock();
    const ticks: number[] = [];
    const tick = () => {
      ticks.push(clock.now());
      clock.wake(clock.now() + 10, tick);
    };
    clock.wake(10, tick);
    clock.advance(35);
    assert.deepEqual(ticks, [10, 20, 30]);
  });

  it('never runs a wake-up inside wake(), not even one in the past', () => {
    const clock = createFakeClock(100);
    let ran = false;
    clock.wake(50, () => {
      ran = true;
    });
    assert.equal(ran, false);
    clock.advance(0);
    assert.equal(ran, true);
    assert.equal(clock.now(), 100);
  });

  it('forgets what is cancelled, also from within an earlier wake-up, and twice is harmless', () => {
    const clock = createFakeClock();
    const later = clock.wake(20, () => assert.fail('cancelled'));
    clock.wake(10, () => later.cancel());
    clock.advance(30);
    later.cancel();
    assert.deepEqual(clock.pendingAt(), []);
  });

  it('lets promises settle between wake-ups when asked to', async () => {
    const clock = createFakeClock();
    const log: string[] = [];
    clock.wake(10, () => void Promise.resolve().then(() => clock.wake(15, () => log.push('awaited'))));
    clock.wake(20, () => log.push('next'));
    await clock.advanceAsync(30);
    assert.deepEqual(log, ['awaited', 'next']);
  });

  it('moves the wall clock with it', () => {
    const clock = createFakeClock(500, 1_000_000);
    clock.advance(250);
    assert.equal(clock.wallNow(), 1_000_250);
  });

  it('ends wake-ups that ask for themselves at once, for ever', () => {
    const clock = createFakeClock();
    const again = () => void clock.wake(clock.now(), again);
    again();
    assert.throws(() => clock.advance(1), /endless wake-ups at 0 ms/);
  });
});
