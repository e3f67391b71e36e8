/** When a master announces its addresses by gratuitous ARP or unsolicited neighbour advertisement, as deadlines. */
import type { GarpConfig } from '../config.js';

/** What is announced: every address, or one address on each interface that sends no adverts (garp_extra_if). */
export type Announcement = { readonly of: 'addresses' | 'extra-interfaces'; readonly repeat: number };

type PendingSet = Announcement & {
  readonly why: 'settle' | 'second' | 'refresh' | 'lower-prio' | 'extra';
  readonly at: number;
  /** Comes again after so long. */
  readonly everyMs?: number;
};

/** The sets still to come, at most one of each kind. */
export type GarpSchedule = readonly PendingSet[];

/** After a takeover from a router that still answered, its last ARP replies may have won: say it once more. */
const SETTLE_MS = 100;

/** The schedule of a new master, beside the first set of `masterRepeat` that it sends at once. */
export function startGarp(garp: GarpConfig, now: number): GarpSchedule {
  return [...setAfter('second', garp.masterDelayMs, garp.masterRepeat, now), ...periodic(garp, now)];
}

/** The schedule of a master that went on where it was: nothing moved, so only the periodic sets. */
export function resumeGarp(garp: GarpConfig, now: number): GarpSchedule {
  return periodic(garp, now);
}

/** Adds the extra set after a takeover from a router that still answered. */
export function settleGarp(schedule: GarpSchedule, now: number): GarpSchedule {
  return replace(schedule, setAfter('settle', SETTLE_MS, 1, now));
}

/** Adds the second set after an advert of lower priority; a pending one is put off. */
export function lowerPrioGarp(schedule: GarpSchedule, garp: GarpConfig, now: number): GarpSchedule {
  if (garp.lowerPrioRepeat === 0) return schedule;
  return replace(schedule, setAfter('lower-prio', garp.lowerPrioDelayMs, garp.lowerPrioRepeat, now));
}

/** A reload: periodic sets are those of the new configuration, and the beat of one that stays goes on. What is pending once stays. */
export function reconfigureGarp(schedule: GarpSchedule, garp: GarpConfig, now: number): GarpSchedule {
  const wanted = repeating(garp, now).map((next) => {
    const known = schedule.find(({ why }) => why === next.why);
    return known !== undefined && known.everyMs === next.everyMs ? { ...next, at: known.at } : next;
  });
  return [...schedule.filter(({ everyMs }) => everyMs === undefined), ...wanted];
}

/** What is due by now, and the schedule without it. */
export function dueGarp(
  schedule: GarpSchedule,
  now: number,
): { readonly schedule: GarpSchedule; readonly due: readonly Announcement[] } {
  if (garpAt(schedule) > now) return { schedule, due: [] };
  const due = schedule.filter(({ at }) => at <= now).map(({ of, repeat }) => ({ of, repeat }));
  return { due, schedule: schedule.flatMap((set) => (set.at <= now ? again(set, now) : [set])) };
}

/** When the next set is due; Infinity when none is. */
export function garpAt(schedule: GarpSchedule): number {
  return schedule.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
}

function periodic(garp: GarpConfig, now: number): PendingSet[] {
  return repeating(garp, now + garp.masterDelayMs);
}

function repeating(garp: GarpConfig, from: number): PendingSet[] {
  return [
    ...every('refresh', garp.masterRefreshMs, garp.masterRefreshRepeat, from),
    ...(garp.extraIf === undefined ? [] : every('extra', garp.extraIf.intervalMs, 1, from)),
  ];
}

function setAfter(why: PendingSet['why'], afterMs: number, repeat: number, now: number): PendingSet[] {
  return afterMs === 0 ? [] : [{ why, of: 'addresses', repeat, at: now + afterMs }];
}

function every(why: 'refresh' | 'extra', everyMs: number, repeat: number, from: number): PendingSet[] {
  const of = why === 'extra' ? 'extra-interfaces' : 'addresses';
  return everyMs === 0 ? [] : [{ why, of, repeat, at: from + everyMs, everyMs }];
}

function again(set: PendingSet, now: number): PendingSet[] {
  if (set.everyMs === undefined) return [];
  const onTheBeat = set.at + set.everyMs;
  return [{ ...set, at: onTheBeat > now ? onTheBeat : now + set.everyMs }];
}

function replace(schedule: GarpSchedule, sets: readonly PendingSet[]): GarpSchedule {
  return [...schedule.filter(({ why }) => !sets.some((set) => set.why === why)), ...sets];
}
