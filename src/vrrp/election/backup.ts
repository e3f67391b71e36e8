/** The Backup state: RFC 9568 §6.4.2, with keepalived's preempt_delay, sync groups and the operator's hand-over. */
import type { Advert, BackupState, Cause, FaultState, Fitness, Router, Step } from './state.js';
import { DOUBT_MS, masterDownIntervalMs, NEVER, skewTimeMs } from './timers.js';
import { follow, heardFrom, toBackup, toFault, toInit, toMaster } from './transitions.js';

/**
 * The Master_Down_Timer has run out: there is no master, or none this router has to put up with. Or it will run out soon, and this is the
 * look whether this machine is on time.
 */
export function backupTimeout(router: Router, state: BackupState, now: number): Step {
  const dueAt = backupWakeAt(state);
  if (now < dueAt) return { state, actions: [] };
  if (isDoubtful(state, now - dueAt)) {
    const masterDownAt = Math.max(state.masterDownAt, now + DOUBT_MS);
    return { state: { ...state, masterDownAt, lookAt: NEVER, doubted: true }, actions: [] };
  }
  if (now < state.masterDownAt) return { state: { ...state, lookAt: NEVER }, actions: [] };
  if (!router.grouped) return toMaster(router, state, takeoverCause(router, state, now), now);
  const masterDownAt = now + masterDownIntervalMs(router, state.fitness.priority, state.masterAdverIntMs);
  return { state: { ...state, ready: true, fresh: false, masterDownAt }, actions: [] };
}

/** When a backup wants its next `timeout`. */
export function backupWakeAt({ masterDownAt, lookAt }: BackupState): number {
  return Math.min(masterDownAt, lookAt);
}

/** More than a timer is late where nothing is wrong. */
const LATE_MS = 2;

/**
 * Noticed late, the silence may be this machine's own: a virtual one that its host held up wakes with its timers due and the master's
 * adverts still before the socket, and where the master is on the same host, it stood still as well.
 */
function isDoubtful({ master, resigned, doubted }: BackupState, lateMs: number): boolean {
  return !doubted && !resigned && master !== undefined && lateMs >= LATE_MS;
}

/** The sync group lets a router that is ready be master. */
export function promote(router: Router, state: BackupState, now: number): Step {
  if (!state.ready) return { state, actions: [] };
  return toMaster(router, state, { why: 'group', peer: state.master }, now);
}

/** An advert in Backup. */
export function backupAdvert(router: Router, state: BackupState, advert: Advert, now: number): Step {
  if (advert.priority === 0) return { state: resignation(router, state, advert, now), actions: [] };
  const preemptAt = preemptDeadline(router, state, advert, now);
  if (accepts(router, state, advert, preemptAt ?? Number.NEGATIVE_INFINITY, now)) {
    const next = follow(router, state, advert, now);
    return { state: preemptAt === next.preemptAt ? next : { ...next, preemptAt }, actions: [] };
  }
  // "Discard the ADVERTISEMENT" (RFC 9568 §6.4.2): the timer runs on. Who it was is kept, for it still answers.
  return { state: { ...state, preemptAt, master: heardFrom(router, advert, now) }, actions: [] };
}

/** New fitness in Backup: the timer moves by as much as the skew changes. */
export function backupFitness(router: Router, state: BackupState, fitness: Fitness): Step {
  if (fitness.fault !== undefined) return toFault({ ...state, fitness }, fitness.fault);
  const skewOf = (priority: number) => skewTimeMs(router.version, priority, state.masterAdverIntMs);
  const moved = skewOf(fitness.priority) - skewOf(state.fitness.priority);
  const { masterDownAt, lookAt } = state;
  return {
    state: { ...state, fitness, masterDownAt: masterDownAt + moved, lookAt: lookAt + moved },
    actions: [],
  };
}

/**
 * A reload that changes Master_Down_Interval: a longer one puts the timer off by as much, a shorter one is waited for whole. The interval
 * learned from a VRRPv3 master stays that one's.
 */
