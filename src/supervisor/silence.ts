/** How long a child has been silent, and what follows. Only time in which the supervisor itself ran counts. Pure. */

export type Limits = {
  /** Then it is said. */
  readonly warnMs: number;
  /** Then the child is ended, and started again. */
  readonly endMs: number;
};

/** How often a child is asked. */
export const ASK_MS = 2000;
/** Putting the largest table into words keeps a process busy for seconds. */
export const RUNNING: Limits = { warnMs: 6000, endMs: 30_000 };
/** Until a child is ready: a busy machine takes long to load a program. */
export const STARTING: Limits = { warnMs: 30_000, endMs: 120_000 };

export type Silence = {
  /** Since the question that has no answer yet. */
  readonly lastedMs: number;
  readonly told: boolean;
};

export const asked: Silence = { lastedMs: 0, told: false };

/**
 * Another look at a child that has not answered, `sinceMs` after the one before. What counts is judged at the next look: an answer that
 * came while the supervisor stood still is read between the two.
 */
export function withLook(
  silence: Silence,
  sinceMs: number,
  limits: Limits,
): { readonly silence: Silence; readonly verdict: 'wait' | 'warn' | 'end' } {
  const { lastedMs, told } = silence;
  // A look that comes late is the supervisor's own delay: the machine was suspended, or busy with others.
  const next = lastedMs + Math.min(sinceMs, ASK_MS);
  if (lastedMs >= limits.endMs) return { silence: { lastedMs: next, told }, verdict: 'end' };
  const warn = !told && lastedMs >= limits.warnMs;
  return { silence: { lastedMs: next, told: told || warn }, verdict: warn ? 'warn' : 'wait' };
}
