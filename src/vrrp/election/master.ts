/** The Master state: RFC 9568 §6.4.3 (its Active), with keepalived's answers to lower and higher masters. */
import { compareAddresses } from '../../net/address.js';
import { dueGarp, garpAt, lowerPrioGarp, reconfigureGarp } from './garp.js';
import type { Action, Advert, Event, Fitness, HandoverState, MasterState, Router, Step } from './state.js';
import { HIGHEST_BACKUP_PRIORITY, renewal, takeoverPossibleMs } from './timers.js';
import { peerOf, toBackup, toBackupUnder, toFault, toHandover } from './transitions.js';

/** Answers to foreign adverts are at least so far apart, or one advert: a flood of them must not multiply. */
const ASSERT_GAP_MS = 100;

/** When a master has something to do next. */
export function masterWakeAt(state: MasterState): number {
  return Math.min(state.advertAt, state.renewal.hardAt, garpAt(state.garp));
}

/** Adverts, renewals and announcements that are due. */
export function masterTimeout(router: Router, state: MasterState, now: number): Step {
  if (isLate(router, state, now)) return toBackup(router, state, { why: 'late' }, now);
  if (onlyAdvertDue(state, now)) return beat(router, state, now);
  const advert = dueAdvert(router, state, now);
  const held = hold(router, { ...state, ...advert.change }, now, advert.due);
  const garp = dueGarp(state.garp, now);
  return {
    state: { ...state, ...advert.change, ...held.change, garp: garp.schedule },
    actions: [
      ...held.actions,
      ...(advert.due ? [advertise(state)] : []),
      ...garp.due.map((announcement) => ({ kind: 'announce', ...announcement }) as const),
    ],
  };
}

/** What nearly every timeout is. */
function onlyAdvertDue({ advertAt, renewal: { softAt }, garp }: MasterState, now: number): boolean {
  return now >= advertAt && now < softAt && now < garpAt(garp);
}

/** An advert and nothing more. Field by field: copying by spread costs several times as much. */
function beat(router: Router, state: MasterState, now: number): Step {
  const { fitness, assertedAt, renewal: held, garp } = state;
  const advertAt = nextAdvertAt(router, state, now);
  return {
    state: { name: 'MASTER', fitness, advertAt, lastAdvertAt: now, assertedAt, renewal: held, garp },
    actions: [advertise(state)],
  };
}

/** An advert of another router while master. */
export function masterAdvert(router: Router, state: MasterState, advert: Advert, now: number): Step {
  if (router.ownerIgnoreAdverts && state.fitness.priority === 255) return { state, actions: [] };
  if (advert.priority === 0) return insist(router, state, now);
  const order = compare(router, state, advert);
  // Our own priority from our own address: someone has our address, and answering would make an endless echo.
  if (order === 0) return { state, actions: [] };
  return order > 0 ? giveWay(router, state, advert, now) : assertMastery(router, state, advert, now);
}

/** New fitness while master. */
export function masterFitness(router: Router, state: MasterState, fitness: Fitness, now: number): Step {
  const next = { ...state, fitness };
  const { fault } = fitness;
  if (fault === undefined) return { state: next, actions: [] };
  if (fault.kind === 'link') return toFault(next, fault);
  return toHandover(router, next, 'fault', { why: 'fault', reason: fault.reason }, now);
}

/**
 * A reload: an advert at once, for it may tell of another interval, and everything from here by the new times. What was late by the old
 * ones is late; what was not must not be by the new ones. An address that came may have been another host's until now.
 */
export function masterReconfigured(
  router: Router,
  state: MasterState,
  { before, newAddresses = false }: Extract<Event, { kind: 'reconfigured' }>,
  now: number,
): Step {
  if (isLate(before, state, now)) return toBackup(router, state, { why: 'late' }, now);
  return {
    state: {
      ...state,
      advertAt: now,
      lastAdvertAt: now,
      renewal: renewal(router, now),
      garp: reconfigureGarp(state.garp, router.garp, now),
    },
    actions: [{ kind: 'renew' }, ...(newAddresses ? [addressesAnnouncement(router)] : [])],
  };
}

/** Announces as after a lower advert: a member of the sync group met one. */
export function masterAnnounce(router: Router, state: MasterState, now: number): Step {
  return {
    state: { ...state, garp: lowerPrioGarp(state.garp, router.garp, now) },
    actions: lowerPrioAnnouncement(router),
  };
}

/** Addresses that someone removed are put back and announced. */
export function repair<S extends MasterState | HandoverState>(
  router: Router,
  state: S,
  now: number,
): { readonly state: S; readonly actions: readonly Action[] } {
  return {
    state: { ...state, renewal: renewal(router, now) },
    actions: [{ kind: 'acquire' }, addressesAnnouncement(router)],
  };
}

