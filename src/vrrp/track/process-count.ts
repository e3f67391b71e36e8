/** Whether enough, and not too many, of a tracked process run. */
import type { TrackProcessConfig } from './config.js';
import { type Debounced, observe } from './debounce.js';

export type ProcessHealth = { readonly quorum: Debounced; readonly running: number };

/** How many of them run: so many for sure, and so many more at the most. */
export type Count = { readonly running: number; readonly perhaps: number };

type Limits = Pick<TrackProcessConfig, 'quorum' | 'quorumMax' | 'forkDelayMs' | 'terminateDelayMs'>;

/** At start what is there is believed at once. */
export function initialProcesses(limits: Limits, running: number): ProcessHealth {
  return { quorum: { value: suffices(limits, running) }, running };
}

/** A new count. What more processes change waits for fork_delay, what fewer change for terminate_delay. */
export function observeProcesses(
  limits: Limits,
  health: ProcessHealth,
  running: number,
  now: number,
): ProcessHealth {
  const delayMs = running > health.running ? limits.forkDelayMs : limits.terminateDelayMs;
  return { quorum: observe(health.quorum, suffices(limits, running), delayMs, now), running };
}

/** Whether it makes no difference which of those that cannot be told run. */
export function isDecided(limits: Limits, { running, perhaps }: Count): boolean {
  const any = Array.from({ length: perhaps }, (_, i) => suffices(limits, running + i + 1));
  return any.every((each) => each === suffices(limits, running));
}

function suffices({ quorum, quorumMax = Number.POSITIVE_INFINITY }: Limits, running: number): boolean {
  return running >= quorum && running <= quorumMax;
}
