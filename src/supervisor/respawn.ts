/** When a child that died is started again. */

/** Lengths of the waits before the 1st, 2nd, 3rd … start in a row; the last one goes on for ever. */
const WAITS_MS = [0, 100, 250, 500] as const;

/** A child that lived this long is not crash-looping: the next wait is the first again. */
export const HEALTHY_AFTER_MS = 10_000;

/** So many deaths in a row are no accident: whatever the child does is not being done. */
export const LOOPING_DEATHS = 3;

export type RespawnState = {
  /** Deaths in a row, each soon after its start. */
  readonly quickDeaths: number;
};

export const freshRespawn: RespawnState = { quickDeaths: 0 };

/** What follows from a death after `livedMs`: the new state, and how long to wait before the next start. */
export function respawn(
  state: RespawnState,
  livedMs: number,
): { readonly state: RespawnState; readonly waitMs: number } {
  const before = livedMs >= HEALTHY_AFTER_MS ? 0 : state.quickDeaths;
  const waitMs = WAITS_MS[Math.min(before, WAITS_MS.length - 1)] ?? 0;
  return { state: { quickDeaths: before + 1 }, waitMs };
}