function addressesAnnouncement(router: Router): Action {
  return { kind: 'announce', of: 'addresses', repeat: router.garp.masterRepeat };
}

function dueAdvert(
  router: Router,
  state: MasterState,
  now: number,
): { readonly due: boolean; readonly change: Partial<MasterState> } {
  if (now < state.advertAt) return { due: false, change: {} };
  return { due: true, change: { advertAt: nextAdvertAt(router, state, now), lastAdvertAt: now } };
}

/** On the beat, so that lateness does not add up; a beat that was missed altogether starts anew. */
function nextAdvertAt(router: Router, state: MasterState, now: number): number {
  const onTheBeat = state.advertAt + router.advertIntMs;
  return onTheBeat > now ? onTheBeat : now + router.advertIntMs;
}

/** The Adver_Timer is not reset by an assertion, but one that is overdue has been served by it. */
function notBefore(router: Router, state: MasterState, now: number): number {
  return state.advertAt > now ? state.advertAt : now + router.advertIntMs;
}

/** Renews the addresses; takes them again where the kernel has let them go meanwhile. */
function hold(
  router: Router,
  state: MasterState,
  now: number,
  advertDue: boolean,
): { readonly change: Partial<MasterState>; readonly actions: readonly Action[] } {
  const { softAt, hardAt, expiresAt } = state.renewal;
  if (now >= expiresAt) {
    const { state: repaired, actions } = repair(router, state, now);
    return { change: { renewal: repaired.renewal }, actions };
  }
  if (now < (advertDue ? softAt : hardAt)) return { change: {}, actions: [] };
  return { change: { renewal: renewal(router, now) }, actions: [{ kind: 'renew' }] };
}

/** timer_expired_backup: one of the others may be master by now. */
function isLate(router: Router, state: MasterState, now: number): boolean {
  const { timerExpiredBackup } = router;
  if (timerExpiredBackup === undefined) return false;
  return now - state.lastAdvertAt >= takeoverPossibleMs(router, timerExpiredBackup);
}

/** Above 0 when the sender is the better master, 0 when it is ourselves (RFC 9568 §6.4.3). */
function compare(router: Router, state: MasterState, advert: Advert): number {
  const byPriority = advert.priority - state.fitness.priority;
  if (byPriority !== 0) return byPriority;
  return router.primaryAddress === undefined ? 1 : compareAddresses(advert.source, router.primaryAddress);
}

function giveWay(router: Router, state: MasterState, advert: Advert, now: number): Step {
  const why = advert.priority > state.fitness.priority ? 'higher-priority' : 'higher-address';
  const { state: backup, actions } = toBackupUnder(router, state, advert, why, now);
  const answer = router.higherPrioSendAdvert ? [advertise(state)] : [];
  return { state: backup, actions: [...answer, ...actions] };
}

/** "Send an ADVERTISEMENT; Reset the Adver_Timer to Advertisement_Interval" (RFC 9568 §6.4.3, priority 0). */
function insist(router: Router, state: MasterState, now: number): Step {
  if (now - state.assertedAt < assertGapMs(router)) return { state, actions: [] };
  const next = { ...state, assertedAt: now, lastAdvertAt: now, advertAt: now + router.advertIntMs };
  return { state: next, actions: [advertise(state)] };
}

/** "Send an ADVERTISEMENT immediately to assert the Active state" (RFC 9568 §6.4.3), and refresh what clients know. */
function assertMastery(router: Router, state: MasterState, advert: Advert, now: number): Step {
  const late = now - state.lastAdvertAt >= takeoverPossibleMs(router, HIGHEST_BACKUP_PRIORITY);
  // It was our silence that made the other one master: nopreempt lets it stay.
  if (late && !router.preempt) return toBackupUnder(router, state, advert, 'late', now);
  if (now - state.assertedAt < assertGapMs(router)) return { state, actions: [] };
  const answers = !router.lowerPrioNoAdvert;
  const held = hold(router, state, now, answers);
  return {
    state: {
      ...state,
      ...held.change,
      assertedAt: now,
      ...(answers ? { lastAdvertAt: now, advertAt: notBefore(router, state, now) } : {}),
      garp: lowerPrioGarp(state.garp, router.garp, now),
    },
    actions: [
      ...held.actions,
      ...(answers ? [advertise(state)] : []),
      ...lowerPrioAnnouncement(router),
      { kind: 'rx-lower-pri', peer: peerOf(advert) },
    ],
  };
}

function assertGapMs(router: Router): number {
  return Math.min(ASSERT_GAP_MS, router.advertIntMs);
}

function lowerPrioAnnouncement(router: Router): Action[] {
  const repeat = router.garp.lowerPrioRepeat;
  return repeat === 0 ? [] : [{ kind: 'announce', of: 'addresses', repeat }];
}

function advertise(state: MasterState): Action {
  return { kind: 'advertise', priority: state.fitness.priority };
}
