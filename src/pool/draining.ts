/** A pool's servers on their way out: begun by a command or a new configuration, ended by time or by having nobody left. Pure. */
import type { Destination } from '../ipvs/table.js';
import type { VirtualServerConfig } from './config.js';
import { beginDrain, DRAIN_LOOK_MS, isIdle, type Leaving, leave } from './drain.js';
import type { Flow } from './flow.js';
import {
  type DrainEvent,
  judgeQuorum,
  type Pool,
  type PoolEvent,
  sorryInUse,
  type Transition,
} from './pool.js';
import { comingBack, type ServerState } from './server.js';
import { idWithin } from './standing.js';

/** What a command wants; undefined: the pool has no such real server. */
export function withDrain(
  pool: Pool,
  { realServer, undo, now }: { readonly realServer: string; readonly undo: boolean; readonly now: number },
): Transition | undefined {
  const place = pool.places.get(realServer);
  const server = place === undefined ? undefined : pool.servers[place];
  if (place === undefined || server === undefined) return undefined;
  if ((server.drain === undefined) === undo) return { pool, events: [] };
  const next = undo ? undrained(server, now) : drained(server, pool.config.drainTimeoutMs, now);
  const event = drainEvent(pool, realServer, undo ? 'drain-undone' : 'drain-begun', 'by command');
  const judged = judgeQuorum({ ...pool, servers: pool.servers.with(place, next) }, now);
  return { pool: judged.pool, events: [event, ...judged.events] };
}

/** Ends what is due. `flows`: what was read of each of the pool's services; empty when it could not be. */
export function endDrains(pool: Pool, flows: readonly Flow[], now: number): Transition {
  const events: PoolEvent[] = [];
  const over = (id: string, destination: Destination, span: Span): boolean => {
    const reason = reasonToEnd(pool, destination, span, { flows, now });
    if (reason !== undefined) events.push(drainEvent(pool, id, 'drain-done', reason));
    return reason !== undefined;
  };
  const servers = pool.servers.map((server) => {
    const { drain, destination, config } = server;
    if (drain?.kind !== 'draining' || !over(config.id, destination, drain)) return server;
    return { ...server, drain: { kind: 'drained', since: now } as const };
  });
  const leaving = pool.leaving.filter((one) => !over(one.id, one.destination, one));
  return events.length === 0 ? { pool, events } : { pool: { ...pool, servers, leaving }, events };
}

type Span = { readonly since: number; readonly until: number };
type Seen = { readonly flows: readonly Flow[]; readonly now: number };

function reasonToEnd(
  pool: Pool,
  { address, port }: Destination,
  { since, until }: Span,
  { flows, now }: Seen,
): string | undefined {
  const ids = [...new Set(pool.config.services.map((key) => idWithin(key, address, port)))];
  if (flows.length > 0 && isIdle(ids, flows, since)) return 'no connections are left';
  return now >= until ? 'drain_timeout is over' : undefined;
}

/** When the first drain has to be looked at; undefined while there is none. `readAt`: when it was last. */
export function drainWakeAt(pool: Pool, readAt: number): number | undefined {
  const ends = [
    ...pool.leaving.map(({ until }) => until),
    ...pool.servers.flatMap(({ drain }) => (drain?.kind === 'draining' ? [drain.until] : [])),
  ];
  return ends.length === 0 ? undefined : Math.min(readAt + DRAIN_LOOK_MS, ...ends);
}

/** The servers that the next configuration has no more, and that may have connections; those that left before and still go. */
export function leavingAfter(pool: Pool, next: VirtualServerConfig, now: number): Leaving[] {
  if (next.drainTimeoutMs === 0) return [];
  const staying = new Set([...next.realServers, ...next.sorryServers].map(({ id }) => id));
  const until = now + next.drainTimeoutMs;
  const gone = [...pool.servers, ...answeringSorry(pool)]
    .filter(({ config, up, drain }) => !staying.has(config.id) && up && drain?.kind !== 'drained')
    .map(({ config, destination, drain }) =>
      leave({
        id: config.id,
        since: drain?.since ?? now,
        until: Math.min(until, drain?.kind === 'draining' ? drain.until : until),
        destination,
      }),
    );
  const real = new Set(next.realServers.map(({ id }) => id));
  return [...pool.leaving.filter(({ id }) => !real.has(id)), ...gone];
}

/** Those that clients may be at. Persistent ones would stay there, and with sessions they have a service of their own. */
function answeringSorry(pool: Pool): readonly ServerState[] {
  const { overflow, persistence } = pool.config;
  if (persistence !== undefined || overflow?.mode === 'sessions') return [];
  return overflow !== undefined || sorryInUse(pool) ? pool.sorry : [];
}

function drained(server: ServerState, timeoutMs: number, now: number): ServerState {
  return { ...server, drain: beginDrain(timeoutMs, now) };
}

function undrained(server: ServerState, now: number): ServerState {
  const { drain: _, ...rest } = server;
  return comingBack(rest, now);
}

function drainEvent(pool: Pool, realServer: string, kind: DrainEvent['kind'], reason: string): DrainEvent {
  return { kind, virtualServer: pool.config.id, realServer, reason, script: undefined };
}
