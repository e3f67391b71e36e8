/** Metrics of lvsd itself and of the kernel's table as a whole. Pure. */
import type { Status } from '../status.js';
import { type Family, plain, sample, seconds } from './family.js';

/** What the process itself uses. */
export type Usage = { readonly cpuSeconds: number; readonly residentBytes: number };

export type ProcessView = { readonly status: Status; readonly usage: Usage };

const gauge = (name: string, help: string, value: (view: ProcessView) => number | boolean | undefined) =>
  plain({ name, type: 'gauge', help }, value);
const counter = (name: string, help: string, value: (view: ProcessView) => number | undefined) =>
  plain({ name, type: 'counter', help }, value);

export const PROCESS_METRICS: readonly Family<ProcessView>[] = [
  {
    name: 'lvsd_info',
    type: 'gauge',
    help: 'Always 1; the version of lvsd.',
    labels: ['version'],
    read: ({ status }) => sample({ version: status.version }, 1),
  },
  gauge('lvsd_start_time_seconds', 'When lvsd-lvs started, in seconds since 1970.', ({ status }) =>
    seconds(status.startedAt),
  ),
  counter('lvsd_cpu_seconds_total', 'CPU time lvsd-lvs has used.', ({ usage }) => usage.cpuSeconds),
  gauge('lvsd_resident_memory_bytes', 'Memory lvsd-lvs occupies.', ({ usage }) => usage.residentBytes),
  gauge('lvsd_supervised', 'Whether the supervisor lives.', ({ status }) => status.supervised),
  {
    name: 'lvsd_process_starts_total',
    type: 'counter',
    help: 'How often the supervisor has started each of its children.',
    labels: ['process'],
    read: ({ status }) =>
      Object.entries(status.starts ?? {}).flatMap(([process, count]) => sample({ process }, count)),
  },
  gauge('lvsd_last_reload_successful', 'Whether the last reload was taken.', ({ status: { lastReload } }) =>
    lastReload === undefined ? undefined : lastReload.errors.length === 0,
  ),
  gauge('lvsd_last_reload_time_seconds', 'When the last reload was, in seconds since 1970.', ({ status }) =>
    seconds(status.lastReload?.at),
  ),
  gauge(
    'lvsd_ipvs_last_pass_time_seconds',
    'When the table was last read back and right, in seconds since 1970.',
    ({ status }) => seconds(status.kernel.lastPassAt),
  ),
  counter(
    'lvsd_ipvs_drifts_total',
    'Entries found changed by another hand in IPVS and nftables, and put right.',
    ({ status }) => status.kernel.drifts,
  ),
  counter(
    'lvsd_ipvs_errors_total',
    'Refusals of the kernel, in IPVS and nftables.',
    ({ status }) => status.kernel.errors,
  ),
  gauge(
    'lvsd_ipvs_failing',
    'Whether the table cannot be made right now.',
    ({ status }) => status.kernel.error !== undefined,
  ),
];
