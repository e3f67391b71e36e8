/** Metrics as data: what docs/metrics.md lists and a scrape prints. Names and units after the conventions of Prometheus. Pure. */

export type MetricType = 'counter' | 'gauge' | 'histogram';

/** A metric that there is, whatever its values are. */
export type Definition = {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  readonly labels: readonly string[];
};

export type Sample = {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** Of a histogram: `_bucket`, `_sum` or `_count`. */
  readonly suffix?: string;
};

/** A metric of something: how to read its values from a snapshot of that. */
export type Family<From> = Definition & { readonly read: (from: From) => readonly Sample[] };

/** One value, or none where `value` is undefined. */
export function plain<From>(
  definition: Omit<Definition, 'labels'>,
  value: (from: From) => number | boolean | undefined,
): Family<From> {
  return { ...definition, labels: [], read: (from) => sample({}, value(from)) };
}

/** A sample, or none where there is no value. Truth is 1. */
export function sample(labels: Sample['labels'], value: number | boolean | undefined): Sample[] {
  return value === undefined ? [] : [{ labels, value: Number(value) }];
}

/** Milliseconds, as lvsd has them, in the seconds Prometheus wants. */
export function seconds(ms: number): number;
export function seconds(ms: number | undefined): number | undefined;
export function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}
