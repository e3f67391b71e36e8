/**
 * The state of one virtual server: who is up, and whether that is enough. A new picture from the old one plus one result.
 * Enough is the quorum with its hysteresis. Times are milliseconds since 1970.
 */
import { formatEndpoint } from '../net/address.js';
import type { Script } from '../script.js';
import type { VirtualServerConfig } from './config.js';
import { type Leaving, leave } from './drain.js';
import type { PoolMemory, ServerMemory } from './memory.js';
import {
  beginServer,
  type CheckerResult,
  comingBack,
  isAway,
  type ServerState,
  sorryAsReal,
  withResult,
} from './server.js';

export type Pool = {
  readonly config: VirtualServerConfig;
  /** In the order of the configuration. */
  readonly servers: readonly ServerState[];
  /** In the order of the configuration. */
  readonly sorry: readonly ServerState[];
  /** No longer configured, and not gone yet. */
  readonly leaving: readonly Leaving[];
  /** Where in `servers` the one of an id is. */
  readonly places: ReadonlyMap<string, number>;
  /** No two of its entries, the sorry server among them, have the same address and port. */
  readonly distinct: boolean;
  readonly quorumUp: boolean;
  /** When the quorum was last gained or lost, or first judged. */
  readonly quorumSince: number;
};

/** A transition, with the script the configuration has for it. What is no event is not to be notified. */
export type PoolEvent = ServerEvent | QuorumEvent | DrainEvent | AgentEvent;

export type ServerEvent = {
  readonly kind: 'server-up' | 'server-down';
  readonly virtualServer: string;
  readonly realServer: string;
  readonly reason: string;
  readonly script: Script | undefined;
};

export type QuorumEvent = {
  readonly kind: 'quorum-gained' | 'quorum-lost';
  readonly virtualServer: string;
  /** Sum of the weights of the servers that are up and not to be drained. */
  readonly weight: number;
  readonly reason: string;
  readonly script: Script | undefined;
};

export type DrainEvent = {
  readonly kind: 'drain-begun' | 'drain-done' | 'drain-undone';
  readonly virtualServer: string;
  readonly realServer: string;
  readonly reason: string;
  readonly script: undefined;
};

/** What a server's agent says of newcomers has changed. */
export type AgentEvent = Omit<DrainEvent, 'kind'> & { readonly kind: 'agent-away' | 'agent-back' };

export type Transition = { readonly pool: Pool; readonly events: readonly PoolEvent[] };

export type Begin = {
  /** Of a clock that does not jump. */
  readonly now: number;
  /** The same moment as it is shown; `now` unless given. */
  readonly since?: number;
  /** What was known of it before a reload or a crash. */
  readonly memory?: PoolMemory | undefined;
  /** Notify servers that are up from the beginning (rs_init_notifies). */
  readonly rsInitNotifies: boolean;
};

/**
 * A virtual server as configured, going on from what is remembered. Without a memory the quorum is judged from "lost": gaining it
 * is an event; not gaining it is one only where a sorry server has to step in.
 */
export function beginPool(config: VirtualServerConfig, begin: Begin): Transition {
  const { now, since = now, memory, rsInitNotifies } = begin;
  const remembered = new Map(memory?.servers.map((server) => [server.id, server]));
  const servers: ServerState[] = [];
  const places = new Map<string, number>();
  const events: PoolEvent[] = [];
  for (const server of config.realServers) {
    if (places.has(server.id)) continue;
    const past = remembered.get(server.id);
    const begun = beginServer(server, past, since);
    // A server that is new in a pool that was there already is as empty as one that comes back.
    const state = memory !== undefined && past === undefined && begun.up ? comingBack(begun, now) : begun;
    places.set(server.id, servers.push(state) - 1);
    const event = beginningEvent(config, state, past, rsInitNotifies);
    if (event) events.push(event);
  }
  const { quorumUp = false, quorumSince = since } = memory ?? {};
  const sorry = config.sorryServers.map((server) =>
    beginServer(sorryAsReal(server), remembered.get(server.id), since),
  );
  const leaving = (memory?.leaving ?? []).filter(({ id }) => !places.has(id));
  const start = {
    config,
    servers,
    sorry,
    leaving,
    places,
    distinct: isDistinct(config),
    quorumUp,
    quorumSince,
  };
  // Without a memory no sorry server has connections of ours.
  const judged = memory === undefined ? judge(start, since) : judgeQuorum(start, now, since);
  if (memory === undefined && sorryInUse(judged.pool)) {
    events.push(quorumEvent(judged.pool, quorumReason(judged.pool, gainAt(config))));
  }
  return { pool: judged.pool, events: [...events, ...judged.events] };
}

/**
 * The pool after one result. A result of a server or checker it does not have changes nothing.
 * `now`: milliseconds since 1970, of a clock that does not jump; when the result was made unless given.
 */
export function withHealth(pool: Pool, result: CheckerResult, now = result.since): Transition {
  const place = pool.places.get(result.realServer);
  const server = place === undefined ? undefined : pool.servers[place];
  if (place === undefined || server === undefined) return withSorryHealth(pool, result);
  const next = withResult(server, result, now);
  if (next === server) return { pool, events: [] };
  const heard = { ...pool, servers: pool.servers.with(place, next) };
  const judged = judgeQuorum(heard, now, result.since);
  if (next.up === server.up && next.announced === server.announced) return judged;
  return { pool: judged.pool, events: [serverEvent(pool.config, next, result.reason), ...judged.events] };
}

