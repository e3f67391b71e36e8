/** Everything lvsd tells Prometheus, in its text form (version 0.0.4). */
import { type MetricObjectWithValues, type MetricValue, Registry } from 'prom-client';
import { CHECK_METRICS, type ChecksView } from './metrics/checks.js';
import type { Definition, Family, Sample } from './metrics/family.js';
import { POOL_METRICS } from './metrics/pools.js';
import { PROCESS_METRICS, type Usage } from './metrics/process.js';
import { VRRP_METRICS } from './metrics/vrrp.js';
import { Text } from './server.js';
import type { Status } from './status.js';

export type MetricsView = { readonly status: Status; readonly usage: Usage } & Omit<ChecksView, 'checks'>;

/** Every metric there is, in the order of the text. */
export const DEFINITIONS: readonly Definition[] = [
  ...PROCESS_METRICS,
  ...CHECK_METRICS,
  ...POOL_METRICS,
  ...VRRP_METRICS,
];

/** What a scrape is answered. Metrics without a value are left out. */
export async function formatMetrics({ status, usage, ...checks }: MetricsView): Promise<Text> {
  const registry = new Registry();
  add(registry, PROCESS_METRICS, { status, usage });
  add(registry, CHECK_METRICS, { checks: status.checks, ...checks });
  add(registry, POOL_METRICS, status.virtualServers);
  add(registry, VRRP_METRICS, status.vrrp);
  return new Text(await registry.metrics(), registry.contentType);
}

function add<From>(registry: Registry, families: readonly Family<From>[], from: From): void {
  for (const family of families) {
    const samples = family.read(from);
    if (samples.length > 0) registry.registerMetric(metricOf(family, samples) as never);
  }
}

/** As the library's own metrics show themselves to a registry: what lvsd counts is counted elsewhere. */
function metricOf({ name, help, type }: Definition, samples: readonly Sample[]) {
  const values = samples.map(({ labels, value, suffix }) => ({
    labels,
    value,
    ...(suffix !== undefined && { metricName: `${name}${suffix}` }),
  }));
  const shown = { name, help, type, values, aggregator: 'sum' } as unknown as MetricObjectWithValues<
    MetricValue<string>
  >;
  return { name, help, type, get: async () => shown };
}
