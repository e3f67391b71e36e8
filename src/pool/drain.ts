/**
 * Draining: a server that is to leave gets no newcomers, and leaves the table when its connections have ended, or at its time.
 * Pure. Times are milliseconds since 1970.
 */
import type { Destination } from '../ipvs/table.js';
import type { Flow } from './flow.js';

/** By command: the server stays in the configuration, and away until the command is undone. */
export type Drain =
  | { readonly kind: 'draining'; readonly since: number; readonly until: number }
  /** It has left. */
  | { readonly kind: 'drained'; readonly since: number };

/** A server that is no longer in the configuration. */
export type Leaving = {
  readonly id: string;
  readonly since: number;
  readonly until: number;
  /** With weight 0. */
  readonly destination: Destination;
};

/** Looked at this often. */
export const DRAIN_LOOK_MS = 250;
const IDLE_READINGS = 2;

export function beginDrain(timeoutMs: number, now: number): Drain {
  return timeoutMs > 0
    ? { kind: 'draining', since: now, until: now + timeoutMs }
    : { kind: 'drained', since: now };
}

/**
 * Whether a server that gets no newcomers since `since` has nothing to stay for in any service. Not before every service was
 * read several times: the weight takes a moment to be in force, and a connection to be seen.
 */
export function isIdle(ids: readonly string[], flows: readonly Flow[], since: number): boolean {
  return flows.every(
    ({ at, servers }) =>
      at >= since + IDLE_READINGS * DRAIN_LOOK_MS &&
      ids.every((id) => (servers.get(id)?.idleReadings ?? IDLE_READINGS) >= IDLE_READINGS),
  );
}

/** Who is to leave from `since` on, however it stood in the table. */
export function leave(who: Leaving): Leaving {
  return { ...who, destination: leavingDestination(who.destination) };
}

/** A destination on its way out. */
export function leavingDestination(destination: Destination): Destination {
  return { ...destination, weight: 0, upperThreshold: 0, lowerThreshold: 0 };
}