function withSorryHealth(pool: Pool, result: CheckerResult): Transition {
  const place = pool.sorry.findIndex(({ config }) => config.id === result.realServer);
  const server = pool.sorry[place];
  const next = server && withResult(server, result, result.since);
  if (server === undefined || next === undefined || next === server) return { pool, events: [] };
  const heard = { ...pool, sorry: pool.sorry.with(place, next) };
  if (next.up === server.up && next.announced === server.announced) return { pool: heard, events: [] };
  return { pool: heard, events: [serverEvent(pool.config, next, result.reason)] };
}

/**
 * What omega wants told when servers go away while they are up: all of them at stop (`next` undefined), or those a new
 * configuration leaves out. Nothing without omega.
 */
export function partingEvents(
  pool: Pool,
  next: VirtualServerConfig | undefined,
  reason: string,
): PoolEvent[] {
  if (!pool.config.omega) return [];
  const staying = new Set(next?.realServers.map(({ id }) => id));
  const events: PoolEvent[] = pool.servers
    .filter(({ up, config }) => up && !staying.has(config.id))
    .map((server) => serverEvent(pool.config, { ...server, up: false }, reason));
  if (next === undefined && pool.quorumUp) events.push(quorumEvent({ ...pool, quorumUp: false }, reason));
  return events;
}

/** Sum of the configured weights of the servers that are up and get newcomers. */
export function liveWeight(pool: Pool): number {
  let sum = 0;
  for (const server of pool.servers) if (server.up && !isAway(server)) sum += server.destination.weight;
  return sum;
}

/** The sorry servers stand in for the pool: there is one that can, and the quorum is lost. */
export function sorryInUse(pool: Pool): boolean {
  return !pool.quorumUp && pool.sorry.some(({ up }) => up);
}

function isDistinct({ realServers, sorryServers }: VirtualServerConfig): boolean {
  const entries = [...realServers, ...sorryServers];
  return new Set(entries.map(({ address, port }) => formatEndpoint(address, port))).size === entries.length;
}

function beginningEvent(
  virtual: VirtualServerConfig,
  state: ServerState,
  past: ServerMemory | undefined,
  rsInitNotifies: boolean,
): ServerEvent | undefined {
  if (past === undefined) {
    return state.up && rsInitNotifies ? serverEvent(virtual, state, 'up from the start') : undefined;
  }
  return state.up === past.up ? undefined : serverEvent(virtual, state, 'its checks were changed');
}

/** The pool with its quorum judged anew. `since`: when that came to be, if not `now`, which is of a clock that does not jump. */
export function judgeQuorum(pool: Pool, now: number, since = now): Transition {
  const judged = judge(pool, since);
  const { config, quorumUp } = judged.pool;
  if (quorumUp === pool.quorumUp) return judged;
  const others = pool.leaving.filter(({ id }) => !config.sorryServers.some((one) => one.id === id));
  const leaving = quorumUp ? [...others, ...sorryLeaving(pool, now)] : others;
  return { ...judged, pool: { ...judged.pool, leaving } };
}

function judge(pool: Pool, since: number): Transition {
  const needed = pool.quorumUp ? keepAt(pool.config) : gainAt(pool.config);
  const quorumUp = liveWeight(pool) >= needed;
  if (quorumUp === pool.quorumUp) return { pool, events: [] };
  const next = { ...pool, quorumUp, quorumSince: since };
  return { pool: next, events: [quorumEvent(next, quorumReason(next, needed))] };
}

/**
 * Sorry servers that were in use keep the connections they have, at weight 0, until these have ended or drain_timeout is over: the
 * kernel drops the packets of a connection whose destination is gone. Persistent clients would stay with them, so there they go
 * at once. With overflow they stay anyway.
 */
function sorryLeaving({ config, sorry }: Pool, now: number): Leaving[] {
  const { overflow, persistence, drainTimeoutMs } = config;
  if (overflow !== undefined || persistence !== undefined || drainTimeoutMs === 0) return [];
  const until = now + drainTimeoutMs;
  return sorry
    .filter(({ up }) => up)
    .map(({ config: { id }, destination }) => leave({ id, since: now, until, destination }));
}

/** The least weight that keeps the quorum: weight 0 never does. */
function keepAt({ quorum, hysteresis }: VirtualServerConfig): number {
  return Math.max(quorum - hysteresis, 1);
}

/** The least weight that regains it. */
function gainAt({ quorum, hysteresis }: VirtualServerConfig): number {
  return Math.max(quorum + hysteresis, 1);
}

function quorumReason(pool: Pool, needed: number): string {
  const weights = `weight ${liveWeight(pool)}, needed ${needed}`;
  if (pool.config.sorryServers.length === 0) return `${weights}; there is no sorry server`;
  if (!pool.sorry.some(({ up }) => up)) return `${weights}; no sorry server is up`;
  return `${weights}; the sorry server is ${sorryInUse(pool) ? 'in' : 'out'}`;
}

export function serverEvent(
  virtual: VirtualServerConfig,
  { config, up }: ServerState,
  reason: string,
): ServerEvent {
  return {
    kind: up ? 'server-up' : 'server-down',
    virtualServer: virtual.id,
    realServer: config.id,
    reason,
    script: up ? config.notifyUp : config.notifyDown,
  };
}

function quorumEvent(pool: Pool, reason: string): QuorumEvent {
  const { id, quorumUp, quorumDown } = pool.config;
  return {
    kind: pool.quorumUp ? 'quorum-gained' : 'quorum-lost',
    virtualServer: id,
    weight: liveWeight(pool),
    reason,
    script: pool.quorumUp ? quorumUp : quorumDown,
  };
}
