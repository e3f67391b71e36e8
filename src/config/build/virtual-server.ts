/** A virtual_server block → VirtualServerConfig and the configurations of its checkers. */
import type { CheckerConfig } from '../../checkers/config.js';
import type { Forwarding } from '../../ipvs/table.js';
import type { Family } from '../../net/address.js';
import type { RealServerConfig, VirtualServerConfig } from '../../pool/config.js';
import { type Entry, isComplete, setting } from '../keyword.js';
import { familiesOf, type Group } from './group.js';
import { smtpAlertOf } from './mail.js';
import { buildOverflow } from './overflow.js';
import { buildQuorum } from './quorum.js';
import { type BuiltServer, buildRealServer, type RealServerSection, type Service } from './real-server.js';
import {
  persistenceOf,
  protocolOf,
  serviceFlags,
  serviceKeys,
  type VirtualServerEntry,
  virtualServerId,
} from './service.js';
import { type BuiltSorryServer, buildSorryServers } from './sorry-server.js';
import { type Defaults, errorAt, NAT, optional, ownedScript, type Statement, warnAt } from './values.js';

export type BuiltVirtualServer = {
  readonly virtualServer: VirtualServerConfig;
  readonly checkers: readonly CheckerConfig[];
};

export type BuildOptions = {
  readonly group: Group | undefined;
  readonly taken: Set<string>;
  readonly defaults: Defaults;
};

/** Undefined, and said why, for one without real servers. */
export function buildVirtualServer(
  entry: VirtualServerEntry,
  options: BuildOptions,
): BuiltVirtualServer | undefined {
  const { group, defaults } = options;
  const { head, values } = entry.value;
  if (values.real_server === undefined) {
    warnAt(defaults, entry, 'virtual_server: it has no real_server and is ignored');
    return undefined;
  }
  const forwarding = forwardingOf(entry, defaults);
  const family = familyOfMarks(entry, forwarding);
  const protocol = protocolOf(entry, group, defaults);
  const naming = { entry, group, protocol, family };
  const port = head.kind === 'address' ? head.port : 0;
  const service: Service = {
    id: virtualServerId(naming),
    values,
    forwarding,
    port,
    kind: head.kind,
    taken: options.taken,
  };
  const built = buildServers(values.real_server, service, defaults);
  const realServers = built.map(({ server }) => server);
  const sorry = buildSorryServers(service, realServers, defaults);
  checkFamilies(entry, { ...naming, realServers, sorry }, defaults);
  const quorum = isComplete(values.real_server)
    ? buildQuorum(entry, totalWeight(realServers), defaults)
    : NO_QUORUM;
  if (values.lb_algo === undefined) warnAt(defaults, entry, 'virtual_server: no lb_algo is set, wlc is used');
  const scheduler = setting(values.lb_algo) ?? 'wlc';
  const sorryServers = sorry.map(({ server }) => server);
  const persistence = persistenceOf(naming, defaults);
  const services = serviceKeys(naming);
  const around = { id: service.id, services, scheduler, realServers, sorryServers, persistence };
  const virtualServer: VirtualServerConfig = {
    id: service.id,
    services,
    scheduler,
    flags: serviceFlags(values, protocol, defaults),
    ...optional('persistence', persistence),
    ...optional('persistenceEngine', setting(values.persistence_engine)),
    ...quorum,
    ...optional('quorumUp', ownedScript(setting(values.quorum_up), defaults)),
    ...optional('quorumDown', ownedScript(setting(values.quorum_down), defaults)),
    omega: setting(values.omega) ?? false,
    ...smtpAlertOf(values.smtp_alert, defaults.alerts?.virtualServer),
    sorryServers,
    ...optional('overflow', buildOverflow(values, around, defaults)),
    drainTimeoutMs: setting(values.drain_timeout) ?? DRAIN_TIMEOUT_MS,
    realServers,
  };
  return { virtualServer, checkers: [...built, ...sorry].flatMap(({ checkers }) => checkers) };
}

const DRAIN_TIMEOUT_MS = 60_000;

/** Of servers some of which could not be read. */
const NO_QUORUM = { quorum: 1, hysteresis: 0 };

function totalWeight(servers: readonly RealServerConfig[]): number {
  return servers.reduce((sum, { weight }) => sum + weight, 0);
}

function forwardingOf(entry: VirtualServerEntry, defaults: Defaults): Forwarding {
  const { values } = entry.value;
  const given = setting(values.lb_kind);
  const needed = values.real_server?.some(({ value }) => value.values.lvs_method === undefined);
  if (values.lb_kind === undefined && needed)
    warnAt(defaults, entry, 'virtual_server: no lb_kind is set, NAT is used');
  return given ?? NAT;
}

/** The family of a fwmark: what ip_family says, else that of the persistence mask, else of the servers. */
function familyOfMarks(entry: VirtualServerEntry, forwarding: Forwarding): Family {
  const { head, values } = entry.value;
  if (head.kind === 'address') return head.family;
  const said = setting(values.ip_family);
  if (said !== undefined) return said === 'inet6' ? 'ipv6' : 'ipv4';
  const mask = setting(values.persistence_granularity);
  if (mask !== undefined) return mask.family;
  const servers = (values.real_server ?? []).map(({ value }) => ({
    family: value.head.family,
    tunnelled: (setting(value.values.lvs_method) ?? forwarding).method === 'tun',
  }));
  const bound = servers.find(({ tunnelled }) => !tunnelled);
  if (bound !== undefined) return bound.family;
  return servers.every(({ family }) => family === 'ipv6') ? 'ipv6' : 'ipv4';
}

function buildServers(
  entries: readonly Entry<RealServerSection>[],
  service: Service,
  defaults: Defaults,
): readonly BuiltServer[] {
  const built = new Map<string, BuiltServer>();
  for (const entry of entries) {
    const one = buildRealServer(entry, service, defaults);
    if (built.has(one.server.id))
      warnAt(defaults, entry, `real_server ${one.server.id}: given twice: the first counts`);
    else built.set(one.server.id, one);
  }
  return [...built.values()];
}

type Families = {
  readonly group: Group | undefined;
  readonly family: Family;
  readonly realServers: readonly RealServerConfig[];
  readonly sorry: readonly BuiltSorryServer[];
};

/** Only a tunnel carries packets of one family to a server of the other. */
function checkFamilies(
  entry: VirtualServerEntry,
  { group, family, realServers, sorry }: Families,
  defaults: Defaults,
): void {
  const known = group === undefined ? new Set<Family>() : familiesOf(group);
  const families = known.size === 0 ? new Set([family]) : known;
  const servers = [...realServers, ...sorry.map(({ server }) => server)];
  for (const server of servers) {
    if (server.forwarding.method === 'tun' || (families.size === 1 && families.has(server.family))) continue;
    const of = [...families].map((one) => (one === 'ipv4' ? 'IPv4' : 'IPv6')).join(' and ');
    errorAt(
      defaults,
      placeOf(entry, server),
      `server ${server.address}: expected the family of the service (${of}): only TUN may differ`,
    );
  }
}

function placeOf(entry: VirtualServerEntry, server: Pick<RealServerConfig, 'address'>): Statement {
  const { real_server = [], sorry_server = [] } = entry.value.values;
  return (
    real_server.find(({ value }) => value.head.address === server.address) ??
    sorry_server.find(({ value }) => value.head.address === server.address) ??
    entry
  );
}
