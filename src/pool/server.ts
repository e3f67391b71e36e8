/** The state of one real server: up while none of its checkers is down. Times are milliseconds since 1970. */
import type { Destination } from '../ipvs/table.js';
import type { RealServerConfig, SorryServerConfig } from './config.js';
import type { Drain } from './drain.js';
import { type AgentState, type CheckerMemory, inherit, type ServerMemory } from './memory.js';
import { beginRamp, type Ramp } from './ramp.js';

export type ServerState = {
  readonly config: RealServerConfig;
  readonly up: boolean;
  readonly since: number;
  /** By checker id, in the order of the configuration. */
  readonly checkers: ReadonlyMap<string, CheckerState>;
  /** Its entry in the table while it serves; the weight is what it counts for now, and may be moved at run time. */
  readonly destination: Destination;
  /** notify_up/down know of the present state; false for an alpha server that has not failed or succeeded yet. */
  readonly announced: boolean;
  /** It came back and has a share of its weight until then. */
  readonly ramp?: Ramp | undefined;
  /** What it last said of itself. */
  readonly agent?: AgentState | undefined;
  /** The operator wants it away. */
  readonly drain?: Drain | undefined;
};

/** What one checker says; `up` is an assumption until `tested`. */
export type CheckerState = Omit<CheckerMemory, 'id'>;

/** One checker's new verdict on one real server. */
export type CheckerResult = {
  readonly checker: string;
  readonly realServer: string;
  readonly up: boolean;
  /** In words, for people: why it is down, or what it answered. */
  readonly reason: string;
  readonly since: number;
};

/** IPVS takes a signed 32-bit weight. */
const MAX_WEIGHT = 2 ** 31 - 1;

/** A server as configured, going on from what is remembered of it. */
export function beginServer(
  config: RealServerConfig,
  past: ServerMemory | undefined,
  now: number,
): ServerState {
  const checkers = inherit(config.checkers, past, now);
  const up = allUp(checkers);
  return {
    config,
    up,
    since: past !== undefined && past.up === up ? past.since : now,
    checkers,
    destination: destinationOf(config, config.weight),
    announced: up || past?.announced === true,
    ...(past?.drain && { drain: past.drain }),
    ...(past?.agent && config.checkers.some(({ agent }) => agent) && { agent: past.agent }),
    ...(past?.ramp && { ramp: { since: past.ramp.since, until: past.ramp.since + config.slowStartMs } }),
  };
}

/** It gets no newcomers, and keeps whom it has: somebody, or it itself, wants it so. */
export function isAway({ drain, agent }: Pick<ServerState, 'drain' | 'agent'>): boolean {
  return drain !== undefined || (agent !== undefined && (agent.mode !== 'ready' || agent.percent === 0));
}

/** Of its weight, what its agent wants; 1 is all. */
export function agentShare({ agent }: Pick<ServerState, 'agent'>): number {
  return (agent?.percent ?? 100) / 100;
}

/** A sorry server as a server like others: no limit, nobody to notify, no ramp. */
export function sorryAsReal(config: SorryServerConfig): RealServerConfig {
  const { inhibit: inhibitOnFailure, ...rest } = config;
  return { ...rest, inhibitOnFailure, upperThreshold: 0, lowerThreshold: 0, slowStartMs: 0 };
}

/** The server as one that comes back: with a ramp, if it is to have one. */
export function comingBack(server: ServerState, now: number): ServerState {
  const { ramp: _, ...rest } = server;
  const ramp = beginRamp(server.config.slowStartMs, now);
  return ramp === undefined ? rest : { ...rest, ramp };
}

/** The server after one result; the same object when the result says nothing new. `now`: milliseconds since 1970. */
export function withResult(server: ServerState, result: CheckerResult, now: number): ServerState {
  const { up, reason } = result;
  const past = server.checkers.get(result.checker);
  if (past === undefined || (past.tested && past.up === up && (up || past.reason === reason))) return server;
  const state = { up, tested: true, reason, since: past.up === up ? past.since : result.since };
  const checkers = new Map(server.checkers).set(result.checker, state);
  const isUp = allUp(checkers);
  // Who was only waited for at the start does not come back from anything.
  const returns = isUp && !server.up && server.announced;
  return {
    ...(returns ? comingBack(server, now) : server),
    checkers,
    up: isUp,
    since: isUp === server.up ? server.since : result.since,
    // An alpha server begins down untold: its first failure is told although nothing changes, and only once.
    announced: server.announced || isUp || !up,
  };
}

/** The first checker that holds a server down, with its reason; undefined while it is up. */
export function downCause(server: ServerState): ({ readonly checker: string } & CheckerState) | undefined {
  for (const [checker, state] of server.checkers) if (!state.up) return { checker, ...state };
  return undefined;
}

function destinationOf(config: RealServerConfig, effectiveWeight: number): Destination {
  const { family, address, port, forwarding, upperThreshold, lowerThreshold } = config;
  const weight = Math.min(Math.max(effectiveWeight, 0), MAX_WEIGHT);
  return { family, address, port, weight, forwarding, upperThreshold, lowerThreshold };
}

function allUp(checkers: ReadonlyMap<string, CheckerState>): boolean {
  for (const { up } of checkers.values()) if (!up) return false;
  return true;
}
