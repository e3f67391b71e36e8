/** The ways into each state, with all that has to be done on the way. Who takes which is decided in machine.ts. */
import { resumeGarp, settleGarp, startGarp } from './garp.js';
import type {
  Action,
  Advert,
  BackupState,
  Cause,
  Fault,
  FaultState,
  HandoverPurpose,
  Heard,
  MasterState,
  Peer,
  Router,
  State,
  StateName,
  Step,
} from './state.js';
import {
  DOUBT_MS,
  longestSkewMs,
  masterDownIntervalMs,
  NEVER,
  renewal,
  takeoverPossibleMs,
} from './timers.js';

/** How long beyond Skew_Time a peer may need to take over. */
const TAKEOVER_GRACE_MS = 500;

/** Between the two adverts of priority 0: long enough for one burst of loss, short enough to be no delay. */
const RESIGN_AGAIN_MS = 20;

/** RFC 9568 §6.4.2, the Active_Down_Timer fires – and every other way to become master. */
export function toMaster(router: Router, from: State, cause: Cause, now: number): Step {
  const advertise: Action = { kind: 'advertise', priority: from.fitness.priority };
  const announce: Action = { kind: 'announce', of: 'addresses', repeat: router.garp.masterRepeat };
  const state = masterState(router, from, now);
  const moved = transition(from, 'MASTER', cause);
  switch (cause.why) {
    case 'adopted':
      // Nothing has moved, so nobody needs to learn anything.
      return {
        state: { ...state, garp: resumeGarp(router.garp, now) },
        actions: [{ kind: 'acquire' }, advertise, moved],
      };
    case 'master-silent':
      // Nobody answers: the other backups are told first, before they come as well.
      return { state, actions: [{ kind: 'acquire' }, advertise, announce, moved] };
    default:
      // The old master may still answer until it hears the advert: by then everyone knows the new one.
      return {
        state: { ...state, garp: settleGarp(state.garp, now) },
        actions: [{ kind: 'acquire' }, announce, advertise, moved],
      };
  }
}

function masterState(router: Router, from: State, now: number): MasterState {
  return {
    name: 'MASTER',
    fitness: from.fitness,
    advertAt: now + router.advertIntMs,
    lastAdvertAt: now,
    assertedAt: Number.NEGATIVE_INFINITY,
    renewal: renewal(router, now),
    garp: startGarp(router.garp, now),
  };
}

/** To Backup with the whole Master_Down_Interval before it. Releases whatever is held. */
export function toBackup(
  router: Router,
  from: State,
  cause: Cause,
  now: number,
): { readonly state: BackupState; readonly actions: readonly Action[] } {
  return {
    state: {
      name: 'BACKUP',
      fitness: from.fitness,
      masterDownAt: now + masterDownIntervalMs(router, from.fitness.priority, router.advertIntMs),
      lookAt: NEVER,
      masterAdverIntMs: router.advertIntMs,
      resigned: false,
      yielded: false,
      doubted: false,
      ready: false,
      fresh: from.name === 'INIT',
    },
    actions: [...release(from), transition(from, 'BACKUP', cause)],
  };
}

/** To Backup under the master whose advert was just heard. */
export function toBackupUnder(
  router: Router,
  from: State,
  advert: Advert,
  why: 'higher-priority' | 'higher-address' | 'peer-took-over' | 'late',
  now: number,
): { readonly state: BackupState; readonly actions: readonly Action[] } {
  const { state, actions } = toBackup(router, from, { why, peer: peerOf(advert) }, now);
  return { state: follow(router, state, advert, now), actions };
}

