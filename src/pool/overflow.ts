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
 * The last term lets newcomers in for those who will have gone. It may be too much, and is a tenth of the limit at most. Where many
 * expire, it is below 0: each that does before the next look gives a place that is none.
 *
 * An inactive one counts in the sum only when it is surely one: a newcomer is entered as inactive, see ServerFlow.
 *
 * A full server is *held*: with l_threshold = limit no expiry takes the mark away. For room it is then raised; where it must not be,
 * it is shut first.
 */
import type { Limit, ServerFlow } from './flow.js';

export type Thresholds = { readonly upperThreshold: number; readonly lowerThreshold: number };

/** How far over the limit a server may be while connections come and go, as a share of the limit. */
const TOLERANCE = 0.1;
/** As many as expired between two looks of late, times this, are expected to expire before the next. */
const RESERVE = 2;
const FASTEST_MS = 10;
const SLOWEST_MS = 250;
const FULL_MS = 50;
const NEAR_MS = 20;
/** While nobody is known to come: then a crowd from nowhere may find less room than there is for that long. */
const UNAWARE_MS = 60;
/** A crowd may come at this rate (per ms) from nowhere. */
const CROWD_PER_MS = 0.5;

/** The mark is set at the latest by the next connection, no expiry takes it away but the last, and any higher threshold does. */
const SHUT: Thresholds = both(1);

/** What the kernel is to be told of one server with this limit. `aheadMs`: until the next look has taken effect. */
export function thresholdsFor(limit: Limit, flow: ServerFlow | undefined, aheadMs: number): Thresholds {
  const { upper, lower, countsInactive } = limit;
  if (upper === 0) return { upperThreshold: 0, lowerThreshold: 0 };
  if (countsInactive) return { upperThreshold: upper, lowerThreshold: lower };
  if (flow === undefined) return both(upper);
  const total = flow.active + flow.inactive;
  const inForce = flow.upperThreshold;
  if (lower > 0 && flow.closed) return SHUT;
  const inactive = flow.inactive - flow.entering;
  const target = Math.max(1, upper + inactive + allowance(upper, flow, aheadMs));
  if (flow.marked && flow.active >= upper && flow.fall * aheadMs < 1)
    return held(Math.min(inForce, target), upper);
  if (flow.marked && isHeld(flow) && flow.active < upper && target <= inForce) return SHUT;
  // Raised, it would let one more in although there is no room.
  const stays = inForce > 0 && inForce < target && total >= target;
  return both(stays ? inForce : target);
}

type Counts = Thresholds & Pick<ServerFlow, 'active' | 'inactive' | 'arrival' | 'fall'>;

/** When to look again at servers with a limit, in ms: before a crowd could have used up the room there is. */
export function lookAgainMs(flows: readonly Counts[]): number {
  return Math.min(SLOWEST_MS, ...flows.map(lookAtMs));
}

function lookAtMs(counts: Counts): number {
  const { active, inactive, upperThreshold, arrival, fall } = counts;
  if (upperThreshold === 0 || isHeld(counts)) return NEAR_MS;
  const limit = upperThreshold - inactive;
  if (limit > 0 && fall * NEAR_MS * RESERVE > limit * TOLERANCE) return FASTEST_MS;
  const room = limit - active;
  // Inactive ones may begin to expire at any moment, and each that does makes room that is none.
  if (room <= 0) return inactive === 0 ? FULL_MS : NEAR_MS;
  const fromNowhere = Math.max(UNAWARE_MS, room / (2 * CROWD_PER_MS));
  return arrival > 0 ? Math.min(fromNowhere, Math.max(FASTEST_MS, room / (2 * arrival))) : fromNowhere;
}

function both(threshold: number): Thresholds {
  return { upperThreshold: threshold, lowerThreshold: threshold };
}

function isHeld({ upperThreshold, lowerThreshold }: Thresholds): boolean {
  return lowerThreshold < upperThreshold;
}

function held(upperThreshold: number, limit: number): Thresholds {
  return { upperThreshold, lowerThreshold: Math.min(upperThreshold, limit) };
}

/** How many more, or fewer, than the limit and the inactive ones may be there until the next look. */
function allowance(limit: number, { growth, fall }: ServerFlow, aheadMs: number): number {
  // One of the tolerance is for the one that expires before it is seen that they do.
  const most = Math.max(0, Math.floor(limit * TOLERANCE) - 1);
  const closing = Math.floor(Math.max(0, growth) * aheadMs);
  const reserve = Math.ceil(most - RESERVE * fall * aheadMs);
  return Math.max(-Math.floor(limit / 2), Math.min(closing, reserve));
}
