/** How late timed work starts: a histogram of the last one to two minutes, in constant memory. */

export type LatenessSummary = {
  /** Starts counted. */
  readonly count: number;
  /** Half, and 99 in 100, started no later than this, rounded up to the next bound. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

const BOUNDS_MS = [
  1,
  2,
  5,
  10,
  20,
  30,
  40,
  50,
  75,
  100,
  150,
  200,
  300,
  500,
  750,
  1000,
  2000,
  5000,
  10_000,
  Infinity,
];
const WINDOW_MS = 60_000;

export class Lateness {
  #current = emptyWindow();
  #previous = emptyWindow();
  #endsAt = -Infinity;

  /** Counts one start, `lateMs` after its time. */
  record(now: number, lateMs: number): void {
    this.#rotate(now);
    const bucket = BOUNDS_MS.findIndex((bound) => lateMs <= bound);
    this.#current.counts[bucket] = (this.#current.counts[bucket] ?? 0) + 1;
    this.#current.max = Math.max(this.#current.max, lateMs);
  }

  summary(now: number): LatenessSummary {
    this.#rotate(now);
    const counts = BOUNDS_MS.map(
      (_, bucket) => (this.#current.counts[bucket] ?? 0) + (this.#previous.counts[bucket] ?? 0),
    );
    const count = counts.reduce((sum, each) => sum + each, 0);
    const maxMs = Math.ceil(Math.max(this.#current.max, this.#previous.max));
    const quantile = (share: number) => Math.min(maxMs, boundAt(counts, count * share));
    return { count, p50Ms: quantile(0.5), p99Ms: quantile(0.99), maxMs };
  }

  #rotate(now: number): void {
    if (now < this.#endsAt) return;
    this.#previous = now < this.#endsAt + WINDOW_MS ? this.#current : emptyWindow();
    this.#current = emptyWindow();
    this.#endsAt = now + WINDOW_MS;
  }
}

function emptyWindow(): { readonly counts: number[]; max: number } {
  return { counts: BOUNDS_MS.map(() => 0), max: 0 };
}

function boundAt(counts: readonly number[], rank: number): number {
  let seen = 0;
  for (const [bucket, count] of counts.entries()) {
    seen += count;
    if (seen >= rank) return BOUNDS_MS[bucket] ?? Infinity;
  }
  return 0;
}
