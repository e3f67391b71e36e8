/** A checker's block → CheckerConfig, with what it inherits from its real server. */
import type { CheckerCommon, CheckerConfig, ConnectionOptions } from '../../checkers/config.js';
import { rejectFirst } from '../arguments.js';
import { type Entry, type Section, setting, type Values } from '../keyword.js';
import type { agent, common, httpGet, sslGet } from '../schema/checkers.js';
import type { Address } from '../types/address.js';
import { buildHttp } from './http.js';
import { checkerName } from './identity.js';
import { type Defaults, errorAt, optional } from './values.js';

export type CheckerType = CheckerConfig['type'];
export type CommonValues = Values<typeof common>;
type ConnectionValues = Values<Omit<typeof agent, 'agent_send'>>;

export type CheckerSection =
  | { readonly type: 'TCP_CHECK' | 'PING_CHECK'; readonly entry: Entry<Section<true, typeof common>> }
  | { readonly type: 'AGENT_CHECK'; readonly entry: Entry<Section<true, typeof agent>> }
  | {
      readonly type: 'HTTP_GET' | 'SSL_GET';
      readonly entry: Entry<Section<true, typeof httpGet | typeof sslGet>>;
    };

/** What a checker takes from the servers around it. Undefined: nobody set it. */
export type CheckerDefaults = {
  readonly virtualServer: string;
  readonly realServer: string;
  readonly address: Address;
  /** 0 where the real server has none. */
  readonly port: number;
  readonly retry: number | undefined;
  readonly delayBeforeRetryMs: number | undefined;
  readonly warmupMs: number | undefined;
  readonly timeoutMs: number;
  readonly delayLoopMs: number;
  readonly alpha: boolean;
  readonly virtualhost: string | undefined;
};

const DELAY_BEFORE_RETRY_MS: Readonly<Record<Exclude<CheckerType, 'AGENT_CHECK'>, number>> = {
  TCP_CHECK: 1000,
  PING_CHECK: 1000,
  HTTP_GET: 3000,
  SSL_GET: 3000,
};

const RETRY = 1;

/** `taken` holds the ids already given; the new one is added. Undefined, and said why, when the check cannot be. */
export function buildChecker(
  section: CheckerSection,
  inherited: CheckerDefaults,
  { defaults, taken }: { readonly defaults: Defaults; readonly taken: Set<string> },
): CheckerConfig | undefined {
  const { type, entry } = section;
  const connection = buildConnection(type, entry, inherited, defaults);
  if (connection === undefined) return undefined;
  if (type === 'AGENT_CHECK') return buildAgent(entry, { connection, inherited }, { defaults, taken });
  const rest = buildCommon(type, entry.value.values, inherited, defaults);
  const identify = (config: Omit<CheckerConfig, 'id'>) => checkerName(config, taken);
  if (type === 'TCP_CHECK' || type === 'PING_CHECK') {
    const config = { ...rest, connection, type };
    return { id: identify(config), ...config };
  }
  const { virtualhost } = inherited;
  const http = buildHttp(section.entry.value.values, { type, entry, virtualhost }, defaults);
  if (http === undefined) return undefined;
  const config = { ...rest, connection, type, ...http };
  return { id: identify(config), ...config };
}

type Agent = { readonly connection: ConnectionOptions; readonly inherited: CheckerDefaults };

/** It has nothing to try again, and a server does not wait for it. */
function buildAgent(
  { value: { values } }: Extract<CheckerSection, { readonly type: 'AGENT_CHECK' }>['entry'],
  { connection, inherited }: Agent,
  { defaults, taken }: { readonly defaults: Defaults; readonly taken: Set<string> },
): CheckerConfig {
  const delayLoopMs = setting(values.delay_loop) ?? inherited.delayLoopMs;
  const config = {
    type: 'AGENT_CHECK' as const,
    virtualServer: inherited.virtualServer,
    realServer: inherited.realServer,
    connection,
    retry: 0,
    delayBeforeRetryMs: delayLoopMs,
    delayLoopMs,
    warmupMs: setting(values.warmup) ?? inherited.warmupMs ?? delayLoopMs,
    alpha: false,
    logAllFailures: setting(values.log_all_failures) ?? defaults.logAllFailures,
    ...optional('send', setting(values.agent_send)),
  };
  return { id: checkerName(config, taken), ...config };
}

type Rest = Omit<CheckerCommon, 'id' | 'connection'>;

function buildCommon(
  type: Exclude<CheckerType, 'AGENT_CHECK'>,
  values: CommonValues,
  inherited: CheckerDefaults,
  defaults: Defaults,
): Rest {
  const delayLoopMs = setting(values.delay_loop) ?? inherited.delayLoopMs;
  return {
    virtualServer: inherited.virtualServer,
    realServer: inherited.realServer,
    retry: setting(values.retry) ?? inherited.retry ?? RETRY,
    delayBeforeRetryMs:
      setting(values.delay_before_retry) ?? inherited.delayBeforeRetryMs ?? DELAY_BEFORE_RETRY_MS[type],
    delayLoopMs,
    warmupMs: setting(values.warmup) ?? inherited.warmupMs ?? delayLoopMs,
    alpha: setting(values.alpha) ?? inherited.alpha,
    logAllFailures: setting(values.log_all_failures) ?? defaults.logAllFailures,
  };
}

function buildConnection(
  type: CheckerType,
  entry: Entry<{ readonly values: ConnectionValues }>,
  inherited: CheckerDefaults,
  defaults: Defaults,
): ConnectionOptions | undefined {
  const { values } = entry.value;
  const target = setting(values.connect_ip) ?? inherited.address;
  const port = type === 'PING_CHECK' ? 0 : (setting(values.connect_port) ?? inherited.port);
  if (port === 0 && type !== 'PING_CHECK') {
    errorAt(defaults, entry, `${type}: expected connect_port in it, since the real server has no port`);
    return undefined;
  }
  const bind = values.bindto?.[0];
  if (bind !== undefined && bind.value.family !== target.family) {
    return rejectFirst(bind.statement, defaults.report, `expected the family of ${target.address}`);
  }
  const bindInterface = setting(values.bind_if);
  if (/^fe[89ab]/.test(target.address) && bindInterface === undefined) {
    errorAt(defaults, entry, `${type}: the link-local address ${target.address} needs bind_if`);
    return undefined;
  }
  return {
    ...target,
    port,
    ...optional('bindAddress', bind?.value.address),
    ...optional('bindPort', setting(values.bind_port)),
    ...optional('bindInterface', bindInterface),
    fwmark: setting(values.fwmark) ?? 0,
    timeoutMs: setting(values.connect_timeout) ?? inherited.timeoutMs,
  };
}
