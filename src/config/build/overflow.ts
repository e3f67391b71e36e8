/** The overflow keyword against everything it has to go with. What cannot work is an error that says what to write instead. */
import type { Persistence, ServiceKey } from '../../ipvs/table.js';
import type { OverflowConfig, RealServerConfig, SorryServerConfig } from '../../pool/config.js';
import { leastMargin } from '../../pool/scale.js';
import { rejectFirst } from '../arguments.js';
import { setting } from '../keyword.js';
import type { OverflowSetting } from '../types/lvs.js';
import type { VirtualServerValues } from './real-server.js';
import { nameOf, sessionSpace } from './sessions.js';
import { type Defaults, errorAt, optional, warnAt } from './values.js';

/** What `overflow` has to go with. */
export type Surroundings = {
  readonly scheduler: string;
  readonly realServers: readonly RealServerConfig[];
  readonly sorryServers: readonly SorryServerConfig[];
  readonly id: string;
  readonly services: readonly ServiceKey[];
  readonly persistence: Persistence | undefined;
};

type OverflowEntry = NonNullable<VirtualServerValues['overflow']>[number];

const DEFAULT_INTERVAL_MS = 250;

export function buildOverflow(
  values: VirtualServerValues,
  around: Surroundings,
  defaults: Defaults,
): OverflowConfig | undefined {
  const entry = values.overflow?.[0];
  const interval = values.overflow_interval?.[0];
  if (interval !== undefined && entry?.value.mode !== 'quiesce')
    warnAt(defaults, interval, 'overflow_interval: ignored: it is for overflow quiesce');
  if (entry === undefined) return undefined;
  checkSorryServers(entry, around, defaults);
  switch (entry.value.mode) {
    case 'connections':
      checkConnections(entry, values, around, defaults);
      return { mode: 'connections' };
    case 'quiesce':
      checkQuiesce(entry, values, around, defaults);
      return { mode: 'quiesce', intervalMs: setting(values.overflow_interval) ?? DEFAULT_INTERVAL_MS };
    case 'sessions':
      return sessions(entry, entry.value, around, defaults);
  }
}

function checkSorryServers(entry: OverflowEntry, around: Surroundings, defaults: Defaults): void {
  const { realServers, sorryServers } = around;
  if (sorryServers.length === 0)
    errorAt(defaults, entry, 'overflow: expected a sorry_server, to turn newcomers to');
  const both = sorryServers.find((sorry) =>
    realServers.some(({ address, port }) => address === sorry.address && port === sorry.port),
  );
  if (both !== undefined) {
    const where = both.id.replace('sorry ', '');
    errorAt(
      defaults,
      entry,
      `overflow: sorry_server ${where} is a real_server too: expected a server of its own`,
    );
  }
}

function checkConnections(
  entry: OverflowEntry,
  values: VirtualServerValues,
  around: Surroundings,
  defaults: Defaults,
): void {
  const { scheduler, persistence } = around;
  if (scheduler !== 'sed' && scheduler !== 'fo') {
    const why = `lb_algo ${scheduler} would give the sorry server a share: expected lb_algo sed or fo`;
    rejectFirst(entry.statement, defaults.report, `${why}, or overflow quiesce`);
  }
  if (persistence !== undefined) {
    const why = 'persistence would keep a client at the sorry server';
    rejectFirst(
      entry.statement,
      defaults.report,
      `${why}: expected overflow sessions N, or no persistence_timeout`,
    );
  }
  checkCounted(entry, values, around, defaults);
  checkMargin(entry, around, defaults);
}

function checkQuiesce(
  entry: OverflowEntry,
  values: VirtualServerValues,
  around: Surroundings,
  defaults: Defaults,
): void {
  checkCounted(entry, values, around, defaults);
}

/** Both modes count connections. */
function checkCounted(
  entry: OverflowEntry,
  values: VirtualServerValues,
  { realServers }: Surroundings,
  defaults: Defaults,
): void {
  const ops = values.ops?.[0];
  if (ops !== undefined)
    errorAt(defaults, ops, 'ops: with it no connections are kept, and overflow counts them');
  if (realServers.every(({ upperThreshold }) => upperThreshold === 0)) {
    rejectFirst(entry.statement, defaults.report, 'no real_server has a limit: expected uthreshold in them');
  }
}

function checkMargin(
  entry: OverflowEntry,
  { scheduler, realServers, sorryServers }: Surroundings,
  defaults: Defaults,
): void {
  const worst = leastMargin(realServers, sorryServers, scheduler === 'fo');
  if (worst === undefined || worst.weight > worst.needed) return;
  const { server, weight, needed } = worst;
  const because =
    scheduler === 'fo'
      ? `the weight of its sorry_server, ${needed}`
      : `(uthreshold ${server.upperThreshold} + 1) × the weight of its sorry_server, ${needed}`;
  rejectFirst(
    entry.statement,
    defaults.report,
    `the weights scaled to 65535 give real_server ${server.id} ${weight}: expected more than ${because}: ` +
      'make the weights less different, or uthreshold smaller, or use overflow quiesce',
  );
}

function sessions(
  entry: OverflowEntry,
  setting: Extract<OverflowSetting, { readonly mode: 'sessions' }>,
  { id, services, persistence, scheduler }: Surroundings,
  defaults: Defaults,
): OverflowConfig | undefined {
  const families = new Set(services.map(({ family }) => family));
  const [first] = services;
  const reject = (text: string) => rejectFirst(entry.statement, defaults.report, text);
  if (first === undefined || services.some(({ kind }) => kind === 'fwmark')) {
    reject('it marks the packets itself: expected virtual_server ADDRESS PORT, or a group of addresses');
    return undefined;
  }
  if (first.kind === 'fwmark') return undefined;
  if (families.size > 1) {
    reject('expected one family of addresses in the group: give each family a virtual_server of its own');
    return undefined;
  }
  if (persistence === undefined && scheduler !== 'sh' && scheduler !== 'mh') {
    const why = 'without persistence_timeout a client has its place in the pool, but not its server';
    warnAt(defaults, entry, `overflow sessions: ${why}`);
  }
  const space = sessionSpace(setting, { id, ...optional('persistence', persistence) }, first.family);
  const service = {
    name: nameOf(id),
    space: space.name,
    protocol: first.protocol,
    endpoints: [],
    poolMark: 0,
    sorryMark: 0,
  };
  return { mode: 'sessions', space, service };
}
