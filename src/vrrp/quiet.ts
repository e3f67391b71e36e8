/** Keeps what repeats out of the log. */
import type { Clock } from '../clock.js';

/** How many different things are remembered: what others send can be anything. */
const MOST = 1000;

/** Whether a thing is to be told: the first time, and again when it was not told for so long. */
export function createQuiet(clock: Pick<Clock, 'now'>, quietMs: number): (what: string) => boolean {
  const toldAt = new Map<string, number>();
  return (what) => {
    const now = clock.now();
    if (now - (toldAt.get(what) ?? Number.NEGATIVE_INFINITY) < quietMs) return false;
    if (toldAt.size >= MOST) toldAt.clear();
    toldAt.set(what, now);
    return true;
  };
}