export function backupReconfigured(
  router: Router,
  state: BackupState,
  before: Router,
  now: number,
): BackupState {
  const learned = router.version === 3 && state.master !== undefined;
  const masterAdverIntMs = learned ? state.masterAdverIntMs : router.advertIntMs;
  const wholeMs = masterDownIntervalMs(router, state.fitness.priority, masterAdverIntMs);
  const longerMs = wholeMs - masterDownIntervalMs(before, state.fitness.priority, state.masterAdverIntMs);
  if (state.resigned || longerMs === 0) return { ...state, masterAdverIntMs };
  const masterDownAt =
    longerMs > 0 ? state.masterDownAt + longerMs : Math.min(state.masterDownAt, now + wholeMs);
  const lookAt = state.lookAt === NEVER ? NEVER : masterDownAt - DOUBT_MS;
  return { ...state, masterAdverIntMs, masterDownAt, lookAt };
}

/**
 * The operator wants another router to be master: the one that is there is put up with from its last advert on, also where it was to be
 * preempted. Where none was heard, the timer goes on, but the short one of a start as MASTER is a whole one.
 */
export function backupHandover(router: Router, state: BackupState, now: number): BackupState {
  const yielding = { ...state, yielded: true };
  const { master, resigned, fresh, fitness } = state;
  if (resigned) return yielding;
  if (master !== undefined) {
    const advert = { source: master.address, priority: master.priority, maxAdverIntMs: master.advertIntMs };
    const following = follow(router, yielding, { kind: 'advert', ...advert }, master.heardAt);
    return now < following.masterDownAt ? following : yielding;
  }
  if (state.yielded || fresh !== true || router.initialState !== 'MASTER') return yielding;
  const wholeMs = masterDownIntervalMs(router, fitness.priority, state.masterAdverIntMs);
  return { ...yielding, masterDownAt: Math.max(state.masterDownAt, now + wholeMs) };
}

/** Shutdown in Backup (RFC 9568 §6.4.2): nothing is held, nobody need be told. */
export function backupShutdown(state: BackupState): Step {
  return toInit(state, { why: 'shutdown' });
}

/** Back from Fault, to wait as long as after a start. */
export function backupAfterFault(router: Router, fault: FaultState, now: number): Step {
  const { state, actions } = toBackup(router, fault, { why: 'fault-cleared' }, now);
  return { state: { ...state, yielded: fault.yielded }, actions };
}

/**
 * Priority 0 sets the timer to Skew_Time. A repetition leaves it alone: the resignation is known, and a flood of
 * them must not put the takeover off for ever.
 */
function resignation(router: Router, state: BackupState, advert: Advert, now: number): BackupState {
  if (state.resigned) return state;
  const skewMs = skewTimeMs(router.version, state.fitness.priority, state.masterAdverIntMs);
  return {
    ...state,
    resigned: true,
    masterDownAt: now + skewMs,
    lookAt: NEVER,
    master: heardFrom(router, advert, now),
  };
}

function accepts(
  router: Router,
  state: BackupState,
  advert: Advert,
  preemptAt: number,
  now: number,
): boolean {
  return !router.preempt || advert.priority >= state.fitness.priority || state.yielded || now < preemptAt;
}

/** preempt_delay begins with the first lower advert, and is forgotten with the first that is not lower. */
function preemptDeadline(
  router: Router,
  state: BackupState,
  advert: Advert,
  now: number,
): number | undefined {
  if (router.preemptDelayMs === 0 || advert.priority >= state.fitness.priority) return undefined;
  return state.preemptAt ?? now + router.preemptDelayMs;
}

function takeoverCause(router: Router, state: BackupState, now: number): Cause {
  const { master } = state;
  if (state.resigned) return { why: 'master-resigned', peer: master };
  const recentMs = masterDownIntervalMs(router, state.fitness.priority, state.masterAdverIntMs);
  const there = master !== undefined && now - master.heardAt < recentMs;
  return { why: there ? 'preempting' : 'master-silent', peer: master };
}
