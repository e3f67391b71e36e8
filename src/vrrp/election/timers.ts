/** The lengths of time of an election (RFC 9568 §6.1, RFC 3768 §6.1), all in milliseconds. */
import type { InstanceConfig } from '../config.js';

/** What the lengths follow from. */
export type Timing = Pick<InstanceConfig, 'version' | 'advertIntMs' | 'downTimerAdverts'>;

type Lasting = Timing & Pick<InstanceConfig, 'vipLifetime'>;

/** The time of what is not waited for. */
export const NEVER = Number.POSITIVE_INFINITY;

/**
 * What arrived while a machine stood still is through its queues by then, and a master that stood still with it has sent its advert: a
 * backup that was held up waits this long, and looks this long before it takes over whether it was.
 */
export const DOUBT_MS = 5;

/** Highest priority a router has that does not own the addresses. */
export const HIGHEST_BACKUP_PRIORITY = 254;

/** A quarter of the shortest lifetime is more than a loaded machine's timers are ever late. */
const SHORTEST_LIFETIME_S = 2;

/** Milliseconds of a packet's interval field: seconds in VRRPv2, hundredths of a second in VRRPv3. */
export function advertIntFromWire(version: 2 | 3, field: number): number {
  return version === 2 ? field * 1000 : field * 10;
}

/** The interval field of a packet: 1–255 in VRRPv2 (8 bits), 1–4095 in VRRPv3 (12 bits). */
export function advertIntToWire(version: 2 | 3, advertIntMs: number): number {
  return version === 2
    ? clamp(Math.round(advertIntMs / 1000), 1, 255)
    : clamp(Math.round(advertIntMs / 10), 1, 4095);
}

/**
 * Skew_Time: how much later a backup of this priority takes over than one of priority 256 would.
 * VRRPv3 scales it with the master's interval (RFC 9568 §6.1), VRRPv2 does not (RFC 3768 §6.1).
 */
export function skewTimeMs(version: 2 | 3, priority: number, masterAdverIntMs: number): number {
  return ((256 - priority) * (version === 2 ? 1000 : masterAdverIntMs)) / 256;
}

/** Master_Down_Interval: the silence after which a backup of this priority takes over. */
export function masterDownIntervalMs(timing: Timing, priority: number, masterAdverIntMs: number): number {
  return timing.downTimerAdverts * masterAdverIntMs + skewTimeMs(timing.version, priority, masterAdverIntMs);
}

/** The first wait of `state MASTER` below priority 255: one advert of a master that is there, and the least skew. */
export function eagerStartMs(timing: Timing): number {
  return timing.advertIntMs + skewTimeMs(timing.version, HIGHEST_BACKUP_PRIORITY, timing.advertIntMs);
}

/** After so long without an advert of ours, a backup of priority `highestOther` may have taken over. */
export function takeoverPossibleMs(timing: Timing, highestOther: number): number {
  return masterDownIntervalMs(timing, highestOther, timing.advertIntMs);
}

/** The longest a backup of any priority waits after an advert of priority 0. */
export function longestSkewMs(timing: Timing): number {
  return skewTimeMs(timing.version, 1, timing.advertIntMs);
}

/**
 * The longest a link's loss may be kept back: with more, a backup would have taken over before this router faults.
 * Infinity where a single missed advert is enough for that anyway.
 */
export function longestDownDelayMs(timing: Timing, masterAdverIntMs: number): number {
  if (timing.downTimerAdverts === 1) return Number.POSITIVE_INFINITY;
  return (timing.downTimerAdverts - 1) * masterAdverIntMs - masterAdverIntMs / 256;
}

/**
 * Whole seconds the kernel keeps the addresses without renewal, or undefined for ever: at least as long as the slowest
 * backup waits, so that they do not go before it comes.
 */
export function vipLifetimeS(timing: Lasting): number | undefined {
  if (timing.vipLifetime === 'off') return undefined;
  if (timing.vipLifetime !== 'auto') return timing.vipLifetime.seconds;
  return Math.max(SHORTEST_LIFETIME_S, Math.ceil(masterDownIntervalMs(timing, 1, timing.advertIntMs) / 1000));
}

/** When addresses that were renewed now are renewed again: with the first advert from `softAt` on, and by `hardAt` in any case. */
export type Renewal = { readonly softAt: number; readonly hardAt: number; readonly expiresAt: number };

/**
 * A fifth of the lifetime lets every advert renew at usual intervals, or less, so that from each advert on they last as long as the
 * slowest backup waits. A half leaves as much again for a late timer.
 */
export function renewal(timing: Lasting, now: number): Renewal {
  const lifetimeMs = 1000 * (vipLifetimeS(timing) ?? NEVER);
  const spareMs = Math.max(0, lifetimeMs - masterDownIntervalMs(timing, 1, timing.advertIntMs));
  return {
    softAt: now + Math.min(lifetimeMs / 5, spareMs),
    hardAt: now + lifetimeMs / 2,
    expiresAt: now + lifetimeMs,
  };
}

/** With fewer instances each wakes at its own time. */
const MANY = 32;
const LARGEST_GRAIN_MS = 5;
/** A flood is read a thousand times a second at the most. */
const SHORTEST_REST_MS = 1;

/**
 * How much later than its time an instance among many may be woken, so that it wakes together with others: waking costs more than the
 * advert that is sent then. A twentieth of the interval is no delay to a backup that waits for three.
 */
export function wakeGrainMs({ advertIntMs }: Timing, count: number): number {
  return count < MANY ? 0 : Math.min(LARGEST_GRAIN_MS, Math.floor(advertIntMs / 20));
}

/** How much later than it came an advert may be read, where it came close behind another: as many wake together, so many are read together. */
export function readGrainMs(instances: readonly Timing[]): number {
  const grains = instances.map((each) => wakeGrainMs(each, instances.length));
  return Math.max(SHORTEST_REST_MS, Math.min(LARGEST_GRAIN_MS, ...grains));
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}

/** The longest a planned stop takes when nobody takes over: two resignations, the longest skew, the grace, and the end. */
export function stopDeadlineMs(instances: readonly Timing[]): number {
  return STOP_MS + Math.max(0, ...instances.map(longestSkewMs));
}

/** Beside the skew: 520 ms of hand-over, scripts that get a second to end, and a busy machine. */
const STOP_MS = 5000;
