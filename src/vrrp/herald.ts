/** Says what becomes of instances and sync groups: to the log, and to those the configuration wants told. */

import type { NotifyConfig, SyncGroupConfig } from './config.js';
import { describeCause } from './election/causes.js';
import type { GroupState } from './election/group.js';
import type { Peer } from './election/state.js';
import type { Transition } from './instance.js';
import type { VrrpLog } from './log.js';
import { type Member, nameOf } from './member.js';
import { type Notice, type NoticeState, noticeState } from './notify/notice.js';
import type { Loss } from './underlay.js';

export type HeraldOptions = {
  readonly log: VrrpLog;
  readonly notify: (notice: Notice, config: NotifyConfig) => void;
};

export type Herald = {
  readonly moved: (member: Member, transition: Transition) => void;
  /** The effective priority is another. */
  readonly repriced: (member: Member, from: number, to: number) => void;
  readonly metLower: (member: Member, peer: Peer) => void;
  /** Addresses or routes that another hand took away, or that expired, named for people. */
  readonly lost: (member: Member, what: readonly string[], why: Loss) => void;
  /** Interfaces that another hand deleted or set down, each with what was done to it. */
  readonly remade: (member: Member, what: readonly string[]) => void;
  /** A removed instance has ended. */
  readonly deleted: (member: Member) => void;
  readonly groupMoved: (group: SyncGroupConfig, from: GroupState, to: GroupState) => void;
};

export function createHerald({ log, notify }: HeraldOptions): Herald {
  return { moved, repriced, metLower, lost, remade, deleted, groupMoved };

  function moved(member: Member, { from, to, cause }: Transition): void {
    const instance = nameOf(member);
    const why = describeCause(cause);
    const level = to === 'FAULT' ? 'warn' : 'info';
    log[level]({ instance, from, to, cause: why }, `${instance}: ${from} → ${to}: ${why}`);
    const state = noticeState(to);
    if (state !== undefined && !member.removed) tell(member, state);
  }

  function repriced(member: Member, from: number, to: number): void {
    const instance = nameOf(member);
    log.info({ instance, from, to }, `${instance}: priority ${from} → ${to}`);
    if (!member.instance.config().notify.priorityChanges) return;
    if (member.told === 'MASTER') say(member, 'MASTER_PRIORITY', { priority: to });
    if (member.told === 'BACKUP') say(member, 'BACKUP_PRIORITY', { priority: to });
  }

  function metLower(member: Member, peer: Peer): void {
    const instance = nameOf(member);
    const who = `${peer.address} (${peer.priority})`;
    log.warn({ instance, peer }, `${instance}: heard a master of lower priority: ${who}`);
    say(member, 'MASTER_RX_LOWER_PRI', { priority: member.instance.state().fitness.priority });
  }

  function lost(member: Member, what: readonly string[], why: Loss): void {
    const instance = nameOf(member);
    const how =
      why === 'taken' ? 'was taken away by another hand' : 'expired while this process did not get to run';
    log.warn({ instance, what }, `${instance}: ${what.join(', ')} ${how}, put back`);
  }

  function remade(member: Member, what: readonly string[]): void {
    const instance = nameOf(member);
    log.warn({ instance, what }, `${instance}: ${what.join(', ')} by another hand, put back`);
  }

  function deleted(member: Member): void {
    tell(member, member.instance.config().notify.sendDeleted ? 'DELETED' : 'FAULT', { removed: true });
  }

  function groupMoved(group: SyncGroupConfig, from: GroupState, to: GroupState): void {
    log.info({ group: group.name, from, to }, `sync group ${group.name}: ${from} → ${to}`);
    const state = noticeState(to);
    if (state !== undefined) notify({ of: 'GROUP', name: group.name, state, priority: 0 }, group.notify);
  }

  /** Tells of a new state once: a hand-over that nobody followed was no news. */
  function tell(member: Member, state: NoticeState, more: Pick<Notice, 'removed'> = {}): void {
    if (member.told === state) return;
    member.told = state;
    say(member, state, { priority: member.instance.state().fitness.priority, ...more });
  }

  function say(member: Member, state: NoticeState, more: Pick<Notice, 'priority' | 'removed'>): void {
    notify({ of: 'INSTANCE', name: nameOf(member), state, ...more }, member.instance.config().notify);
  }
}
