/** What a list of requests says: pure counting, for stories, tests and benchmarks. */
import type { Asked, Failure } from './request.js';

/** A span of wall time, ms since 1970. */
export type Span = { readonly from: number; readonly to: number };

export type Summary = {
  readonly requests: number;
  readonly answered: number;
  readonly failed: number;
  readonly failures: Readonly<Partial<Record<Failure, number>>>;
  readonly servers: Readonly<Record<string, number>>;
  /** Time to the answer that 50 and 99 of 100 answered requests kept within, ms. */
  readonly p50Ms: number;
  readonly p99Ms: number;
};

export function summarise(requests: readonly Asked[]): Summary {
  const failed = requests.flatMap((asked) => ('failure' in asked ? [asked.failure] : []));
  const answered = requests.flatMap((asked) => ('server' in asked ? [asked] : []));
  const lengths = answered.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    requests: requests.length,
    answered: answered.length,
    failed: failed.length,
    failures: countEach(failed),
    servers: countEach(answered.map(({ server }) => server)),
    p50Ms: quantile(lengths, 0.5),
    p99Ms: quantile(lengths, 0.99),
  };
}

/** The requests that began in each step of so many ms, from the first on; steps with none are there too. */
export function timeline(requests: readonly Asked[], stepMs: number): (Summary & { readonly at: number })[] {
  const times = requests.map(({ at }) => at);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const steps = requests.length === 0 ? 0 : Math.floor((last - first) / stepMs) + 1;
  return Array.from({ length: steps }, (_, index) => {
    const at = first + index * stepMs;
    return { at, ...summarise(requests.filter((asked) => asked.at >= at && asked.at < at + stepMs)) };
  });
}

/** The failed requests that were at no time under way in one of the spans. */
export function failuresOutside(requests: readonly Asked[], spans: readonly Span[]): Asked[] {
  return requests.filter((asked) => 'failure' in asked && !spans.some((span) => overlaps(asked, span)));
}

/** The failed requests that were under way in the span. */
export function failuresIn(requests: readonly Asked[], span: Span): Asked[] {
  return requests.filter((asked) => 'failure' in asked && overlaps(asked, span));
}

/** The answers of a server to requests that were at no time under way in one of the spans. */
export function answersOutside(requests: readonly Asked[], server: string, spans: readonly Span[]): Asked[] {
  const answers = requests.filter((asked) => 'server' in asked && asked.server === server);
  return answers.filter((asked) => !spans.some((span) => overlaps(asked, span)));
}

/** The requests that began in the span. */
export function begunIn(requests: readonly Asked[], { from, to }: Span): Asked[] {
  return requests.filter(({ at }) => at >= from && at <= to);
}

function overlaps({ at, ms }: Asked, { from, to }: Span): boolean {
  return at <= to && at + ms >= from;
}

function countEach<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  const counts: Partial<Record<Key, number>> = {};
  for (const key of [...keys].sort()) counts[key] = (counts[key] ?? 0) + 1;
  return counts as Record<Key, number>;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
