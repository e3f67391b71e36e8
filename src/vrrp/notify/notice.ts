/** What is told of an instance or a sync group, and in which words each way of telling has it. */
import type { Mail } from '../../mail/config.js';
import type { Script } from '../../script.js';
import type { NotifyConfig } from '../config.js';
import type { GroupState } from '../election/group.js';
import type { StateName } from '../election/state.js';

/** keepalived's words for what can happen. */
export type NoticeState =
  | 'MASTER'
  | 'BACKUP'
  | 'FAULT'
  | 'STOP'
  | 'DELETED'
  | 'MASTER_RX_LOWER_PRI'
  | 'MASTER_PRIORITY'
  | 'BACKUP_PRIORITY';

export type Notice = {
  readonly of: 'INSTANCE' | 'GROUP';
  readonly name: string;
  readonly state: NoticeState;
  /** The effective priority; 0 for a group. */
  readonly priority: number;
  /** Its instance is no longer in the configuration: FAULT then, where nobody asked to be told DELETED. */
  readonly removed?: true;
};

/** What a state is called outside; undefined for one that nobody is told of. */
export function noticeState(state: StateName | GroupState): NoticeState | undefined {
  switch (state) {
    case 'INIT':
      return 'STOP';
    case 'FAULT':
    case 'BACKUP':
    case 'MASTER':
      return state;
    // Still answers for its addresses: whoever is told "master" need not know that it is about to end.
    case 'HANDOVER':
      return undefined;
  }
}

/** The line for the FIFOs (keepalived's format, byte for byte). */
export function fifoLine({ of, name, state, priority }: Notice): string {
  return `${of} "${name}" ${state} ${priority}\n`;
}

/**
 * The scripts to run, in their order: that of the state, then `notify` with its four further arguments. As keepalived has it, `notify`
 * is told of states alone, and an instance that is FAULT because a reload took it out runs no fault script.
 */
export function scriptsOf(notice: Notice, config: NotifyConfig): readonly Script[] {
  const own = notice.removed && notice.state === 'FAULT' ? undefined : scriptOfState(notice.state, config);
  return [...(own === undefined ? [] : [own]), ...generalScript(notice, config)];
}

/** What a mail says beside the router's name; undefined where none is to be sent. */
export function mailText({ of, name, state }: Notice, config: NotifyConfig): Mail | undefined {
  if (!config.smtpAlert || (state === 'FAULT' && config.noEmailFaults)) return undefined;
  const text = MAILS[state];
  if (text === undefined) return undefined;
  const kind = of === 'INSTANCE' ? 'Instance' : 'Group';
  return { subject: `VRRP ${kind} ${name} - ${text.subject}`, body: text.body };
}

const MAILS: Readonly<Partial<Record<NoticeState, Mail>>> = {
  MASTER: { subject: 'Entering MASTER state', body: 'This router answers for the virtual addresses now.' },
  BACKUP: { subject: 'Entering BACKUP state', body: 'Another router answers for the virtual addresses now.' },
  FAULT: { subject: 'Entering FAULT state', body: 'This router cannot answer for the virtual addresses.' },
  STOP: { subject: 'Stopping', body: 'This router takes no part any more.' },
  DELETED: { subject: 'Deleted', body: 'This router has no such instance any more.' },
};

function scriptOfState(state: NoticeState, config: NotifyConfig): Script | undefined {
  switch (state) {
    case 'MASTER':
      return config.master;
    case 'BACKUP':
      return config.backup;
    case 'FAULT':
      return config.fault;
    case 'STOP':
      return config.stop;
    case 'DELETED':
      return config.deleted;
    case 'MASTER_RX_LOWER_PRI':
      return config.masterRxLowerPri;
    case 'MASTER_PRIORITY':
    case 'BACKUP_PRIORITY':
      return undefined;
  }
}

function generalScript({ of, name, state, priority }: Notice, { any }: NotifyConfig): Script[] {
  if (any === undefined || !isState(state)) return [];
  return [{ ...any, argv: [...any.argv, of, name, state, `${priority}`] }];
}

function isState(state: NoticeState): boolean {
  switch (state) {
    case 'MASTER':
    case 'BACKUP':
    case 'FAULT':
    case 'STOP':
    case 'DELETED':
      return true;
    case 'MASTER_RX_LOWER_PRI':
    case 'MASTER_PRIORITY':
    case 'BACKUP_PRIORITY':
      return false;
  }
}
