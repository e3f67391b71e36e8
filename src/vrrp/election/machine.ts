/**
 * The election: what becomes of a virtual router on each event, and what is to be done about it (RFC 9568 §6.4,
 * RFC 3768 §6.4). A waiting state holds its deadlines; whoever runs it wakes it at `wakeAt(state)`, arms the next
 * wake-up before doing the actions, and does the actions in their order.
 */
import {
  backupAdvert,
  backupAfterFault,
  backupFitness,
  backupHandover,
  backupReconfigured,
  backupShutdown,
  backupTimeout,
  backupWakeAt,
  promote,
} from './backup.js';
import {
  handoverAdvert,
  handoverFitness,
  handoverReconfigured,
  handoverResume,
  handoverTimeout,
  handoverWakeAt,
} from './handover.js';
import {
  masterAdvert,
  masterAnnounce,
  masterFitness,
  masterReconfigured,
  masterTimeout,
  masterWakeAt,
  repair,
} from './master.js';
import type {
  Adoption,
  BackupState,
  Cause,
  Event,
  FaultState,
  Fitness,
  HandoverState,
  InitState,
  MasterState,
  Router,
  State,
  Step,
} from './state.js';
import { eagerStartMs, HIGHEST_BACKUP_PRIORITY, takeoverPossibleMs } from './timers.js';
import { toBackup, toFault, toHandover, toInit, toMaster } from './transitions.js';

/** A router before its startup. */
export function initialState(router: Router, fitness: Fitness = { priority: router.priority }): InitState {
  return { name: 'INIT', fitness };
}

/** When the state wants its next `timeout`, in milliseconds of the monotonic clock; Infinity when it waits for nothing. */
export function wakeAt(state: State): number {
  switch (state.name) {
    case 'INIT':
    case 'FAULT':
      return Number.POSITIVE_INFINITY;
    case 'BACKUP':
      return backupWakeAt(state);
    case 'MASTER':
      return masterWakeAt(state);
    case 'HANDOVER':
      return handoverWakeAt(state);
  }
}

/** One event at a time. A `timeout` that comes early, and an event that means nothing in the state, change nothing. */
export function step(router: Router, state: State, event: Event, now: number): Step {
  switch (state.name) {
    case 'INIT':
      return stepInit(router, state, event, now);
    case 'FAULT':
      return stepFault(router, state, event, now);
    case 'BACKUP':
      return stepBackup(router, state, event, now);
    case 'MASTER':
      return stepMaster(router, state, event, now);
    case 'HANDOVER':
      return stepHandover(router, state, event, now);
  }
}

function stepInit(router: Router, state: InitState, event: Event, now: number): Step {
  if (event.kind === 'fitness') return stay({ ...state, fitness: event.fitness });
  return event.kind === 'startup' ? startup(router, state, event, now) : stay(state);
}

function stepFault(router: Router, state: FaultState, event: Event, now: number): Step {
  if (event.kind === 'shutdown') return toInit(state, { why: 'shutdown' });
  if (event.kind === 'handover') return stay({ ...state, yielded: true });
  if (event.kind === 'resume') return stay({ ...state, yielded: false });
  if (event.kind !== 'fitness') return stay(state);
  const next = { ...state, fitness: event.fitness };
  if (event.fitness.fault !== undefined) return stay(next);
  if (startsAsOwner(router) && !state.yielded) return asOwner(router, next, now);
  return backupAfterFault(router, next, now);
}

function stepBackup(router: Router, state: BackupState, event: Event, now: number): Step {
  switch (event.kind) {
    case 'timeout':
      return backupTimeout(router, state, now);
    case 'advert':
      return backupAdvert(router, state, event, now);
    case 'fitness':
      return backupFitness(router, state, event.fitness);
    case 'shutdown':
      return backupShutdown(state);
    case 'promote':
      return promote(router, state, now);
    case 'demote':
      return stay({ ...state, ready: false });
    case 'handover':
      return stay(backupHandover(router, state, now));
    case 'resume':
      return stay({ ...state, yielded: false });
    case 'reconfigured':
      return stay(backupReconfigured(router, state, event.before, now));
    case 'startup':
    case 'unfit':
    case 'announce':
    case 'repair':
      return stay(state);
  }
}

