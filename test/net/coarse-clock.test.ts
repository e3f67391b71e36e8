import assert from 'node:assert/strict';
import { CoarseClocks } from '../../src/net/coarse-clock.js';
import { createFakeClock, settle } from '../support/fake-clock.js';

describe('net/coarse-clock', () => {
  it('wakes once for everything due within a grain, and never before its time', () => {
    const base = createFakeClock();
    const clock = new CoarseClocks(base).withGrain(10);
    const ran: string[] = [];
    for (const at of [1, 9.5, 10, 10.1, 25]) clock.wake(at, () => ran.push(`${at}@${base.now()}`));
    assert.equal(base.pendingAt().length, 1);
    base.advance(100);
    assert.deepEqual(ran, ['1@10', '9.5@10', '10@10', '10.1@20', '25@30']);
  });

  it('lets clocks of several grains share their wake-ups', () => {
    const base = createFakeClock();
    const clocks = new CoarseClocks(base);
    const woken: number[] = [];
    clocks.withGrain(40).wake(3, () => woken.push(base.now()));
    clocks.withGrain(5).wake(38, () => woken.push(base.now()));
    assert.deepEqual(base.pendingAt(), [40]);
    base.advance(40);
    assert.deepEqual(woken, [40, 40]);
  });

  it('wakes in time for an appointment made earlier than all others', () => {
    const base = createFakeClock();
    const clock = new CoarseClocks(base).withGrain(5);
    const ran: number[] = [];
    clock.wake(100, () => ran.push(base.now()));
    clock.wake(20, () => ran.push(base.now()));
    base.advance(100);
    assert.deepEqual(ran, [20, 100]);
  });

  it('leaves what a callback asks for at once to the next wake-up, so that none can hold the loop', () => {
    const base = createFakeClock();
    const clock = new CoarseClocks(base).withGrain(5);
    let count = 0;
    const again = () => {
      count++;
      clock.wake(base.now() + 0.001, again);
    };
    clock.wake(0, again);
    base.advance(50);
    assert.equal(count, 11);
  });

  it('forgets what is cancelled, before and during the turn it is due in', () => {
    const base = createFakeClock();
    const clock = new CoarseClocks(base).withGrain(5);
    const ran: string[] = [];
    clock.wake(1, () => ran.push('never')).cancel();
    clock.wake(2, () => {
      ran.push('first');
      second.cancel();
    });
    const second = clock.wake(3, () => ran.push('second'));
    base.advance(20);
    assert.deepEqual(ran, ['first']);
  });

  it('gives way to the event loop when a turn takes long, and then goes on', async () => {
    const base = createFakeClock();
    let spent = 0;
    const slow = { ...base, now: () => base.now() + spent };
    const clock = new CoarseClocks(slow).withGrain(5);
    const ran: number[] = [];
    for (const name of [1, 2, 3])
      clock.wake(0, () => {
        ran.push(name);
        spent += 6;
      });
    base.advance(5);
    assert.deepEqual(ran, [1]);
    await settle();
    await settle();
    assert.deepEqual(ran, [1, 2, 3]);
  });

  it('goes on after a callback that throws', async () => {
    const base = createFakeClock();
    const clock = new CoarseClocks(base).withGrain(5);
    const ran: number[] = [];
    clock.wake(1, () => {
      throw new Error('planted');
    });
    clock.wake(2, () => ran.push(2));
    clock.wake(50, () => ran.push(50));
    assert.throws(() => base.advance(5), /planted/);
    await settle();
    assert.deepEqual(ran, [2]);
    base.advance(60);
    assert.deepEqual(ran, [2, 50]);
  });
});
