/** What an operator at a ticket sale wants to know of a pool: who is in, who was turned away, how much room there is. Pure. */
import { counted, type Flow } from './flow.js';
import type { Flows } from './plan.js';
import type { Pool } from './pool.js';
import type { ServerState } from './server.js';
import { flowOf, limitOf, realStanding, type View } from './standing.js';
import { serviceText } from './text.js';

export type Tally = {
  /** Connections turned to the sorry servers since lvsd follows them, from what the entries had before. */
  readonly turned: number;
  /** Milliseconds since 1970; undefined while some server has room. */
  readonly fullSince: number | undefined;
  /** How often it became full, or had room again. */
  readonly transitions: number;
};

export const NO_TALLY: Tally = { turned: 0, fullSince: undefined, transitions: 0 };

/** Connections over all services of a virtual server. */
export type Crowd = {
  readonly mode: 'connections' | 'quiesce' | 'sessions';
  readonly active: number;
  readonly inactive: number;
  readonly sorryActive: number;
  readonly sorryInactive: number;
  readonly turned: number;
  /** As the kernel estimates it over some seconds. */
  readonly turnedPerSecond: number;
  /** Connections there is room for; absent where a server has no limit. */
  readonly places?: number;
  readonly fullSince?: number;
  readonly transitions: number;
};

/** The tally after one more reading of a pool's services. */
export function tallyAfter(past: Tally, pool: Pool, readings: Readings): Tally {
  const { before, after, now } = readings;
  let { turned } = past;
  for (const key of pool.config.services) {
    const text = serviceText(key);
    for (const server of pool.sorry) {
      const last = entryOf(server, key, before.get(text));
      const next = entryOf(server, key, after.get(text));
      if (next === undefined) continue;
      // An entry made anew counts from 0.
      turned += last !== undefined && next.total >= last.total ? next.total - last.total : next.total;
    }
  }
  const full = isFull(pool, after, now);
  const changed = full !== (past.fullSince !== undefined);
  const fullSince = full ? (past.fullSince ?? now) : undefined;
  return { turned, fullSince, transitions: past.transitions + (changed ? 1 : 0) };
}

export type Readings = { readonly before: Flows; readonly after: Flows; readonly now: number };

/** Undefined for a pool without overflow. */
export function crowdOf(pool: Pool, flows: Flows, tally: Tally, now: number): Crowd | undefined {
  const mode = pool.config.overflow?.mode;
  if (mode === undefined) return undefined;
  const views = viewsOf(pool, flows, now);
  const real = views.flatMap((view) => pool.servers.flatMap((server) => flowOf(server, view) ?? []));
  const sorry = views.flatMap((view) => pool.sorry.flatMap((server) => flowOf(server, view) ?? []));
  const places = placesOf(pool, views);
  return {
    mode,
    active: sum(real.map(({ active }) => active)),
    inactive: sum(real.map(({ inactive }) => inactive)),
    sorryActive: sum(sorry.map(({ active }) => active)),
    sorryInactive: sum(sorry.map(({ inactive }) => inactive)),
    turned: tally.turned,
    turnedPerSecond: sum(sorry.map(({ perSecond }) => perSecond)),
    ...(places !== undefined && { places }),
    ...(tally.fullSince !== undefined && { fullSince: tally.fullSince }),
    transitions: tally.transitions,
  };
}

function isFull(pool: Pool, flows: Flows, now: number): boolean {
  return viewsOf(pool, flows, now).every((view) =>
    pool.servers.every((server) => !isServing(pool, server, view) || roomOf(pool, server, view) === 0),
  );
}

function placesOf(pool: Pool, views: readonly View[]): number | undefined {
  const places = views.flatMap((view) =>
    pool.servers
      .filter((server) => isServing(pool, server, view))
      .map((server) => roomOf(pool, server, view)),
  );
  return places.includes(Infinity) ? undefined : sum(places);
}

function roomOf(pool: Pool, server: ServerState, view: View): number {
  const limit = limitOf(pool.config, server, view);
  const flow = flowOf(server, view);
  if (limit.upper === 0) return Infinity;
  if (flow === undefined) return limit.upper;
  return flow.closed ? 0 : Math.max(0, limit.upper - counted(flow, limit));
}

function isServing(pool: Pool, server: ServerState, view: View): boolean {
  return server.destination.weight > 0 && realStanding(pool, server, view) === 'serving';
}

function viewsOf(pool: Pool, flows: Flows, now: number): View[] {
  return pool.config.services.map((key) => ({ key, flow: flows.get(serviceText(key)), now }));
}

function entryOf(server: ServerState, key: View['key'], flow: Flow | undefined) {
  return flowOf(server, { key, flow, now: 0 });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
