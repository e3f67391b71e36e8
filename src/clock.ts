/**
 * The one way to know the time and to wait, so that tests can simulate both.
 * Points in time end in `At` and are milliseconds of the monotonic clock; lengths end in `Ms`.
 */
export type Clock = {
  /** Milliseconds on a clock that never jumps. */
  readonly now: () => number;
  /** Milliseconds since 1970, only to be shown to people and stored. */
  readonly wallNow: () => number;
  /** Calls back once, not before `at` (monotonic milliseconds). */
  readonly wake: (at: number, callback: () => void) => Timer;
};

/** A pending wake-up. */
export type Timer = {
  /** Forgets the wake-up; harmless when it has already happened. */
  readonly cancel: () => void;
};

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  wake: (at, callback) => {
    const handle = setTimeout(callback, Math.max(0, Math.ceil(at - performance.now())));
    return { cancel: () => clearTimeout(handle) };
  },
};
