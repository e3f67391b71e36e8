/** What identifies and schedules a virtual server: its name, kernel services, flags and persistence. */
import type { Persistence, Protocol, ServiceFlags, ServiceKey } from '../../ipvs/table.js';
import { type Family, formatEndpoint } from '../../net/address.js';
import { rejectFirst } from '../arguments.js';
import { type Entry, type Section, setting } from '../keyword.js';
import type { virtualServer } from '../schema/virtual-server.js';
import type { VirtualServerHead } from '../types/address.js';
import { familiesOf, type Group, groupKeys, hasAddresses } from './group.js';
import type { VirtualServerValues } from './real-server.js';
import { type Defaults, errorAt, warnAt } from './values.js';

export type VirtualServerEntry = Entry<Section<VirtualServerHead, typeof virtualServer>>;

/** What is being named, before its servers are known. */
export type Naming = {
  readonly entry: VirtualServerEntry;
  readonly group: Group | undefined;
  /** Absent for services of marks only. */
  readonly protocol: Protocol | undefined;
  /** Of the marks. */
  readonly family: Family;
};

/** UDP when not said, as keepalived has it; none for services of marks only. */
export function protocolOf(
  entry: VirtualServerEntry,
  group: Group | undefined,
  defaults: Defaults,
): Protocol | undefined {
  const { head, values } = entry.value;
  const given = values.protocol?.[0];
  const marksOnly = head.kind === 'fwmark' || (group !== undefined && !hasAddresses(group));
  if (marksOnly) {
    if (given !== undefined)
      warnAt(defaults, given, 'protocol: ignored, a fwmark service takes packets of any protocol');
    return undefined;
  }
  if (values.protocol === undefined)
    warnAt(defaults, entry, 'virtual_server: no protocol is set, UDP is used');
  return given?.value ?? 'udp';
}

/** How operators see it: `10.0.0.100:80 tcp`, `fwmark 5`, `group NAME tcp`. */
export function virtualServerId({ entry, protocol, family }: Naming): string {
  const { head } = entry.value;
  if (head.kind === 'address') return `${formatEndpoint(head.address, head.port)} ${protocol}`;
  if (head.kind === 'fwmark') return `fwmark ${head.fwmark}${family === 'ipv6' ? ' ipv6' : ''}`;
  return `group ${head.group}${protocol === undefined ? '' : ` ${protocol}`}`;
}

/** The kernel services it stands for. */
export function serviceKeys({ entry, group, protocol = 'udp', family }: Naming): readonly ServiceKey[] {
  const { head } = entry.value;
  if (head.kind === 'address')
    return [{ kind: 'address', family: head.family, protocol, address: head.address, port: head.port }];
  if (head.kind === 'fwmark') return [{ kind: 'fwmark', family, fwmark: head.fwmark }];
  return group === undefined ? [] : groupKeys(group, { protocol, markFamily: family }).map(([key]) => key);
}

/** Flags of the service; ops without UDP is taken back, as the kernel would refuse it. */
export function serviceFlags(
  values: VirtualServerValues,
  protocol: Protocol | undefined,
  defaults: Defaults,
): ServiceFlags {
  const ops = values.ops?.[0];
  const onePacket = ops !== undefined && (protocol === undefined || protocol === 'udp');
  if (ops !== undefined && !onePacket)
    warnAt(defaults, ops, 'ops: ignored, it is for UDP and fwmark services');
  for (const scheduler of ['sh', 'mh'] as const) {
    for (const flag of [values[`${scheduler}-port`]?.[0], values[`${scheduler}-fallback`]?.[0]]) {
      if (flag !== undefined && setting(values.lb_algo) !== scheduler) {
        warnAt(defaults, flag, `${flag.statement.keyword}: expected lb_algo ${scheduler} with it`);
      }
    }
  }
  const set = (...names: readonly (keyof VirtualServerValues)[]) =>
    names.some((name) => values[name] !== undefined);
  return {
    hashed: set('hashed'),
    onePacket,
    sched1: set('flag-1', 'sh-fallback', 'mh-fallback'),
    sched2: set('flag-2', 'sh-port', 'mh-port'),
    sched3: set('flag-3'),
  };
}

const DEFAULT_PERSISTENCE_S = 360;

/** Undefined for a service without persistence. A service for every port must have it. */
export function persistenceOf(naming: Naming, defaults: Defaults): Persistence | undefined {
  const { entry } = naming;
  const { values } = entry.value;
  const granularity = values.persistence_granularity?.[0];
  const timeoutS = setting(values.persistence_timeout) ?? (granularity && DEFAULT_PERSISTENCE_S);
  if (timeoutS === undefined && !coversAllPorts(naming)) return undefined;
  if (timeoutS === undefined) {
    const used = `persistence_timeout ${DEFAULT_PERSISTENCE_S} is used`;
    warnAt(defaults, entry, `virtual_server: without a port it must be persistent: ${used}`);
  }
  return { timeoutS: timeoutS ?? DEFAULT_PERSISTENCE_S, prefixLength: prefixLengthOf(naming, defaults) };
}

function prefixLengthOf(naming: Naming, defaults: Defaults): number {
  const { entry } = naming;
  const granularity = entry.value.values.persistence_granularity?.[0];
  const families = familiesIn(naming);
  const [family = 'ipv4'] = families;
  if (families.size > 1) {
    errorAt(defaults, entry, 'virtual_server: expected one family of addresses in a persistent group');
  }
  if (granularity !== undefined && granularity.value.family !== family) {
    const wanted =
      family === 'ipv4'
        ? 'a mask such as 255.255.255.0 for IPv4'
        : 'a number of bits between 1 and 128 for IPv6';
    rejectFirst(granularity.statement, defaults.report, `expected ${wanted}`);
  }
  return granularity?.value.prefixLength ?? (family === 'ipv4' ? 32 : 128);
}

function familiesIn({ entry, group, family }: Naming): ReadonlySet<Family> {
  const { head } = entry.value;
  if (head.kind === 'address') return new Set([head.family]);
  const known = group === undefined ? new Set<Family>() : familiesOf(group);
  return known.size === 0 ? new Set([family]) : known;
}

function coversAllPorts({ entry, group }: Naming): boolean {
  const { head } = entry.value;
  if (head.kind === 'address') return head.port === 0;
  return group?.lines.some(({ value }) => value.kind === 'addresses' && value.port === 0) ?? false;
}
