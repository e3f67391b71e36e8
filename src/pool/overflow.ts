/**
 * `overflow connections`: thresholds with which the kernel's limit on active + inactive connections is one on the active ones.
 * Pure.
 *
 * The kernel marks a destination overloaded when a new connection makes active + inactive reach u_threshold. It takes the mark
 * away when an entry expires and fewer than l_threshold are left, or when u_threshold is raised (ip_vs_bind_dest,
 * ip_vs_unbind_dest, __ip_vs_update_dest). So:
 *
 *     u_threshold = limit + inactive now + what inactive will have grown by before the next look
 *     l_threshold = u_threshold         the mark is then there exactly while active + inactive ≥ u_threshold
 *
 * The last term lets newcomers in for those who will have gone: without it, 1,000 connections a second of 10 ms each use
 * up any room within one look. It is what may be too much, so near the limit it is at most a tenth of it.
 */
import type { Limit, ServerFlow } from './flow.js';

export type Thresholds = { readonly upperThreshold: number; readonly lowerThreshold: number };

/** How far over the limit a server may be while connections come and go fast, as a share of the limit. */
const TOLERANCE = 0.1;
/** Inactive ones expiring slower than this share of the limit between two looks are not counted on. */
const DRIFT = 0.05;
const FASTEST_MS = 20;
const SLOWEST_MS = 250;
const FULL_MS = 50;
/** A crowd may come at this rate (per ms) from nowhere. */
const CROWD_PER_MS = 0.5;

/** What the kernel is to be told of one server with this limit. `aheadMs`: until the next look has taken effect. */
export function thresholdsFor(limit: Limit, flow: ServerFlow | undefined, aheadMs: number): Thresholds {
  const { upper, lower, countsInactive } = limit;
  if (upper === 0) return { upperThreshold: 0, lowerThreshold: 0 };
  if (countsInactive) return { upperThreshold: upper, lowerThreshold: lower };
  if (flow === undefined) return both(upper);
  const total = flow.active + flow.inactive;
  const inForce = flow.upperThreshold;
  if (lower > 0 && flow.closed) return stayClosed(total, inForce);
  const target = Math.max(1, upper + flow.inactive + expectedGrowth(upper, flow, aheadMs));
  // Raised, it would let one more in although there is no room.
  const stays = inForce > 0 && inForce < target && total >= target;
  return both(stays ? inForce : target);
}

type Counts = Pick<ServerFlow, 'active' | 'inactive' | 'arrival' | 'upperThreshold'>;

/** When to look again at servers with a limit, in ms: before a crowd could have used up the room there is. */
export function lookAgainMs(flows: readonly Counts[]): number {
  let soonest = SLOWEST_MS;
  for (const { active, inactive, upperThreshold, arrival } of flows) {
    if (upperThreshold === 0) return FASTEST_MS;
    const room = upperThreshold - active - inactive;
    // Inactive ones may begin to expire at any moment, and each that does makes room that is none.
    const full = inactive === 0 ? FULL_MS : FASTEST_MS;
    soonest = Math.min(soonest, room <= 0 ? full : room / (2 * Math.max(arrival, CROWD_PER_MS)));
  }
  return Math.max(FASTEST_MS, soonest);
}

/** Not above what is there, so that the mark is set at the latest by the next connection; no expiry takes it away. */
function stayClosed(total: number, inForce: number): Thresholds {
  const upperThreshold = Math.max(1, inForce === 0 ? total : Math.min(inForce, total));
  return { upperThreshold, lowerThreshold: 1 };
}

function both(threshold: number): Thresholds {
  return { upperThreshold: threshold, lowerThreshold: threshold };
}

/** By how much inactive connections will be more, or fewer, at the end of the time ahead. */
function expectedGrowth(limit: number, { growth, peak }: ServerFlow, aheadMs: number): number {
  const expected = growth * aheadMs;
  if (expected >= 0) return Math.min(Math.floor(expected), tolerance(limit, peak));
  const beyond = expected + DRIFT * limit;
  return beyond < 0 ? Math.max(Math.ceil(beyond), -Math.floor(limit / 2)) : 0;
}

/** A server that has been less than half full of late may be given more: it is far from its limit. */
function tolerance(limit: number, peak: number): number {
  return Math.max(Math.floor(limit * TOLERANCE), Math.floor(limit - 2 * peak));
}
