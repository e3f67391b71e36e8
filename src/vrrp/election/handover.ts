/** A master that has resigned: it answers for the addresses until a peer has them (make before break). */
import type { Advert, Cause, Fitness, HandoverState, Router, Step } from './state.js';
import { renewal } from './timers.js';
import { follow, peerOf, toBackup, toFault, toInit, toMaster } from './transitions.js';

/** When a resigning master has something to do next. */
export function handoverWakeAt(state: HandoverState): number {
  return Math.min(state.repeatAt, state.releaseAt, state.renewal.hardAt);
}

/** The second resignation, renewals, and the end of patience. */
export function handoverTimeout(router: Router, state: HandoverState, now: number): Step {
  if (now >= state.releaseAt) return leave(router, state, { why: 'nobody-took-over' }, now);
  const repeats = now >= state.repeatAt;
  const renews = now >= state.renewal.hardAt;
  return {
    state: {
      ...state,
      repeatAt: repeats ? Number.POSITIVE_INFINITY : state.repeatAt,
      renewal: renews ? renewal(router, now) : state.renewal,
    },
    actions: [
      ...(renews ? [{ kind: 'renew' } as const] : []),
      ...(repeats ? [{ kind: 'advertise', priority: 0 } as const] : []),
    ],
  };
}

/** A peer's advert: it has the addresses now. Another one's resignation tells nothing. */
export function handoverAdvert(router: Router, state: HandoverState, advert: Advert, now: number): Step {
  if (advert.priority === 0) return { state, actions: [] };
  const left = leave(router, state, { why: 'peer-took-over', peer: peerOf(advert) }, now);
  if (left.state.name !== 'BACKUP') return left;
  return { ...left, state: follow(router, left.state, advert, now) };
}

/** New fitness while resigning. A resignation stands: a fault that clears ends in Backup, as if the group had asked. */
export function handoverFitness(state: HandoverState, fitness: Fitness): Step {
  const { fault } = fitness;
  const next = { ...state, fitness };
  if (fault?.kind === 'link' && state.purpose !== 'stop') return toFault(next, fault);
  if (state.purpose === 'stop') return { state: next, actions: [] };
  if (fault !== undefined) return { state: { ...next, purpose: 'fault' }, actions: [] };
  const purpose = state.purpose === 'fault' ? 'group' : state.purpose;
  return { state: { ...next, purpose }, actions: [] };
}

/** The operator takes the wish back before anyone has followed it: the next advert ends the resignation, if there is no other reason. */
export function handoverResume(router: Router, state: HandoverState, now: number): Step {
  if (state.purpose !== 'operator') return { state: { ...state, yielded: false }, actions: [] };
  return toMaster(router, state, { why: 'resumed' }, now);
}

/** A reload: the addresses have the lifetime that is configured now. */
export function handoverReconfigured(router: Router, state: HandoverState, now: number): Step {
  const held = renewal(router, now);
  return { state: { ...state, renewal: held }, actions: [{ kind: 'renew' }] };
}

function leave(router: Router, state: HandoverState, cause: Cause, now: number): Step {
  switch (state.purpose) {
    case 'stop':
      return toInit(state, cause);
    case 'fault':
      return toFault(state, state.fitness.fault ?? { kind: 'tracked', reason: 'handed over' });
    case 'group':
      return toBackupAfter(router, state, cause, now);
    case 'operator':
    case 'unfit':
      if (cause.why === 'nobody-took-over') return toMaster(router, state, cause, now);
      return toBackupAfter(router, state, cause, now);
  }
}

function toBackupAfter(router: Router, state: HandoverState, cause: Cause, now: number): Step {
  const { state: backup, actions } = toBackup(router, state, cause, now);
  return { state: { ...backup, yielded: state.yielded }, actions };
}
