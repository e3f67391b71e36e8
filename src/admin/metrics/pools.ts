/** Metrics of virtual servers and of those behind them. Pure. */
import type { Crowd } from '../../pool/tally.js';
import type { RealServerStatus, SessionsStatus, SorryServerStatus, VirtualServerStatus } from '../status.js';
import { type Family, type MetricType, type Sample, sample, seconds } from './family.js';

export type PoolsView = readonly VirtualServerStatus[];

type Value = number | boolean | undefined;

export const POOL_METRICS: readonly Family<PoolsView>[] = [
  ...[
    virtual('gauge', 'up', 'Whether it has its quorum.', ({ up }) => up),
    virtual('gauge', 'since_seconds', 'When it gained or lost it, in seconds since 1970.', ({ since }) =>
      seconds(since),
    ),
    virtual('gauge', 'weight', 'Sum of the weights of the servers that are up.', ({ weight }) => weight),
    virtual('gauge', 'quorum', 'What is needed of that.', ({ quorum }) => quorum),
  ],
  ...[
    real('gauge', 'up', 'Whether it is up.', ({ up }) => up),
    real(
      'gauge',
      'draining',
      'Whether a command keeps newcomers from it.',
      ({ drain }) => drain !== undefined,
    ),
    real('gauge', 'agent_ratio', 'The share of its weight its agent wants.', ({ agent }) =>
      agent === undefined ? undefined : agent.mode === 'ready' ? agent.percent / 100 : 0,
    ),
    ...counts((name, help, value) => real('gauge', name, help, value)),
  ],
  ...[
    sorry('gauge', 'up', 'Whether it is up.', ({ up }) => up),
    sorry('gauge', 'in_use', 'Whether it stands in for a pool without quorum.', ({ inUse }) => inUse),
    ...counts((name, help, value) => sorry('gauge', name, help, value)),
  ],
  overflow('gauge', 'pool_active_connections', 'Active connections in the pool.', ({ active }) => active),
  overflow(
    'gauge',
    'pool_inactive_connections',
    'Closed ones the kernel still has, or of UDP all.',
    ({ inactive }) => inactive,
  ),
  overflow(
    'gauge',
    'sorry_active_connections',
    'Active connections at the sorry servers.',
    ({ sorryActive }) => sorryActive,
  ),
  overflow(
    'gauge',
    'sorry_inactive_connections',
    'Inactive ones there.',
    ({ sorryInactive }) => sorryInactive,
  ),
  overflow('counter', 'turned_total', 'Connections turned to the sorry servers.', ({ turned }) => turned),
  overflow(
    'gauge',
    'turned_per_second',
    'As the kernel estimates it.',
    ({ turnedPerSecond }) => turnedPerSecond,
  ),
  overflow(
    'gauge',
    'free_places',
    'Connections there is room for; absent without a limit.',
    ({ places }) => places,
  ),
  overflow('gauge', 'full', 'Whether no server has room.', ({ fullSince }) => fullSince !== undefined),
  overflow(
    'gauge',
    'full_since_seconds',
    'Since when, in seconds since 1970; absent while it is not.',
    ({ fullSince }) => seconds(fullSince),
  ),
  overflow(
    'counter',
    'transitions_total',
    'How often it became full or had room again.',
    ({ transitions }) => transitions,
  ),
  sessions('gauge', 'sessions', 'Sessions in its space.', (one) => one.sessions),
  sessions('gauge', 'session_places', 'Sessions there may be in its space.', ({ places }) => places),
  sessions('gauge', 'session_free_places', 'Those there is room for.', ({ free }) => free),
  sessions('counter', 'session_admissions_total', 'Clients let in.', ({ admitted }) => admitted),
  sessions(
    'counter',
    'session_turned_away_total',
    'Attempts to connect that went to the sorry servers.',
    (one) => one.turnedAway,
  ),
  sessions(
    'gauge',
    'session_door_open',
    'Whether newcomers get in while there is a place.',
    ({ door }) => door === 'open',
  ),
  sessions(
    'gauge',
    'session_full_since_seconds',
    'Since when newcomers have been turned away for want of a place, in seconds since 1970; absent while they are not.',
    ({ fullSince }) => seconds(fullSince),
  ),
  sessions(
    'counter',
    'session_transitions_total',
    'How often it became full or had room again.',
    ({ transitions }) => transitions,
  ),
];

function virtual(type: MetricType, name: string, help: string, value: (one: VirtualServerStatus) => Value) {
  return family(type, `virtual_server_${name}`, `Of a virtual server: ${help}`, ['virtual_server'], (pool) =>
    sample({ virtual_server: pool.id }, value(pool)),
  );
}

function real(type: MetricType, name: string, help: string, value: (one: RealServerStatus) => Value) {
  const labels = ['virtual_server', 'real_server'];
  return family(type, `real_server_${name}`, `Of a real server: ${help}`, labels, ({ id, realServers }) =>
    realServers.flatMap((one) => sample({ virtual_server: id, real_server: one.id }, value(one))),
  );
}

function sorry(type: MetricType, name: string, help: string, value: (one: SorryServerStatus) => Value) {
  const labels = ['virtual_server', 'sorry_server'];
  return family(type, `sorry_server_${name}`, `Of a sorry server: ${help}`, labels, ({ id, sorryServers }) =>
    sorryServers.flatMap((one) => sample({ virtual_server: id, sorry_server: one.id }, value(one))),
  );
}

function overflow(type: MetricType, name: string, help: string, value: (crowd: Crowd) => Value) {
  return family(type, `overflow_${name}`, `With overflow: ${help}`, ['virtual_server'], (pool) =>
    pool.overflow === undefined ? [] : sample({ virtual_server: pool.id }, value(pool.overflow)),
  );
}

function sessions(type: MetricType, name: string, help: string, value: (one: SessionsStatus) => Value) {
  const labels = ['virtual_server', 'space'];
  return family(type, name, `With overflow sessions: ${help}`, labels, ({ id, sessions: one }) =>
    one === undefined ? [] : sample({ virtual_server: id, space: one.space }, value(one)),
  );
}

type Counts = Pick<RealServerStatus, 'kernel'>;

/** What the kernel has of a server; absent where it has none. `connections` begins at 0 with each entry anew, so it is no counter. */
function counts(
  make: (name: string, help: string, value: (one: Counts) => Value) => Family<PoolsView>,
): Family<PoolsView>[] {
  return [
    make('weight', 'The weight in the table.', ({ kernel }) => kernel?.weight),
    make('active_connections', 'Active connections.', ({ kernel }) => kernel?.active),
    make('inactive_connections', 'Inactive connections.', ({ kernel }) => kernel?.inactive),
    make('connections', 'Connections since its entry was made.', ({ kernel }) => kernel?.total),
  ];
}

function family(
  type: MetricType,
  name: string,
  help: string,
  labels: readonly string[],
  read: (pool: VirtualServerStatus) => readonly Sample[],
): Family<PoolsView> {
  return { name: `lvsd_${name}`, type, help, labels, read: (pools) => pools.flatMap(read) };
}
