/**
 * Slow start: a server that came back has a share of its weight that grows to the whole. Pure.
 * Weights are whole numbers and often 1, so while one server has a share all weights are multiplied, and the share goes by steps.
 *
 * A weighted scheduler that looks at connections (wlc, sed …) brings an empty server up to its weight's share of connections at
 * once, and that is the share of a moment. rr and lc do not look at weights, fo gives all to one, nq prefers who is idle:
 * there the server's connections are bounded to its share of what the others have, by its threshold.
 */
import type { Scheduler } from '../ipvs/table.js';

/** Both in milliseconds since 1970. */
export type Ramp = { readonly since: number; readonly until: number };

const STEPS = 20;
const MAX_SCALED = 65_535;

type Effect = { readonly byWeight: boolean; readonly byBound: boolean };

const WEIGHT: Effect = { byWeight: true, byBound: false };
const BOUND: Effect = { byWeight: false, byBound: true };

const EFFECTS: Readonly<Record<Scheduler, Effect>> = {
  rr: BOUND,
  wrr: WEIGHT,
  lc: BOUND,
  wlc: WEIGHT,
  lblc: WEIGHT,
  lblcr: WEIGHT,
  sh: WEIGHT,
  mh: WEIGHT,
  // It hashes and knows neither weights nor another server than the hashed one.
  dh: { byWeight: false, byBound: false },
  fo: BOUND,
  // The weight is its limit of connections: a share of it is the bound.
  ovf: WEIGHT,
  sed: WEIGHT,
  nq: { byWeight: true, byBound: true },
  twos: WEIGHT,
};

export function rampEffect(scheduler: Scheduler): Effect {
  return EFFECTS[scheduler];
}

/** The ramp of a server that comes back at `now`; none without a time. */
export function beginRamp(slowStartMs: number, now: number): Ramp | undefined {
  return slowStartMs > 0 ? { since: now, until: now + slowStartMs } : undefined;
}

/** From 1/20 to 1, which it is without a ramp and after its end. */
export function shareOf(ramp: Ramp | undefined, now: number): number {
  if (ramp === undefined || now >= ramp.until) return 1;
  const step = Math.floor((STEPS * (now - ramp.since)) / (ramp.until - ramp.since));
  return Math.min(STEPS, Math.max(0, step) + 1) / STEPS;
}

/** When the share grows next; undefined after the end. */
export function nextStepAt(ramp: Ramp | undefined, now: number): number | undefined {
  if (ramp === undefined || now >= ramp.until) return undefined;
  const stepMs = (ramp.until - ramp.since) / STEPS;
  const passed = Math.max(0, Math.floor((now - ramp.since) / stepMs));
  return Math.min(ramp.until, Math.ceil(ramp.since + (passed + 1) * stepMs));
}

/** How finely a weight is divided: by the steps of a ramp, or by the per cent of agents. */
export const RAMP_PARTS = STEPS;
export const AGENT_PARTS = 100;

/** What every weight of a service is multiplied by while one of its servers may have less than its whole share. */
export function weightScale(scheduler: Scheduler, weights: readonly number[], parts: number): number {
  if (scheduler === 'ovf' || !EFFECTS[scheduler].byWeight) return 1;
  return Math.max(1, Math.min(parts, Math.floor(MAX_SCALED / Math.max(1, ...weights))));
}

/** A share of a weight; a server with a weight keeps one. */
export function sharedWeight(weight: number, share: number): number {
  return weight === 0 ? 0 : Math.max(1, Math.round(weight * share));
}

/** A settled server beside those with a share. */
export type Settled = {
  readonly active: number | undefined;
  readonly total: number;
  /** Its upper threshold; 0 is none. */
  readonly limit: number;
};

/** Of a server's limit, as much as may be in use for it to count as having room. */
const ROOM = 0.75;

/**
 * Connections a server with a share may have: its share of what the others have on average. Undefined, no bound, while none
 * of the others surely has room: nobody is to be refused for a ramp.
 */
export function boundOf(share: number, settled: readonly Settled[]): number | undefined {
  if (share >= 1 || !settled.some(({ limit, total }) => limit === 0 || total < limit * ROOM))
    return undefined;
  const known = settled.flatMap(({ active }) => active ?? []);
  const average = known.reduce((sum, active) => sum + active, 0) / Math.max(1, known.length);
  return Math.max(1, Math.ceil(average * share));
}
