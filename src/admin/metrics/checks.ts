/** Metrics of the checks. Pure. */
import type { TypeTally } from '../../checkers/check-tally.js';
import type { ChecksStatus } from '../status.js';
import { type Family, plain, type Sample, sample, seconds } from './family.js';

export type ChecksView = {
  readonly checks: ChecksStatus;
  readonly tallies: readonly TypeTally[];
  /** Upper bounds of the tallies' counts but the last, in milliseconds. */
  readonly boundsMs: readonly number[];
};

const gauge = (name: string, help: string, value: (view: ChecksView) => number) =>
  plain({ name, type: 'gauge', help }, value);

export const CHECK_METRICS: readonly Family<ChecksView>[] = [
  gauge('lvsd_checkers', 'Checkers that run.', ({ checks }) => checks.checkers),
  gauge('lvsd_checks_running', 'Checks under way.', ({ checks }) => checks.running),
  gauge('lvsd_checks_waiting', 'Checks that wait for a socket.', ({ checks }) => checks.waiting),
  {
    name: 'lvsd_check_lateness_seconds',
    type: 'gauge',
    help: 'How late checks start, over the last one to two minutes; quantile 1 is the most.',
    labels: ['quantile'],
    read: ({ checks: { lateness } }) =>
      lateness.count === 0 ? [] : quantiles({}, [lateness.p50Ms, lateness.p99Ms, lateness.maxMs]),
  },
  {
    name: 'lvsd_checks_total',
    type: 'counter',
    help: 'Checks that ended: ok, failed, or unable for lack of something on this machine.',
    labels: ['type', 'result'],
    read: ({ tallies }) =>
      tallies.flatMap(({ type, results }) =>
        Object.entries(results).flatMap(([result, count]) => sample({ type, result }, count)),
      ),
  },
  {
    name: 'lvsd_check_duration_seconds',
    type: 'histogram',
    help: 'How long checks take.',
    labels: ['type'],
    read: ({ tallies, boundsMs }) => tallies.flatMap((tally) => histogram(tally, boundsMs)),
  },
];

/** Half, 99 of 100, and all. */
export function quantiles(
  labels: Sample['labels'],
  [half, most, all]: readonly [number, number, number],
): Sample[] {
  return [
    ...sample({ ...labels, quantile: '0.5' }, seconds(half)),
    ...sample({ ...labels, quantile: '0.99' }, seconds(most)),
    ...sample({ ...labels, quantile: '1' }, seconds(all)),
  ];
}

function histogram({ type, counts, sumMs }: TypeTally, boundsMs: readonly number[]): Sample[] {
  let below = 0;
  const buckets = counts.map((count, index) => {
    below += count;
    const bound = boundsMs[index];
    return {
      labels: { type, le: bound === undefined ? '+Inf' : bound / 1000 },
      value: below,
      suffix: '_bucket',
    };
  });
  return [
    ...buckets,
    { labels: { type }, value: seconds(sumMs), suffix: '_sum' },
    { labels: { type }, value: below, suffix: '_count' },
  ];
}
