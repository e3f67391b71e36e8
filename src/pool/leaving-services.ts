/**
 * Services of the kernel that are no longer configured. Those that others serve from now on stay for a while: with the service all
 * its connections would be cut.
 */
import type { Clock, Timer } from '../clock.js';
import type { ServiceKey } from '../ipvs/table.js';
import { serviceText } from './text.js';

export type LeavingServices = {
  /** Has a service removed at the next look after so many ms. */
  readonly add: (key: ServiceKey, afterMs: number) => void;
  /** Those in here, by serviceText, are configured again: they stay. */
  readonly takeBack: (owned: ReadonlyMap<string, unknown>) => void;
  /** Removes those whose time has come, and looks again when the time of the others has. */
  readonly look: () => void;
  readonly keys: () => readonly ServiceKey[];
  /** Removes no more; gives those that are still there. */
  readonly stop: () => readonly ServiceKey[];
};

export type LeavingServicesOptions = {
  readonly clock: Clock;
  readonly remove: (key: ServiceKey) => void;
};

export function createLeavingServices({ clock, remove }: LeavingServicesOptions): LeavingServices {
  const leaving = new Map<string, { readonly key: ServiceKey; readonly until: number }>();
  let timer: Timer | undefined;
  let stopped = false;

  const keys = (): ServiceKey[] => Array.from(leaving.values(), ({ key }) => key);

  const look = (): void => {
    if (stopped) return;
    for (const [text, { key, until }] of leaving) {
      if (until > clock.now()) continue;
      leaving.delete(text);
      remove(key);
    }
    timer?.cancel();
    if (leaving.size > 0)
      timer = clock.wake(Math.min(...Array.from(leaving.values(), ({ until }) => until)), look);
  };

  return {
    add: (key, afterMs) => {
      leaving.set(serviceText(key), { key, until: clock.now() + afterMs });
    },
    takeBack: (owned) => {
      for (const text of owned.keys()) leaving.delete(text);
    },
    look,
    keys,
    stop: () => {
      stopped = true;
      timer?.cancel();
      return keys();
    },
  };
}
