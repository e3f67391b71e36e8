/** What an instance counts: adverts each way, packets not believed by reason, and how often it was master. */
import type { Clock } from '../../clock.js';
import type { StateName } from '../election/state.js';
import { createQuiet } from '../quiet.js';
import { DROP_REASONS, type DropReason, WARNINGS, type Warning } from './drop-reasons.js';
import { describeOtherAddresses, type OtherAddresses } from './other-addresses.js';
import type { BelievedAdvert } from './receive.js';

export type TrafficCounts = {
  readonly advertsReceived: number;
  readonly advertsSent: number;
  readonly priorityZeroReceived: number;
  readonly priorityZeroSent: number;
  readonly becameMaster: number;
  readonly releasedMaster: number;
  readonly transitions: number;
  /** Only reasons that have occurred. */
  readonly drops: Readonly<Partial<Record<DropReason, number>>>;
  /** Adverts that are believed though they are not as configured here; only oddities that have occurred. */
  readonly odd: Readonly<Partial<Record<Warning, number>>>;
};

export type Traffic = {
  readonly counts: () => TrafficCounts;
  /** When the last advert was believed, in milliseconds since 1970. */
  readonly lastHeardAt: () => number | undefined;
  /** The addresses of that router, where those it adverted last are not those configured here. */
  readonly othersOf: (source: string) => OtherAddresses | undefined;
  readonly received: (believed: BelievedAdvert) => void;
  readonly sent: (priority: number) => void;
  readonly dropped: (reason: DropReason, detail: string, source: string) => void;
  readonly moved: (from: StateName, to: StateName) => void;
};

type Warn = (fields: object, text: string) => void;

/** One kind of bad packet is told of once in so long, however many come. */
const QUIET_MS = 60_000;

export function createTraffic(clock: Clock, warn: Warn): Traffic {
  let [received, sent, zeroReceived, zeroSent] = [0, 0, 0, 0];
  let [becameMaster, releasedMaster, transitions] = [0, 0, 0];
  let lastHeardAt: number | undefined;
  const drops = createDrops(clock, warn);
  const toldOdd = new Set<string>();
  const odd = new Map<Warning, number>();
  let others: ({ readonly source: string } & OtherAddresses) | undefined;
  return {
    counts: () => ({
      advertsReceived: received,
      advertsSent: sent,
      priorityZeroReceived: zeroReceived,
      priorityZeroSent: zeroSent,
      becameMaster,
      releasedMaster,
      transitions,
      drops: drops.counts(),
      odd: Object.fromEntries(WARNINGS.flatMap((warning) => entry(warning, odd.get(warning)))),
    }),
    lastHeardAt: () => lastHeardAt,
    othersOf: (source) => (others?.source === source ? { has: others.has, lacks: others.lacks } : undefined),
    received: ({ advert: { source, priority }, warnings, addresses }) => {
      received += 1;
      if (priority === 0) zeroReceived += 1;
      lastHeardAt = clock.wallNow();
      if (typeof addresses === 'object') others = { source, ...addresses };
      else if (addresses === undefined) others = undefined;
      for (const warning of warnings) {
        odd.set(warning, (odd.get(warning) ?? 0) + 1);
        tellOnce(warning, source);
      }
    },
    sent: (priority) => {
      sent += 1;
      if (priority === 0) zeroSent += 1;
    },
    dropped: drops.add,
    moved: (from, to) => {
      transitions += 1;
      if (to === 'MASTER' && from !== 'HANDOVER') becameMaster += 1;
      if (wasMaster(from) && !wasMaster(to)) releasedMaster += 1;
    },
  };

  function tellOnce(warning: Warning, source: string): void {
    const key = `${warning} ${source}`;
    if (toldOdd.has(key) || toldOdd.size > MOST_ODDITIES) return;
    toldOdd.add(key);
    const which = warning === 'addr_list_mismatch' && others ? `: it ${describeOtherAddresses(others)}` : '';
    warn({ warning, source }, `advert of ${source}: ${ODDITY[warning]}${which}`);
  }
}

export type Drops = {
  readonly counts: () => TrafficCounts['drops'];
  readonly add: (reason: DropReason, detail: string, source: string) => void;
  /** Counts one without a word. */
  readonly count: (reason: DropReason) => number;
};

/** Packets not believed, counted by reason; the first of each kind in a minute is told of. */
export function createDrops(clock: Clock, warn: Warn): Drops {
  const counts = new Map<DropReason, number>();
  const isNews = createQuiet(clock, QUIET_MS);
  const count = (reason: DropReason): number => {
    const total = (counts.get(reason) ?? 0) + 1;
    counts.set(reason, total);
    return total;
  };
  return {
    count,
    counts: () => Object.fromEntries(DROP_REASONS.flatMap((reason) => entry(reason, counts.get(reason)))),
    add: (reason, detail, source) => {
      const total = count(reason);
      if (!isNews(reason)) return;
      warn({ reason, source, count: total }, `packet of ${source} dropped (${reason}): ${detail}`);
    },
  };
}

/** Sources can be forged: what is remembered of them is bounded. */
const MOST_ODDITIES = 64;

const ODDITY: Readonly<Record<Warning, string>> = {
  addr_list_mismatch: 'its addresses are not those configured here',
  advert_interval_mismatch: 'its interval is not the one configured here; its own counts while it is master',
  old_checksum: 'its checksum is of the form of keepalived before 1.3.7',
};

function wasMaster(name: StateName): boolean {
  return name === 'MASTER' || name === 'HANDOVER';
}

function entry<Word>(reason: Word, count: number | undefined): [Word, number][] {
  return count === undefined ? [] : [[reason, count]];
}
