/** Reads pools when they ask for it, one after another: however many there are, most of the time is left to others. */
import type { Clock, Timer } from '../clock.js';
import type { ServiceKey } from '../ipvs/table.js';
import type { DestinationReading } from './flow.js';
import type { ServiceReadings } from './followed.js';

/** The counts of each service, in the order of the keys; undefined for one that is not there. Rejects when it cannot be read. */
export type ReadCounts = (
  keys: readonly ServiceKey[],
) => Promise<readonly (readonly DestinationReading[] | undefined)[]>;

export type FollowerOptions = {
  readonly clock: Clock;
  readonly read: ReadCounts;
  /** Takes in what was read; nothing (`[]`) when it could not be. Calls `follow` again if it wants more. */
  readonly observe: (id: string, readings: ServiceReadings) => void;
  readonly warn: (text: string) => void;
};

export type Follower = {
  /** From now on the pool of this id is to be read at a (monotonic) time, with these services; undefined: not any more. */
  readonly follow: (id: string, keys: readonly ServiceKey[], at: number | undefined) => void;
  readonly stop: () => void;
};

type Due = { readonly keys: readonly ServiceKey[]; readonly at: number };

/** After each reading, as long a rest as it took. */
const REST = 1;
/** After one that failed. */
const RETRY_MS = 1000;

export function createFollower({ clock, read, observe, warn }: FollowerOptions): Follower {
  const due = new Map<string, Due>();
  let timer: Timer | undefined;
  let reading = false;
  let stopped = false;
  let restUntil = 0;
  let failing = false;

  return { follow, stop };

  function follow(id: string, keys: readonly ServiceKey[], at: number | undefined): void {
    if (at === undefined) due.delete(id);
    else due.set(id, { keys, at });
    arm();
  }

  function arm(): void {
    timer?.cancel();
    timer = undefined;
    if (stopped || reading || due.size === 0) return;
    let first = Infinity;
    for (const { at } of due.values()) first = Math.min(first, at);
    timer = clock.wake(Math.max(first, restUntil), () => void readNext());
  }

  async function readNext(): Promise<void> {
    const next = soonest();
    if (next === undefined || stopped) return;
    const [id, { keys }] = next;
    due.delete(id);
    reading = true;
    const startedAt = clock.now();
    const readings = await attempt(keys);
    reading = false;
    if (stopped) return;
    const endedAt = clock.now();
    restUntil = failing ? endedAt + RETRY_MS : endedAt + REST * (endedAt - startedAt);
    observe(id, readings);
    arm();
  }

  async function attempt(keys: readonly ServiceKey[]): Promise<ServiceReadings> {
    try {
      const readings = await read(keys);
      failing = false;
      return readings;
    } catch (error) {
      if (!failing) warn(`cannot read the counts of connections: ${(error as Error).message}`);
      failing = true;
      return [];
    }
  }

  function soonest(): readonly [string, Due] | undefined {
    let first: readonly [string, Due] | undefined;
    for (const entry of due) if (first === undefined || entry[1].at < first[1].at) first = entry;
    return first;
  }

  function stop(): void {
    stopped = true;
    timer?.cancel();
    due.clear();
  }
}
