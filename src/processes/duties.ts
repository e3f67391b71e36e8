/** What a director owes the connections while addresses move from one to the other by plan. Pure. */
import type { Stage } from '../vrrp/election/stage.js';

/** What it does of that until when, by instance; points in time are monotonic ms. */
export type Duties = {
  readonly stage: Stage['name'];
  /** Holds back what would end connections it does not know yet, and takes in what it is told of them. */
  readonly hold?: Span | undefined;
  /** When it is to take over, while that is still to come. */
  readonly takeoverAt?: number | undefined;
  /** Tells the other director of its connections. */
  readonly tellUntil?: number | undefined;
};

export type Span = { readonly from: number; readonly until: number };

export const NO_DUTIES: Duties = { stage: 'idle' };

/** The hold begins so long before the takeover: programs take a moment to start. */
const AHEAD_MS = 1000;
/** How much later than expected the takeover may come, for the hold to be there still. */
const LATE_MS = 2500;
/** What the old master tells is there within this, though it may be busy; packets that were dropped come again after it. */
const AFTER_MS = 2000;
/** Packets that were on their way to the old master when it let go. */
const PARTING_MS = 200;
/** However long a resignation is not followed. */
const LONGEST_TELLING_MS = 60_000;

/** The duties that follow from a stage. One that is repeated changes nothing. */
export function withStage(duties: Duties, stage: Stage, now: number): Duties {
  switch (stage.name) {
    case 'taking-over': {
      const at = now + stage.inMs;
      const hold = { from: Math.max(now, at - AHEAD_MS), until: at + LATE_MS };
      return { stage: stage.name, hold, takeoverAt: at, tellUntil: parting(duties, now) };
    }
    case 'master': {
      const planned = duties.hold !== undefined && now < duties.hold.until;
      if (duties.stage === 'master') return duties;
      return { stage: stage.name, hold: planned ? { from: now, until: now + AFTER_MS } : undefined };
    }
    case 'resigning':
      return { stage: stage.name, tellUntil: now + LONGEST_TELLING_MS };
    case 'backup':
    case 'idle':
      return { stage: stage.name, tellUntil: parting(duties, now) };
  }
}

/** All instances' duties as one: whatever one needs is done. */
export function together(all: Iterable<Duties>): Omit<Duties, 'stage'> {
  let hold: Span | undefined;
  let takeoverAt: number | undefined;
  let tellUntil: number | undefined;
  for (const duties of all) {
    if (duties.hold) hold = hold ? spanOf(hold, duties.hold) : duties.hold;
    if (duties.takeoverAt !== undefined) takeoverAt = Math.max(takeoverAt ?? 0, duties.takeoverAt);
    if (duties.tellUntil !== undefined) tellUntil = Math.max(tellUntil ?? 0, duties.tellUntil);
  }
  return { hold, takeoverAt, tellUntil };
}

function parting({ stage, tellUntil }: Duties, now: number): number | undefined {
  return stage === 'master' || stage === 'resigning' ? now + PARTING_MS : tellUntil;
}

function spanOf(a: Span, b: Span): Span {
  return { from: Math.min(a.from, b.from), until: Math.max(a.until, b.until) };
}
