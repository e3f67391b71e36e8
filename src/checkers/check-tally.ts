/** How checks went since the start and how long they took, by type: a few numbers however many checks there are. */
import type { CheckerConfig } from './config.js';
import type { ProbeResult } from './probe.js';

export type TypeTally = {
  readonly type: CheckerConfig['type'];
  readonly results: Readonly<Record<ProbeResult['kind'], number>>;
  /** Checks that took no longer than each of BOUNDS_MS, and longer than the one before; the last: than all. */
  readonly counts: readonly number[];
  readonly sumMs: number;
};

export const BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000] as const;

type Tally = {
  readonly type: CheckerConfig['type'];
  readonly results: Record<ProbeResult['kind'], number>;
  readonly counts: number[];
  sumMs: number;
};

export class CheckTally {
  readonly #types = new Map<CheckerConfig['type'], Tally>();

  record(type: CheckerConfig['type'], kind: ProbeResult['kind'], ms: number): void {
    const tally = this.#types.get(type) ?? this.#begin(type);
    tally.results[kind] += 1;
    tally.sumMs += ms;
    let bucket = 0;
    while (ms > (BOUNDS_MS[bucket] ?? Number.POSITIVE_INFINITY)) bucket++;
    tally.counts[bucket] = (tally.counts[bucket] ?? 0) + 1;
  }

  summary(): TypeTally[] {
    return [...this.#types.values()].map(({ results, counts, ...rest }) => ({
      ...rest,
      results: { ...results },
      counts: [...counts],
    }));
  }

  #begin(type: CheckerConfig['type']): Tally {
    const results = { ok: 0, failed: 0, unable: 0 };
    const tally = { type, results, counts: Array(BOUNDS_MS.length + 1).fill(0) as number[], sumMs: 0 };
    this.#types.set(type, tally);
    return tally;
  }
}
