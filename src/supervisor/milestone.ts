/** Something that is reached once, and that others wait for, each for a while. */
import type { Clock } from '../clock.js';

export type Milestone = {
  readonly reach: () => void;
  /** Resolves to whether it has been reached: at once when it is, and after `ms` at the latest. */
  readonly within: (ms: number) => Promise<boolean>;
};

export function createMilestone({ now, wake }: Clock): Milestone {
  let reached = false;
  const waiting = new Set<() => void>();
  return {
    reach: () => {
      reached = true;
      for (const go of waiting) go();
      waiting.clear();
    },
    within: (ms) =>
      new Promise((resolve) => {
        if (reached) {
          resolve(true);
          return;
        }
        const timer = wake(now() + ms, () => {
          waiting.delete(go);
          resolve(false);
        });
        const go = () => {
          timer.cancel();
          resolve(true);
        };
        waiting.add(go);
      }),
  };
}
