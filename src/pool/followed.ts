/** A pool together with what is read of it: what to state next, and when to look again. Pure. */
import { drainWakeAt, endDrains } from './draining.js';
import { type DestinationReading, type Flow, type Limit, observeFlow } from './flow.js';
import { lookAgainMs } from './overflow.js';
import type { Flows } from './plan.js';
import type { Pool, PoolEvent } from './pool.js';
import { nextStepAt, rampEffect, shareOf } from './ramp.js';
import { countsInactive, flowOf, idWithin, limitOf, realStanding, type View } from './standing.js';
import { NO_TALLY, type Tally, tallyAfter } from './tally.js';
import { serviceText } from './text.js';

export type Followed = {
  readonly pool: Pool;
  /** By serviceText. Empty while nothing has to be read. */
  readonly flows: Flows;
  readonly tally: Tally;
};

/** What was read of a pool's services, in their order; undefined for one that is not there. */
export type ServiceReadings = readonly (readonly DestinationReading[] | undefined)[];

export function follow(pool: Pool): Followed {
  return { pool, flows: new Map(), tally: NO_TALLY };
}

/** The pool as configured anew, with what was known. */
export function followOn(past: Followed | undefined, pool: Pool): Followed {
  return past === undefined ? follow(pool) : { ...past, pool };
}

export type Step = { readonly followed: Followed; readonly events: readonly PoolEvent[] };

/** After a reading, or the attempt at one: `readings` empty. `now`: milliseconds since 1970. */
export function withReadings(followed: Followed, readings: ServiceReadings, now: number): Step {
  const { pool, flows: before, tally } = followed;
  const after = new Map<string, Flow>();
  for (const [place, key] of pool.config.services.entries()) {
    const text = serviceText(key);
    const past = before.get(text);
    const limits = limitsOf(pool, { key, flow: past, now });
    const terms = { limitOf: (id: string) => limits.get(id), countsInactive: countsInactive(key) };
    after.set(text, observeFlow(past, readings[place] ?? [], now, terms));
  }
  const ended = endDrains(pool, readings.length === 0 ? [] : [...after.values()], now);
  const next = { pool: ended.pool, flows: after, tally: tallyAfter(tally, pool, { before, after, now }) };
  return { followed: next, events: ended.events };
}

/** When the pool has to be read again, in milliseconds since 1970; undefined: not as long as nothing changes. */
export function wakeAt({ pool, flows }: Followed, now: number): number | undefined {
  const readAt = Math.min(...[...flows.values()].map(({ at }) => at));
  const lastAt = Number.isFinite(readAt) ? readAt : now;
  const wakes = [overflowWakeAt(pool, flows, now), drainWakeAt(pool, lastAt), rampWakeAt(pool, lastAt, now)];
  const known = wakes.filter((at) => at !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

/** Nothing must be stated before a first reading: the thresholds and weights in force may be a predecessor's. */
export function mustReadFirst({ pool, flows }: Followed): boolean {
  const mode = pool.config.overflow?.mode;
  return (mode === 'connections' || mode === 'quiesce') && flows.size === 0;
}

const NOT_THERE_YET = {
  active: 0,
  inactive: 0,
  arrival: 0,
  fall: 0,
  upperThreshold: 0,
  lowerThreshold: 0,
} as const;

/** What an idle or static service is read for: its counters. */
const COUNTERS_MS = 1000;
const BOUND_LOOK_MS = 100;

function overflowWakeAt(pool: Pool, flows: Flows, now: number): number | undefined {
  const { overflow, services } = pool.config;
  if (overflow === undefined) return undefined;
  let soonest = Infinity;
  for (const key of services) {
    const flow = flows.get(serviceText(key));
    if (flow === undefined) return now;
    soonest = Math.min(soonest, flow.at + lookMs(pool, { key, flow, now }));
  }
  return soonest;
}

function lookMs(pool: Pool, view: View): number {
  const { overflow } = pool.config;
  if (overflow?.mode === 'quiesce') return overflow.intervalMs;
  if (overflow?.mode === 'sessions' || countsInactive(view.key)) return COUNTERS_MS;
  const limited = pool.servers.filter(
    (server) => server.config.upperThreshold > 0 && realStanding(pool, server, view) === 'serving',
  );
  return lookAgainMs(limited.map((server) => flowOf(server, view) ?? NOT_THERE_YET));
}

function rampWakeAt(pool: Pool, readAt: number, now: number): number | undefined {
  const ramping = pool.servers.filter(({ ramp }) => shareOf(ramp, now) < 1);
  if (ramping.length === 0) return undefined;
  const steps = ramping.map(({ ramp }) => nextStepAt(ramp, now) ?? Infinity);
  const bounded = rampEffect(pool.config.scheduler).byBound;
  return Math.min(...steps, ...(bounded ? [readAt + BOUND_LOOK_MS] : []));
}

function limitsOf(pool: Pool, view: View): ReadonlyMap<string, Limit> {
  return new Map(
    pool.servers.map((server) => {
      const { address, port } = server.destination;
      return [idWithin(view.key, address, port), limitOf(pool.config, server, view)] as const;
    }),
  );
}
