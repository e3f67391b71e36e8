/** A clock in simulated time: nothing happens until the test moves it on. */
import type { Clock, Timer } from '../../src/clock.js';

export type FakeClock = Clock & {
  /** Moves time on by `ms`, running every wake-up that falls due at its own time, earliest first. */
  readonly advance: (ms: number) => void;
  /** The same, and lets promises settle after each wake-up, before the next. For code that awaits between wake-ups. */
  readonly advanceAsync: (ms: number) => Promise<void>;
  /** The same as an event loop does it: in each turn all that is due when it begins, and then what was left for later. */
  readonly advanceInTurns: (ms: number) => Promise<void>;
  /** What runs now takes `ms`: time goes on, and nobody is woken meanwhile. */
  readonly spend: (ms: number) => void;
  /** When each pending wake-up is due, earliest first. */
  readonly pendingAt: () => readonly number[];
};

/** Endless wake-ups without progress of time are a fault of the code under test, not a reason to hang. */
const MAX_WAKES_AT_ONE_TIME = 100_000;

type Wake = { readonly at: number; readonly callback: () => void };

/** `wallStart` is what wallNow() says at time 0: 2026-01-01T00:00:00Z unless given. */
export function createFakeClock(startAt = 0, wallStart = Date.UTC(2026, 0, 1)): FakeClock {
  let nowAt = startAt;
  const queue: Wake[] = [];
  const wake = (at: number, callback: () => void): Timer => {
    const entry = { at: Math.max(at, nowAt), callback };
    queue.splice(firstLaterThan(queue, entry.at), 0, entry);
    return { cancel: () => remove(queue, entry) };
  };
  const runNext = (endAt: number): boolean => {
    const next = queue[0];
    if (next === undefined || next.at > endAt) return false;
    queue.shift();
    nowAt = Math.max(nowAt, next.at);
    next.callback();
    return true;
  };
  const guard = () => {
    let sameAt = Number.NaN;
    let count = 0;
    return () => {
      count = nowAt === sameAt ? count + 1 : 0;
      sameAt = nowAt;
      if (count > MAX_WAKES_AT_ONE_TIME) throw new Error(`endless wake-ups at ${nowAt} ms`);
    };
  };
  return {
    now: () => nowAt,
    wallNow: () => wallStart + nowAt - startAt,
    wake,
    spend: (ms) => {
      nowAt += ms;
    },
    pendingAt: () => queue.map(({ at }) => at),
    advance: (ms) => {
      const endAt = nowAt + ms;
      const check = guard();
      while (runNext(endAt)) check();
      nowAt = Math.max(nowAt, endAt);
    },
    advanceInTurns: async (ms) => {
      const endAt = nowAt + ms;
      const check = guard();
      for (let at = queue[0]?.at; at !== undefined && at <= endAt; at = queue[0]?.at) {
        const dueAt = Math.max(nowAt, at);
        while (runNext(dueAt)) check();
        await settle();
      }
      nowAt = Math.max(nowAt, endAt);
    },
    advanceAsync: async (ms) => {
      const endAt = nowAt + ms;
      const check = guard();
      await settle();
      while (runNext(endAt)) {
        check();
        await settle();
      }
      nowAt = Math.max(nowAt, endAt);
    },
  };
}

/** Lets every promise that can settle without outside events do so. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function firstLaterThan(queue: readonly Wake[], at: number): number {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((queue[middle]?.at ?? Infinity) > at) high = middle;
    else low = middle + 1;
  }
  return low;
}

function remove(queue: Wake[], entry: Wake): void {
  const index = queue.indexOf(entry);
  if (index >= 0) queue.splice(index, 1);
}
