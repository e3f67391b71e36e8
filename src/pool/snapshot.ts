/** The pools as plain JSON data for status, metrics and the page. Times are milliseconds since 1970. */
import type { ServiceKey } from '../ipvs/table.js';
import type { AdmittedService, SessionSpace } from '../nft/admission.js';
import { doorOf } from './admission.js';
import type { Drain } from './drain.js';
import type { Followed } from './followed.js';
import type { AgentState, CheckerMemory } from './memory.js';
import { liveWeight, sorryInUse } from './pool.js';
import { downCause, type ServerState } from './server.js';
import { type Crowd, crowdOf } from './tally.js';

export type VirtualServerSnapshot = {
  readonly id: string;
  readonly services: readonly ServiceKey[];
  readonly scheduler: string;
  readonly quorum: {
    readonly up: boolean;
    readonly since: number;
    /** Sum of the weights of the servers that are up. */
    readonly weight: number;
    /** Lost below `quorum - hysteresis` (or at weight 0), gained from `quorum + hysteresis`. */
    readonly quorum: number;
    readonly hysteresis: number;
  };
  readonly sorryServers: readonly SorryServerSnapshot[];
  /** With overflow only. */
  readonly overflow?: Crowd;
  /** With `overflow sessions` only. */
  readonly sessions?: { readonly space: SessionSpace; readonly service: AdmittedService };
  /** No longer configured, and not gone yet. */
  readonly leaving: readonly { readonly id: string; readonly until: number }[];
  readonly realServers: readonly RealServerSnapshot[];
};

export type RealServerSnapshot = {
  readonly id: string;
  readonly address: string;
  readonly port: number;
  readonly up: boolean;
  readonly since: number;
  /** Present while down: the checker that holds it down, and why in words. */
  readonly down?: { readonly checker: string; readonly reason: string; readonly since: number };
  readonly configuredWeight: number;
  /** What it counts for now while up. */
  readonly weight: number;
  /** What its agent said last. */
  readonly agent?: AgentState;
  /** It is to leave, or has left, by command. */
  readonly drain?: Drain;
  /** It came back, and has its whole share from then on. */
  readonly rampUntil?: number;
  readonly checkers: readonly CheckerMemory[];
};

export type SorryServerSnapshot = RealServerSnapshot & {
  /** It stands in for the pool. */
  readonly inUse: boolean;
};

/** One virtual server as people want to see it. */
export function snapshotPool({ pool, flows, tally }: Followed, now: number): VirtualServerSnapshot {
  const { id, services, scheduler, quorum, hysteresis } = pool.config;
  const crowd = crowdOf(pool, flows, tally, now);
  return {
    id,
    services,
    scheduler,
    quorum: { up: pool.quorumUp, since: pool.quorumSince, weight: liveWeight(pool), quorum, hysteresis },
    sorryServers: pool.sorry.map((server) => ({
      ...snapshotServer(server, now),
      inUse: server.up && sorryInUse(pool),
    })),
    realServers: pool.servers.map((server) => snapshotServer(server, now)),
    ...(crowd && { overflow: crowd }),
    ...sessionsOf(pool),
    leaving: pool.leaving.map(({ id: leaving, until }) => ({ id: leaving, until })),
  };
}

function sessionsOf(pool: Followed['pool']): Pick<VirtualServerSnapshot, 'sessions'> {
  const { overflow } = pool.config;
  if (overflow?.mode !== 'sessions') return {};
  return { sessions: { space: overflow.space, service: { ...overflow.service, door: doorOf(pool) } } };
}

function snapshotServer(server: ServerState, now: number): RealServerSnapshot {
  const { id, address, port, weight: configuredWeight } = server.config;
  const cause = downCause(server);
  return {
    id,
    address,
    port,
    up: server.up,
    since: server.since,
    ...(cause && { down: { checker: cause.checker, reason: cause.reason, since: cause.since } }),
    configuredWeight,
    weight: server.destination.weight,
    ...(server.agent && { agent: server.agent }),
    ...(server.drain && { drain: server.drain }),
    ...(server.ramp && server.ramp.until > now && { rampUntil: server.ramp.until }),
    checkers: [...server.checkers].map(([checker, state]) => ({ id: checker, ...state })),
  };
}
