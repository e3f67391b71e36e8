/** Where an instance stands in its election: state, priority and preemption, each of which bears on the others. */
import type { InstanceConfig } from '../../vrrp/config.js';
import { setting, type Values } from '../keyword.js';
import type { instance } from '../schema/vrrp.js';
import { optional, warnAt } from './values.js';
import type { VrrpContext } from './vrrp-values.js';

type InstanceValues = Values<typeof instance>;
type Standing = Pick<InstanceConfig, 'initialState' | 'priority'>;
export type Election = Standing &
  Pick<InstanceConfig, 'preempt' | 'preemptDelayMs'> & { readonly timerExpiredBackup?: number };

/** Priority of who owns the addresses. */
export const OWNER = 255;

export function electionOf(values: InstanceValues, context: VrrpContext): Election {
  const standing = standingOf(values);
  const preempt = preemptOf(values, standing, context);
  return {
    ...standing,
    preempt,
    preemptDelayMs: preemptDelayOf(values, standing, context),
    ...optional('timerExpiredBackup', timerExpired(values, preempt, context)),
  };
}

/** Of state and priority either follows from the other: MASTER owns the addresses, and their owner is MASTER. */
function standingOf(values: InstanceValues): Standing {
  const state = setting(values.state);
  const priority = setting(values.priority) ?? (state === 'MASTER' ? OWNER : 100);
  return { priority, initialState: state ?? (priority === OWNER ? 'MASTER' : 'BACKUP') };
}

function preemptOf(
  values: InstanceValues,
  { initialState, priority }: Standing,
  { defaults }: VrrpContext,
): boolean {
  const [no] = values.nopreempt ?? [];
  if (no === undefined) return true;
  if (initialState === 'BACKUP' && priority < OWNER) return false;
  warnAt(defaults, no, `nopreempt: ignored, it cannot go with ${reason(values)}`);
  return true;
}

/** Who is MASTER from the start preempts nobody. */
function preemptDelayOf(
  values: InstanceValues,
  { initialState }: Standing,
  { defaults }: VrrpContext,
): number {
  const entry = values.preempt_delay?.[0];
  if (entry === undefined || entry.value === 0 || initialState === 'BACKUP') return entry?.value ?? 0;
  warnAt(defaults, entry, `preempt_delay: ignored, it cannot go with ${reason(values)}`);
  return 0;
}

/** As the file has it. */
function reason(values: InstanceValues): string {
  return setting(values.state) === 'MASTER' ? 'state MASTER' : `priority ${OWNER}`;
}

function timerExpired(
  values: InstanceValues,
  preempt: boolean,
  { defaults }: VrrpContext,
): number | undefined {
  const entry = values.timer_expired_backup?.[0];
  if (entry !== undefined && preempt)
    warnAt(defaults, entry, 'timer_expired_backup: ignored, it needs nopreempt');
  return preempt ? undefined : entry?.value;
}
