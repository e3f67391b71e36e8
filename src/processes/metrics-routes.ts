/** Metrics in the admin interface: everything is asked for when a scrape asks. */
import { formatMetrics } from '../admin/metrics.js';
import type { Routes } from '../admin/server.js';
import type { Status } from '../admin/status.js';
import { BOUNDS_MS, type TypeTally } from '../checkers/check-tally.js';

export type MetricsSources = {
  readonly status: () => Promise<Status>;
  readonly tallies: () => readonly TypeTally[];
};

export function metricsRoutes({ status, tallies }: MetricsSources): Routes {
  return {
    '/metrics': async () =>
      formatMetrics({ status: await status(), usage: usage(), tallies: tallies(), boundsMs: BOUNDS_MS }),
  };
}

function usage(): { readonly cpuSeconds: number; readonly residentBytes: number } {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() };
}