function stepMaster(router: Router, state: MasterState, event: Event, now: number): Step {
  switch (event.kind) {
    case 'timeout':
      return masterTimeout(router, state, now);
    case 'advert':
      return masterAdvert(router, state, event, now);
    case 'fitness':
      return masterFitness(router, state, event.fitness, now);
    case 'shutdown':
      return toHandover(router, state, 'stop', { why: 'shutdown' }, now);
    case 'handover':
      return toHandover(router, state, 'operator', { why: 'handover' }, now);
    case 'unfit':
      return toHandover(router, state, 'unfit', { why: 'unfit' }, now);
    case 'demote':
      return toHandover(router, state, 'group', { why: 'group' }, now);
    case 'announce':
      return masterAnnounce(router, state, now);
    case 'repair':
      return repair(router, state, now);
    case 'reconfigured':
      return masterReconfigured(router, state, event, now);
    case 'startup':
    case 'resume':
    case 'promote':
      return stay(state);
  }
}

function stepHandover(router: Router, state: HandoverState, event: Event, now: number): Step {
  switch (event.kind) {
    case 'timeout':
      return handoverTimeout(router, state, now);
    case 'advert':
      return handoverAdvert(router, state, event, now);
    case 'fitness':
      return handoverFitness(state, event.fitness);
    case 'shutdown':
      return stay({ ...state, purpose: 'stop' });
    case 'repair':
      return repair(router, state, now);
    case 'resume':
      return handoverResume(router, state, now);
    case 'reconfigured':
      return handoverReconfigured(router, state, now);
    case 'handover':
      return stay({ ...state, yielded: true });
    case 'startup':
    case 'unfit':
    case 'promote':
    case 'demote':
    case 'announce':
      return stay(state);
  }
}

function startup(
  router: Router,
  state: InitState,
  { adopt, yielded = false }: Extract<Event, { kind: 'startup' }>,
  now: number,
): Step {
  const { fault } = state.fitness;
  if (fault !== undefined) {
    const { state: faulty, actions } = toFault(state, fault);
    return { state: { ...faulty, yielded }, actions };
  }
  if (adopt?.of === 'replaced') return goOn(router, state, { ...adopt, yielded }, now);
  const adoption = adopt && adoptionCause(router, adopt);
  if (adoption !== undefined) return toMaster(router, state, adoption, now);
  if (startsAsOwner(router) && !yielded) return asOwner(router, state, now);
  const { state: backup, actions } = toBackup(router, state, { why: 'startup' }, now);
  const eager = router.initialState === 'MASTER' && !yielded;
  const masterDownAt = eager ? now + eagerStartMs(router) : backup.masterDownAt;
  return { state: { ...backup, yielded, masterDownAt }, actions };
}

/** As master; or in a hand-over, if that was under way: the new virtual router's addresses are known to be here first. */
function goOn(
  router: Router,
  state: InitState,
  { unfit, yielded }: { readonly unfit: boolean; readonly yielded: boolean },
  now: number,
): Step {
  const begun = toMaster(router, state, { why: 'replaced' }, now);
  if (!unfit && !yielded) return begun;
  const { state: next, actions } = step(router, begun.state, { kind: yielded ? 'handover' : 'unfit' }, now);
  return { state: next, actions: [...begun.actions, ...actions] };
}

/** Nobody can have taken over yet; or somebody may, and this router would preempt it at once. Undefined: neither. */
function adoptionCause(
  router: Router,
  { lastAdvertAgoMs, partly = false }: Extract<Adoption, { of: 'last-run' }>,
): Cause | undefined {
  const unnoticed = lastAdvertAgoMs < takeoverPossibleMs(router, HIGHEST_BACKUP_PRIORITY);
  if (unnoticed) return { why: partly ? 'adopted-partly' : 'adopted' };
  return router.preempt && router.preemptDelayMs === 0 ? { why: 'adopted-late' } : undefined;
}

/** "If the Priority is 255, i.e. the router owns the addresses" (RFC 9568 §6.4.1), where the file says MASTER as well. */
function startsAsOwner(router: Router): boolean {
  return router.priority === 255 && router.initialState === 'MASTER';
}

/** What it owns may be there as the address of the host: it is not released on the way to hold it. */
function asOwner(router: Router, from: InitState | FaultState, now: number): Step {
  if (!router.grouped) return toMaster(router, from, { why: 'owner' }, now);
  const { state, actions } = toBackup(router, from, { why: 'startup' }, now);
  return { state: { ...state, ready: true }, actions: actions.filter(({ kind }) => kind !== 'release') };
}

function stay(state: State): Step {
  return { state, actions: [] };
}
