/** When a director begins, and how late it notices its deadlines: in simulated time. */
import assert from 'node:assert/strict';
import type { Clock } from '../../src/clock.js';
import { createDirector, type Director } from '../../src/vrrp/director.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { FakeUnderlay, FakeWire } from '../support/fake-underlay.js';
import { instance, vrrpConfig } from '../support/instances.js';

type Setup = { readonly director: Director; readonly late: number[] };

function setup(clock: Clock, bootNow: () => number = clock.now): Setup {
  const late: number[] = [];
  const director = createDirector({
    clock,
    log: { info: () => {}, warn: () => {} },
    underlay: new FakeUnderlay(new FakeWire(clock), 'a', '10.0.0.1'),
    read: () => undefined,
    notify: () => {},
    onChange: () => {},
    onStage: () => {},
    onLate: (ms) => late.push(ms),
    bootNow,
  });
  return { director, late };
}

describe('vrrp_delay_after_boot', () => {
  const { process } = vrrpConfig([]);
  const startedAfter = (bootedMs: number, delays: Partial<typeof process>) => {
    const clock = createFakeClock();
    const { director } = setup(clock, () => clock.now() + bootedMs);
    director.configure(vrrpConfig([instance()], { process: { ...process, ...delays } }));
    const state = () => director.instances()[0]?.state;
    while (state() === 'INIT' && clock.now() < 60_000) clock.advance(1);
    return clock.now();
  };

  for (const [what, bootedMs, delays, expectedMs] of [
    ['is counted from boot', 8000, { delayAfterBootMs: 20_000 }, 12_000],
    ['is over when the machine has been up for longer', 20_000, { delayAfterBootMs: 20_000 }, 0],
    ['runs beside vrrp_startup_delay', 8000, { delayAfterBootMs: 20_000, startupDelayMs: 5000 }, 12_000],
    ['which may be longer', 18_000, { delayAfterBootMs: 20_000, startupDelayMs: 5000 }, 5000],
  ] as const)
    it(what, () => assert.equal(startedAfter(bootedMs, delays), expectedMs));
});

describe('lateness of deadlines', () => {
  /** A clock that wakes `lateMs` late. */
  function tardy(clock: FakeClock): Clock & { lateMs: number } {
    const { now, wallNow } = clock;
    const made = {
      lateMs: 0,
      now,
      wallNow,
      wake: (at: number, callback: () => void) => clock.wake(at + made.lateMs, callback),
    };
    return made;
  }

  it('each deadline tells how late it was noticed', () => {
    const fake = createFakeClock();
    const clock = tardy(fake);
    const { director, late } = setup(clock);
    director.configure(vrrpConfig([instance()]));
    fake.advance(10_000);
    assert.equal(director.instances()[0]?.state, 'MASTER');
    assert.ok(late.length > 6 && late.every((ms) => ms === 0), String(late));
    clock.lateMs = 40;
    // The wake-up that is armed already is still on time.
    fake.advance(1000);
    late.length = 0;
    fake.advance(3500);
    assert.deepEqual(late.slice(0, 3), [40, 40, 40]);
    clock.lateMs = 0;
    fake.advance(2000);
    assert.equal(late.at(-1), 0);
  });

  it('many instances share their wake-ups: what they wait for that is not late', () => {
    const fake = createFakeClock();
    const clock = tardy(fake);
    const { director, late } = setup(clock);
    const many = Array.from({ length: 40 }, (_, i) =>
      instance({ name: `VI_${i}`, virtualRouterId: i + 1, priority: 100 + i, advertIntMs: 100 }),
    );
    director.configure(vrrpConfig(many));
    fake.advance(3000);
    assert.ok(late.length > 400, String(late.length));
    assert.equal(Math.max(...late), 0);
    clock.lateMs = 40;
    fake.advance(1000);
    // Up to the 5 ms that they may wait are no lateness.
    assert.ok(Math.max(...late) > 34 && Math.max(...late) <= 40, String(Math.max(...late)));
  });
});
