/** How long a pool of sessions has been full, as its counter tells at each look: listing its sessions would cost too much. Pure. */

/** What one look after another has found of a service. */
export type Crowding = {
  readonly turnedAway: number;
  /** When that was looked at. */
  readonly at: number;
  /** The first of the looks since which each has found newcomers turned away for want of a place; undefined: the last has not. */
  readonly fullSince: number | undefined;
  /** How often it became full, or had room again. */
  readonly transitions: number;
};

/** Within less nobody may just not have come. */
const SHORTEST_MS = 5000;

/** `open`: newcomers are turned away for want of a place alone. Times are milliseconds since 1970. */
export function crowdingAfter(
  past: Crowding | undefined,
  { turnedAway, open }: { readonly turnedAway: number; readonly open: boolean },
  now: number,
): Crowding {
  // A table made anew counts from 0.
  const before = past === undefined ? turnedAway : past.turnedAway <= turnedAway ? past.turnedAway : 0;
  const full = open && turnedAway > before;
  if (past !== undefined && open && !full && now - past.at < SHORTEST_MS) return past;
  const changed = full !== (past?.fullSince !== undefined);
  return {
    turnedAway,
    at: now,
    fullSince: full ? (past?.fullSince ?? now) : undefined,
    transitions: (past?.transitions ?? 0) + (changed ? 1 : 0),
  };
}
