/** A real_server block → RealServerConfig and the configurations of its checkers. */
import type { CheckerConfig } from '../../checkers/config.js';
import type { Forwarding } from '../../ipvs/table.js';
import { formatEndpoint } from '../../net/address.js';
import type { RealServerConfig } from '../../pool/config.js';
import { rejectFirst } from '../arguments.js';
import { type Entry, type Section, setting, type Values } from '../keyword.js';
import type { checked, realServer, virtualServer } from '../schema/virtual-server.js';
import type { Endpoint } from '../types/address.js';
import { buildChecker, type CheckerDefaults, type CheckerSection } from './checker.js';
import { smtpAlertOf } from './mail.js';
import { type Defaults, optional, ownedScript, type Statement, warnAt } from './values.js';

export type RealServerSection = Section<Endpoint, typeof realServer>;
export type VirtualServerValues = Values<typeof virtualServer>;

/** What a real server is told by the service it belongs to. */
export type Service = {
  readonly id: string;
  readonly values: VirtualServerValues;
  readonly forwarding: Forwarding;
  /** The one port of the service; 0 for marks and groups, whose servers take the port of each service. */
  readonly port: number;
  readonly kind: 'address' | 'fwmark' | 'group';
  /** Ids of checkers given so far. */
  readonly taken: Set<string>;
};

export type BuiltServer = { readonly server: RealServerConfig; readonly checkers: readonly CheckerConfig[] };

export function buildRealServer(
  entry: Entry<RealServerSection>,
  service: Service,
  defaults: Defaults,
): BuiltServer {
  const { head, values } = entry.value;
  const forwarding = setting(values.lvs_method) ?? service.forwarding;
  const port = destinationPort(entry, { port: head.port, forwarding }, service, defaults);
  const id = formatEndpoint(head.address, port);
  const checkers = buildCheckers(entry.value, id, service, defaults);
  const server: RealServerConfig = {
    id,
    family: head.family,
    address: head.address,
    port,
    weight: setting(values.weight) ?? setting(service.values.weight) ?? 1,
    ...buildThresholds(values, defaults),
    forwarding,
    inhibitOnFailure:
      setting(values.inhibit_on_failure) ?? setting(service.values.inhibit_on_failure) ?? false,
    slowStartMs: setting(values.slow_start) ?? setting(service.values.slow_start) ?? 0,
    ...optional('notifyUp', ownedScript(setting(values.notify_up), defaults)),
    ...optional('notifyDown', ownedScript(setting(values.notify_down), defaults)),
    ...smtpAlertOf(values.smtp_alert, defaults.alerts?.realServer),
    checkers: checkers.map(({ id: checker, alpha, type }) => ({
      id: checker,
      alpha,
      ...(type === 'AGENT_CHECK' && { agent: true as const }),
    })),
  };
  return { server, checkers };
}

/** The checkers of a real or sorry server, which goes by `id`. */
export function buildCheckers(
  section: CheckedSection,
  id: string,
  service: Service,
  defaults: Defaults,
): readonly CheckerConfig[] {
  const inherited = inheritedBy(section, service, id);
  const sections = [...checkerSections(section.values), ...agentSection(section.values)];
  return sections.flatMap(
    (checker) => buildChecker(checker, inherited, { defaults, taken: service.taken }) ?? [],
  );
}

type CheckedSection = Pick<Section<Endpoint, typeof checked>, 'head' | 'values'>;

type Wanted = { readonly port: number; readonly forwarding: Forwarding };

/**
 * The port of a destination; 0 is the port of the service. Without address translation the kernel cannot change
 * the port of a packet, so the service's own is the only one that works.
 */
export function destinationPort(
  entry: Statement,
  { port, forwarding }: Wanted,
  service: Pick<Service, 'kind' | 'port'>,
  defaults: Defaults,
): number {
  if (port === 0) return service.port;
  if (forwarding.method === 'nat' || port === service.port) return port;
  const { keyword } = entry.statement;
  const why = `only NAT can change the port`;
  if (service.kind === 'address')
    warnAt(defaults, entry, `${keyword}: port ${port} becomes ${service.port}: ${why}`);
  else warnAt(defaults, entry, `${keyword}: port ${port} is not used for traffic: ${why}`);
  return service.port;
}

function buildThresholds(
  { uthreshold, lthreshold }: Values<typeof realServer>,
  { report }: Defaults,
): Pick<RealServerConfig, 'upperThreshold' | 'lowerThreshold'> {
  const upperThreshold = setting(uthreshold) ?? 0;
  const lower = lthreshold?.[0];
  const lowerThreshold = lower?.value ?? 0;
  if (lower !== undefined && lowerThreshold > upperThreshold) {
    const has = upperThreshold === 0 ? 'which is not set' : `which is ${upperThreshold}`;
    rejectFirst(lower.statement, report, `expected at most uthreshold, ${has}`);
  }
  return { upperThreshold, lowerThreshold };
}

function inheritedBy({ head, values }: CheckedSection, service: Service, id: string): CheckerDefaults {
  const outer = service.values;
  return {
    virtualServer: service.id,
    realServer: id,
    address: { family: head.family, address: head.address },
    port: head.port === 0 ? service.port : head.port,
    retry: setting(values.retry) ?? setting(outer.retry),
    delayBeforeRetryMs: setting(values.delay_before_retry) ?? setting(outer.delay_before_retry),
    warmupMs: setting(values.warmup) ?? setting(outer.warmup),
    timeoutMs: setting(values.connect_timeout) ?? setting(outer.connect_timeout) ?? 5000,
    delayLoopMs: setting(values.delay_loop) ?? setting(outer.delay_loop) ?? 60_000,
    alpha: setting(values.alpha) ?? setting(outer.alpha) ?? false,
    virtualhost: setting(values.virtualhost) ?? setting(outer.virtualhost),
  };
}

function agentSection(values: Values<typeof checked>): readonly CheckerSection[] {
  const { AGENT_CHECK = [] } = values as Partial<Values<typeof realServer>>;
  return AGENT_CHECK.map((entry) => ({ type: 'AGENT_CHECK', entry }));
}

/** All checkers of a server in the order of the file. */
function checkerSections(values: Values<typeof checked>): readonly CheckerSection[] {
  const { TCP_CHECK = [], PING_CHECK = [], HTTP_GET = [], SSL_GET = [] } = values;
  const all: CheckerSection[] = [
    ...TCP_CHECK.map((entry) => ({ type: 'TCP_CHECK' as const, entry })),
    ...PING_CHECK.map((entry) => ({ type: 'PING_CHECK' as const, entry })),
    ...HTTP_GET.map((entry) => ({ type: 'HTTP_GET' as const, entry })),
    ...SSL_GET.map((entry) => ({ type: 'SSL_GET' as const, entry })),
  ];
  return all.sort((a, b) => a.entry.order - b.entry.order);
}
