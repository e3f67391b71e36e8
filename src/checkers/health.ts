/**
 * Rises and falls of one checker, as keepalived counts them: up after one success of every step, down after `retry` further
 * tries, but at once before the first success. Times ending in At are monotonic; `since` and `time` are milliseconds
 * since 1970, fit to be shown and stored.
 */
import type { ProbeResult } from './probe.js';

export type HealthPolicy = {
  readonly retry: number;
  readonly delayBeforeRetryMs: number;
  readonly delayLoopMs: number;
  /** From a failure to the next try while down. */
  readonly delayWhileDownMs: number;
  /** While down, the steps of one round follow each other at once. */
  readonly fastRecovery: boolean;
  /** Probes of a round: 1, or the number of urls. */
  readonly steps: number;
};

export type HealthState = {
  readonly up: boolean;
  /** Up or down since. */
  readonly since: number;
  /** Why it is so. */
  readonly reason: string;
  /** False while `up` is only assumed: no round has passed or failed yet. */
  readonly tested: boolean;
  /** Which probe of the round comes next; a failed one comes again. */
  readonly step: number;
  /** Failures that the checker may still survive. */
  readonly retriesLeft: number;
  /** Failures in a row. */
  readonly failures: number;
  readonly last?: LastResult;
  /** When the next try is due. */
  readonly nextAt: number;
};

export type LastResult = {
  readonly kind: ProbeResult['kind'];
  /** The reason of a failure or the note of a success. */
  readonly text?: string;
  readonly time: number;
};

/** One moment on both clocks. */
export type Moment = { readonly at: number; readonly time: number };

/** A checker never run: assumed up, or down with `alpha`. */
export function beginHealth(alpha: boolean, firstAt: number, time: number): HealthState {
  return {
    up: !alpha,
    since: time,
    reason: alpha ? 'alpha: not checked yet' : 'not checked yet',
    tested: false,
    step: 0,
    retriesLeft: 0,
    failures: 0,
    nextAt: firstAt,
  };
}

/** What a predecessor knew of a checker. */
export type KnownHealth = Pick<HealthState, 'up' | 'since' | 'reason' | 'tested'>;

/** Goes on from what a predecessor knew: what it found up has its retries, as if it had never stopped. */
export function restoreHealth(known: KnownHealth, policy: HealthPolicy, nextAt: number): HealthState {
  const { up, since, reason, tested } = known;
  return {
    up,
    since,
    reason,
    tested,
    step: 0,
    retriesLeft: up && tested ? policy.retry : 0,
    failures: 0,
    nextAt,
  };
}

/** What a state is under another policy. */
export function resumeHealth(state: HealthState, policy: HealthPolicy, nextAt: number): HealthState {
  const step = state.step < policy.steps ? state.step : 0;
  return { ...state, step, retriesLeft: Math.min(state.retriesLeft, policy.retry), nextAt };
}

/** The state after the run that was due at `state.nextAt` has ended with `result` at `now`. */
export function observe(
  policy: HealthPolicy,
  state: HealthState,
  result: ProbeResult,
  now: Moment,
): HealthState {
  switch (result.kind) {
    case 'ok':
      return passed(policy, state, lastOf(result.kind, result.note, now), now);
    case 'failed':
      return fell(policy, state, lastOf(result.kind, result.reason, now), now);
    case 'unable':
      return {
        ...state,
        last: lastOf(result.kind, result.reason, now),
        nextAt: onBeat(state.nextAt, policy.delayLoopMs, now.at),
      };
  }
}

/** Whether there is something to tell: a change, or the first verdict. */
export function isNews(before: HealthState, after: HealthState): boolean {
  return before.up !== after.up || (!before.tested && after.tested);
}

/** Every check of a healthy server comes through here: the fields are written out because spreading them costs more. */
function passed(policy: HealthPolicy, state: HealthState, last: LastResult, now: Moment): HealthState {
  const { up, since, reason, tested } = state;
  const round = state.step + 1 >= policy.steps;
  const verdict = round && !(up && tested);
  const hurry = !up && !round && policy.fastRecovery;
  return {
    up: up || round,
    since: verdict && !up ? now.time : since,
    reason: verdict ? 'check passed' : reason,
    tested: tested || round,
    step: round ? 0 : state.step + 1,
    retriesLeft: policy.retry,
    failures: 0,
    last,
    nextAt: hurry ? now.at : onBeat(state.nextAt, policy.delayLoopMs, now.at),
  };
}

function fell(policy: HealthPolicy, state: HealthState, last: LastResult, now: Moment): HealthState {
  const failures = state.failures + 1;
  if (state.up && state.retriesLeft > 0) {
    const nextAt = now.at + policy.delayBeforeRetryMs;
    return { ...state, last, failures, retriesLeft: state.retriesLeft - 1, nextAt };
  }
  return {
    ...state,
    up: false,
    since: state.up ? now.time : state.since,
    reason: last.text ?? 'check failed',
    tested: true,
    failures,
    last,
    nextAt: onBeat(state.nextAt, policy.delayWhileDownMs, now.at),
  };
}

/** The next beat after `now`, so that a slow check delays none but itself and the rhythm does not drift. */
function onBeat(dueAt: number, delayMs: number, now: number): number {
  const missed = Math.max(0, Math.floor((now - dueAt) / delayMs));
  return dueAt + (missed + 1) * delayMs;
}

function lastOf(kind: ProbeResult['kind'], text: string | undefined, now: Moment): LastResult {
  return text === undefined ? { kind, time: now.time } : { kind, text, time: now.time };
}
