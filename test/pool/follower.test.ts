import assert from 'node:assert/strict';
import { createFollower } from '../../src/pool/follower.js';
import { createFakeClock } from '../support/fake-clock.js';

const KEY = { kind: 'fwmark', family: 'ipv4', fwmark: 1 } as const;

/** A follower whose readings take `tookMs` and fail while `broken`. */
function following(tookMs: number) {
  const clock = createFakeClock(0, 0);
  const state = { broken: false };
  const seen: string[] = [];
  const warnings: string[] = [];
  const again = new Map<string, number>();
  const follower = createFollower({
    clock,
    read: async (keys) => {
      if (tookMs > 0) await new Promise<void>((resolve) => void clock.wake(clock.now() + tookMs, resolve));
      if (state.broken) throw new Error('EPERM');
      return keys.map(() => []);
    },
    observe: (id, readings) => {
      seen.push(`${clock.now()} ${id} ${readings.length}`);
      const everyMs = again.get(id);
      if (everyMs !== undefined) follower.follow(id, [KEY], clock.now() + everyMs);
    },
    warn: (text) => warnings.push(text),
  });
  const pass = async (ms: number) => {
    for (let n = 0; n < ms; n++) {
      clock.advance(1);
      for (let turn = 0; turn < 6; turn++) await Promise.resolve();
    }
  };
  return { follower, seen, warnings, again, state, pass };
}

describe('the follower of pools', () => {
  it('reads a pool when it is due, and not again unless asked', async () => {
    const f = following(0);
    f.follower.follow('a', [KEY], 30);
    f.follower.follow('b', [KEY, KEY], 10);
    await f.pass(100);
    assert.deepEqual(f.seen, ['10 b 2', '30 a 1']);
  });

  it('rests after each reading as long as it took, however many pools are due', async () => {
    const f = following(10);
    for (const id of ['a', 'b', 'c']) {
      f.again.set(id, 1);
      f.follower.follow(id, [KEY], 0);
    }
    await f.pass(200);
    assert.ok(f.seen.length <= 11, f.seen.join());
    assert.deepEqual([...new Set(f.seen.map((line) => line.split(' ')[1]))].sort(), ['a', 'b', 'c']);
  });

  it('says once that it cannot read, lets the pool know, and tries again each second', async () => {
    const f = following(0);
    f.state.broken = true;
    f.again.set('a', 10);
    f.follower.follow('a', [KEY], 0);
    await f.pass(2500);
    assert.deepEqual(
      f.seen.map((line) => line.split(' ')[2]),
      ['0', '0', '0'],
    );
    assert.equal(f.warnings.length, 1);
    f.state.broken = false;
    await f.pass(1000);
    assert.match(f.seen.at(-1) ?? '', / a 1$/);
  });

  it('forgets a pool that is not to be followed, and everything when stopped', async () => {
    const f = following(0);
    f.follower.follow('a', [KEY], 10);
    f.follower.follow('a', [], undefined);
    f.follower.follow('b', [KEY], 20);
    f.follower.stop();
    await f.pass(100);
    assert.deepEqual(f.seen, []);
  });
});
