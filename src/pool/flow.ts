/**
 * What the kernel's counts of one service say about where its connections come from and go to, reading after reading. Pure.
 * Only active and inactive are of the moment: the kernel sums its other counters up every 2 s.
 */

/** One destination as read: counts of connections, and the kernel's own total and rate a second. */
export type DestinationReading = {
  /** As destinationId has it. */
  readonly id: string;
  readonly active: number;
  readonly inactive: number;
  /** Connections since the entry was made. */
  readonly total: number;
  readonly perSecond: number;
  /** In force when read; 0 is none. */
  readonly upperThreshold: number;
  readonly lowerThreshold: number;
};

export type ServerFlow = DestinationReading & {
  /**
   * Of the inactive ones, those that may be newcomers: the kernel enters a connection as inactive, and moves it a moment later
   * (ip_vs_bind_dest, set_tcp_state). For one reading, and not where connections close all the time.
   */
  readonly entering: number;
  /** How fast inactive connections become more, per millisecond: at once when faster, slowly when slower. */
  readonly growth: number;
  /** How fast active and inactive connections together become more, in the same way. */
  readonly arrival: number;
  /** How fast inactive connections become fewer, per millisecond and not below 0: at once when faster, slowly when slower. */
  readonly fall: number;
  /** It was full, and is not yet below its lower threshold. */
  readonly closed: boolean;
  /** The kernel chooses it no more, as far as the counts can tell: it was at what the kernel was told is the limit. */
  readonly marked: boolean;
  /** Readings in a row without connections to wait for. */
  readonly idleReadings: number;
};

export type Flow = {
  readonly at: number;
  /** From one reading to the next, smoothed: what is written now is in force about that long. */
  readonly gapMs: number;
  readonly servers: ReadonlyMap<string, ServerFlow>;
};

/** What is needed of a server to read its counts. */
export type Limit = {
  /** Connections at which it is full; 0 is never. */
  readonly upper: number;
  /** Below which it has room again after it was full; 0: as soon as it is not full. */
  readonly lower: number;
  /** Inactive ones count as well: UDP has no others. */
  readonly countsInactive: boolean;
};

const FADE_MS = 100;
/** Connections that close, per ms, below which one more inactive one is news. */
const CALM_PER_MS = 0.001;
/** What expires now came in bursts: the next one is like the largest of some seconds. */
const FALL_FADE_MS = 2000;
const FIRST_GAP_MS = 50;
/** A gap longer than this is a break, and says nothing of the next one. */
const LONGEST_GAP_MS = 2000;

/** What is known of a service beside what is read of it. */
export type Terms = {
  readonly limitOf: (id: string) => Limit | undefined;
  /** Inactive connections are all there are: UDP. */
  readonly countsInactive: boolean;
};

/** The flow after one more reading. */
export function observeFlow(
  past: Flow | undefined,
  readings: readonly DestinationReading[],
  at: number,
  terms: Terms,
): Flow {
  const elapsedMs = past === undefined ? FIRST_GAP_MS : Math.max(1, at - past.at);
  const servers = new Map<string, ServerFlow>();
  for (const reading of readings) {
    const before = past?.servers.get(reading.id);
    servers.set(reading.id, observeServer(before, reading, elapsedMs, terms));
  }
  return { at, gapMs: smoothGap(past, elapsedMs), servers };
}

/** The connections that count against a limit. */
export function counted({ active, inactive }: Pick<DestinationReading, 'active' | 'inactive'>, limit: Limit) {
  return limit.countsInactive ? active + inactive : active;
}

function observeServer(
  past: ServerFlow | undefined,
  reading: DestinationReading,
  elapsedMs: number,
  { limitOf, countsInactive }: Terms,
): ServerFlow {
  const { active, inactive } = reading;
  const entering = enteringOf(past, reading);
  const growth = past === undefined ? 0 : (inactive - entering - past.inactive) / elapsedMs;
  const arrival = past === undefined ? 0 : (active + inactive - past.active - past.inactive) / elapsedMs;
  const held = countsInactive ? active + inactive : active;
  const limit = limitOf(reading.id);
  return {
    ...reading,
    entering,
    growth: hold(past?.growth ?? 0, growth, elapsedMs / FADE_MS),
    arrival: hold(past?.arrival ?? 0, arrival, elapsedMs / FADE_MS),
    fall: hold(past?.fall ?? 0, fallOf(past, inactive) / elapsedMs, elapsedMs / FALL_FADE_MS),
    closed: limit !== undefined && isClosed(past, reading, limit),
    marked: isMarked(past, reading),
    idleReadings: held === 0 ? (past?.idleReadings ?? 0) + 1 : 0,
  };
}

function enteringOf(past: ServerFlow | undefined, { active, inactive }: DestinationReading): number {
  if (past === undefined || past.entering > 0 || past.growth >= CALM_PER_MS) return 0;
  const added = inactive - past.inactive;
  return Math.max(0, Math.min(added, active - past.active + added));
}

/** One alone says nothing of the next. */
function fallOf(past: ServerFlow | undefined, inactive: number): number {
  return past === undefined ? 0 : Math.max(0, past.inactive - inactive - 1);
}

/** The mark of IP_VS_DEST_F_OVERLOAD: set by a newcomer at u_threshold, kept until the count is below l_threshold or u_threshold is raised. */
function isMarked(past: ServerFlow | undefined, reading: DestinationReading): boolean {
  const { active, inactive, upperThreshold, lowerThreshold } = reading;
  if (upperThreshold === 0) return false;
  const total = active + inactive;
  if (total >= upperThreshold) return true;
  return past?.marked === true && upperThreshold <= past.upperThreshold && total >= lowerThreshold;
}

/** Full is: at the limit, or at what the kernel was told is the limit. */
function isClosed(past: ServerFlow | undefined, reading: DestinationReading, limit: Limit): boolean {
  if (limit.upper === 0) return false;
  const count = counted(reading, limit);
  if (past?.closed === true) return count >= (limit.lower || limit.upper);
  const { active, inactive, upperThreshold } = reading;
  return count >= limit.upper || (upperThreshold > 0 && active + inactive >= upperThreshold);
}

/** Follows a rise at once, and a fall as `passed` (in time constants) lets it. */
function hold(past: number, now: number, passed: number): number {
  return now >= past ? now : now + (past - now) * Math.exp(-passed);
}

function smoothGap(past: Flow | undefined, elapsedMs: number): number {
  if (past === undefined || elapsedMs > LONGEST_GAP_MS) return FIRST_GAP_MS;
  return (past.gapMs * 3 + elapsedMs) / 4;
}
