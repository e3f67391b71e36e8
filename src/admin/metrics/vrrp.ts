/** Metrics of VRRP. Pure. */
import type { TrafficCounts } from '../../vrrp/packets/counters.js';
import type { InstanceStatus, VrrpStatus } from '../../vrrp/status.js';
import type { VrrpSilent } from '../status.js';
import { quantiles } from './checks.js';
import { type Family, type MetricType, type Sample, sample, seconds } from './family.js';

export type VrrpView = VrrpStatus | VrrpSilent | undefined;

/** Prometheus has a label `instance` of its own: whom it asked. */
const LABEL = 'vrrp_instance';

const STATES = ['INIT', 'FAULT', 'BACKUP', 'MASTER', 'HANDOVER'] as const;

export const VRRP_METRICS: readonly Family<VrrpView>[] = [
  {
    name: 'lvsd_vrrp_up',
    type: 'gauge',
    help: 'Whether lvsd-vrrp answers; absent where no VRRP is configured.',
    labels: [],
    read: (view) => (view === undefined ? [] : sample({}, !('error' in view))),
  },
  family('gauge', 'instance_state', '1 for the state it is in, 0 for the others.', ['state'], ({ state }) =>
    STATES.map((one) => ({ labels: { state: one }, value: Number(one === state) })),
  ),
  family('gauge', 'instance_priority', 'Its priority now.', [], ({ priority }) =>
    sample({}, priority.effective),
  ),
  family('gauge', 'instance_priority_configured', 'Its priority in the file.', [], ({ priority }) =>
    sample({}, priority.configured),
  ),
  family('gauge', 'instance_trackers_down', 'Trackers that are down.', [], ({ trackersDown }) =>
    sample({}, trackersDown.length),
  ),
  family(
    'gauge',
    'handed_over',
    'Whether lvsd handover keeps it from preempting, until lvsd handover --back.',
    [],
    ({ handedOver }) => sample({}, handedOver),
  ),
  family('gauge', 'instance_addresses_missing', 'Addresses it ought to have and has not.', [], (one) =>
    sample({}, one.addresses.missing.length),
  ),
  family(
    'gauge',
    'instance_addresses_unwanted',
    'Addresses it has while it is BACKUP or in FAULT, and ought not to have.',
    [],
    (one) => sample({}, one.addresses.unwanted.length),
  ),
  family(
    'counter',
    'drifts_total',
    'Addresses, routes, rules and interfaces made for it that another hand took away, and that were put back.',
    [],
    (one) => sample({}, one.drifts),
  ),
  count('adverts_received', 'Adverts believed.', (counts) => counts.advertsReceived),
  family(
    'gauge',
    'last_advert_received_time_seconds',
    'When the last of these came, in seconds since 1970.',
    [],
    ({ lastHeardAt }) => sample({}, seconds(lastHeardAt)),
  ),
  count('adverts_sent', 'Adverts sent.', (counts) => counts.advertsSent),
  count(
    'priority_zero_received',
    'Of these, such that give the addresses up.',
    (counts) => counts.priorityZeroReceived,
  ),
  count('priority_zero_sent', 'The same, sent.', (counts) => counts.priorityZeroSent),
  count('became_master', 'How often it became master.', (counts) => counts.becameMaster),
  count('transitions', 'Changes of its state.', (counts) => counts.transitions),
  family(
    'counter',
    'odd_adverts_total',
    'Adverts believed that are not as configured here.',
    ['reason'],
    ({ counts }) => byReason(counts.odd),
  ),
  family('counter', 'dropped_total', 'Packets not believed.', ['reason'], ({ counts }) =>
    byReason(counts.drops),
  ),
  {
    name: 'lvsd_vrrp_unowned_dropped_total',
    type: 'counter',
    help: 'VRRP packets that belong to no instance.',
    labels: ['reason'],
    read: (view) => (heard(view) ? byReason(view.drops) : []),
  },
  {
    name: 'lvsd_vrrp_lateness_seconds',
    type: 'gauge',
    help: 'How late the event loop of lvsd-vrrp is, over the last one to two minutes; quantile 1 is the most.',
    labels: ['quantile'],
    read: (view) =>
      heard(view) ? quantiles({}, [view.lateness.p50Ms, view.lateness.p99Ms, view.lateness.maxMs]) : [],
  },
];

function heard(view: VrrpView): view is VrrpStatus {
  return view !== undefined && !('error' in view);
}

function count(name: string, help: string, value: (counts: TrafficCounts) => number): Family<VrrpView> {
  return family('counter', `${name}_total`, help, [], ({ counts }) => sample({}, value(counts)));
}

function byReason(counts: TrafficCounts['drops'] | TrafficCounts['odd']): Sample[] {
  return Object.entries(counts).flatMap(([reason, value]) => sample({ reason }, value));
}

function family(
  type: MetricType,
  name: string,
  help: string,
  labels: readonly string[],
  read: (instance: InstanceStatus) => readonly Sample[],
): Family<VrrpView> {
  return {
    name: `lvsd_vrrp_${name}`,
    type,
    help: `Of a vrrp_instance: ${help}`,
    labels: [LABEL, ...labels],
    read: (view) =>
      heard(view)
        ? view.instances.flatMap((instance) =>
            read(instance).map((one) => ({ ...one, labels: { [LABEL]: instance.name, ...one.labels } })),
          )
        : [],
  };
}