/** Restarts the Master_Down_Timer for the master heard; in VRRPv3 at its interval (RFC 9568 §6.4.2). */
export function follow(router: Router, state: BackupState, advert: Advert, now: number): BackupState {
  const masterAdverIntMs = intervalOf(router, advert);
  const { fitness, preemptAt, yielded } = state;
  const masterDownAt = now + masterDownIntervalMs(router, fitness.priority, masterAdverIntMs);
  // Field by field: this is done for every advert of every instance, and copying by spread costs several times as much.
  return {
    name: 'BACKUP',
    fitness,
    masterDownAt,
    lookAt: masterDownAt - DOUBT_MS,
    masterAdverIntMs,
    master: {
      address: advert.source,
      priority: advert.priority,
      heardAt: now,
      advertIntMs: masterAdverIntMs,
    },
    resigned: false,
    preemptAt,
    yielded,
    doubted: false,
    ready: false,
  };
}

/** To Fault at once: a dead link has no one to hand over to. */
export function toFault(
  from: State,
  fault: Fault,
): { readonly state: FaultState; readonly actions: readonly Action[] } {
  const fitness = { ...from.fitness, fault };
  const resign: Action[] = from.name === 'MASTER' ? [{ kind: 'advertise', priority: 0 }] : [];
  return {
    state: { name: 'FAULT', fitness, yielded: 'yielded' in from && from.yielded },
    actions: [...resign, ...release(from), transition(from, 'FAULT', { why: 'fault', reason: fault.reason })],
  };
}

/** Resigns, and goes on answering so that no request falls between the two masters. */
export function toHandover(
  router: Router,
  from: MasterState,
  purpose: HandoverPurpose,
  cause: Cause,
  now: number,
): Step {
  const repeatAt = now + RESIGN_AGAIN_MS;
  return {
    state: {
      name: 'HANDOVER',
      fitness: from.fitness,
      purpose,
      yielded: purpose === 'operator',
      repeatAt,
      releaseAt: repeatAt + longestTakeoverMs(router, purpose, from.fitness.fault) + TAKEOVER_GRACE_MS,
      renewal: renewal(router, now),
    },
    actions: [{ kind: 'advertise', priority: 0 }, { kind: 'renew' }, transition(from, 'HANDOVER', cause)],
  };
}

/** Whether a master that finds nobody to take over goes on. */
export function staysIfAlone(purpose: HandoverPurpose): boolean {
  return purpose === 'operator' || purpose === 'unfit';
}

/** The longest a peer waits until it takes over. */
function longestTakeoverMs(router: Router, purpose: HandoverPurpose, fault: Fault | undefined): number {
  // A master that stays if it is alone gives a peer whose first advert was lost the time for a second one.
  if (staysIfAlone(purpose)) return longestSkewMs(router) + router.advertIntMs;
  // The peer's group has to wait for the silence of a member that could not resign.
  const isSilent = purpose === 'group' || (purpose === 'fault' && fault?.deadLink === true);
  return router.grouped && isSilent ? takeoverPossibleMs(router, 1) : longestSkewMs(router);
}

/** To Initialize, holding nothing. */
export function toInit(from: State, cause: Cause): Step {
  return {
    state: { name: 'INIT', fitness: from.fitness },
    actions: [...release(from), transition(from, 'INIT', cause)],
  };
}

/** Who sent an advert, as a backup remembers it. */
export function heardFrom(router: Router, advert: Advert, now: number): Heard {
  return { ...peerOf(advert), heardAt: now, advertIntMs: intervalOf(router, advert) };
}

function intervalOf(router: Router, advert: Advert): number {
  return router.version === 3 ? advert.maxAdverIntMs : router.advertIntMs;
}

/** The router an advert came from. */
export function peerOf(advert: Advert): Peer {
  return { address: advert.source, priority: advert.priority };
}

function transition(from: State, to: StateName, cause: Cause): Action {
  return { kind: 'transition', from: from.name, to, cause };
}

/** INIT releases too: an earlier life may have left addresses behind. */
function release(from: State): readonly Action[] {
  switch (from.name) {
    case 'INIT':
    case 'MASTER':
    case 'HANDOVER':
      return [{ kind: 'release' }];
    case 'BACKUP':
    case 'FAULT':
      return [];
  }
}
