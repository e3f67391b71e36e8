/** What an operator wants to know of the admissions, asked of the kernel when asked for. */
import type { Clock } from '../clock.js';
import type { Admission } from './admission.js';
import type { NftClient } from './client.js';
import { type Crowding, crowdingAfter } from './crowding.js';
import { admittedCounter, sessionSet, turnedAwayCounter } from './names.js';
import type { TableRead } from './read-back.js';

export type AdmissionStatistics = {
  readonly spaces: ReadonlyMap<string, SpaceStatistics>;
  readonly services: ReadonlyMap<string, ServiceStatistics>;
};

export type SpaceStatistics = {
  readonly sessions: number;
  /** How many newcomers would get in now: a set that is to be replaced has the size it had. */
  readonly free: number;
};

/** Counted since the table was made. */
export type ServiceStatistics = {
  /** Clients let in; one that comes back after its session ended counts again. */
  readonly admitted: number;
  /** Attempts to connect that went to the sorry server, repeated ones of one client included. */
  readonly turnedAway: number;
  /** Since each look found newcomers turned away for want of a place: milliseconds since 1970; absent while one has not. */
  readonly fullSince?: number;
  /** How often it became full or had room again, since lvsd looks. */
  readonly transitions: number;
};

export type Statistics = {
  /** Of what is wanted; rejects with an NftError. */
  readonly ask: (admission: Admission) => Promise<AdmissionStatistics>;
  /** Takes in the table as a look found it, for what only several looks can tell. */
  readonly look: (admission: Admission, table: TableRead) => void;
};

export type StatisticsOptions = { readonly client: NftClient; readonly clock: Clock };

/** Whoever asks within this time is told the same: listing a large set costs the kernel something. */
const FRESH_MS = 1000;
export const NO_STATISTICS: AdmissionStatistics = { spaces: new Map(), services: new Map() };

export function createStatistics({ client, clock }: StatisticsOptions): Statistics {
  let last:
    | { readonly at: number; readonly of: Admission; readonly result: Promise<AdmissionStatistics> }
    | undefined;
  let crowding: ReadonlyMap<string, Crowding> = new Map();
  return {
    ask: (admission) => {
      if (admission.services.length === 0) return Promise.resolve(NO_STATISTICS);
      const now = clock.now();
      if (last === undefined || last.of !== admission || now - last.at >= FRESH_MS) {
        last = { at: now, of: admission, result: count(admission) };
      }
      return last.result;
    },
    look: ({ services }, table) => {
      crowding = new Map(
        services.map(({ name, door }) => {
          const { turnedAway } = counted(name, table);
          return [
            name,
            crowdingAfter(crowding.get(name), { turnedAway, open: door === 'open' }, clock.wallNow()),
          ];
        }),
      );
    },
  };

  async function count({ spaces, services }: Admission): Promise<AdmissionStatistics> {
    const table = await client.read();
    if (table === undefined) return NO_STATISTICS;
    const sizes = new Map(table.sets.map((set) => [set.name, set.size]));
    const filled = new Map<string, SpaceStatistics>();
    for (const { name, size } of spaces) {
      let sessions = 0;
      await client.sessions(name, (elements) => {
        sessions += elements.length;
      });
      const places = Math.min(size, sizes.get(sessionSet(name)) ?? size);
      filled.set(name, { sessions, free: Math.max(0, places - sessions) });
    }
    return {
      spaces: filled,
      services: new Map(services.map(({ name }) => [name, { ...counted(name, table), ...crowd(name) }])),
    };
  }

  function crowd(name: string): Pick<ServiceStatistics, 'fullSince' | 'transitions'> {
    const { fullSince, transitions = 0 } = crowding.get(name) ?? {};
    return { ...(fullSince !== undefined && { fullSince }), transitions };
  }
}

function counted(name: string, { counters }: TableRead): Pick<ServiceStatistics, 'admitted' | 'turnedAway'> {
  return {
    admitted: counters.get(admittedCounter(name))?.packets ?? 0,
    turnedAway: counters.get(turnedAwayCounter(name))?.packets ?? 0,
  };
}
