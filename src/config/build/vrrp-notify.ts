/** Who is told of an instance's or a group's changes. */
import type { Script } from '../../script.js';
import type { NotifyConfig } from '../../vrrp/config.js';
import { type Entry, setting, type Values } from '../keyword.js';
import type { instance, notifying } from '../schema/vrrp.js';
import { optional, ownedScript } from './values.js';
import type { VrrpContext } from './vrrp-values.js';

type Notifying = Values<typeof notifying> &
  Partial<Pick<Values<typeof instance>, 'notify_deleted' | 'notify_master_rx_lower_pri'>>;

/** An instance tells of priorities as its sync group does, where it says nothing of that itself. */
export function buildNotify(
  values: Notifying,
  { defaults, globals }: VrrpContext,
  group: Partial<Pick<Notifying, 'notify_priority_changes'>> = {},
): NotifyConfig {
  const script = (entries: readonly Entry<Script>[] | undefined) => ownedScript(setting(entries), defaults);
  return {
    ...optional('master', script(values.notify_master)),
    ...optional('backup', script(values.notify_backup)),
    ...optional('fault', script(values.notify_fault)),
    ...optional('stop', script(values.notify_stop)),
    ...optional('any', script(values.notify)),
    sendDeleted: values.notify_deleted !== undefined,
    ...optional('deleted', ownedScript(setting(values.notify_deleted)?.script, defaults)),
    ...optional('masterRxLowerPri', script(values.notify_master_rx_lower_pri)),
    priorityChanges:
      setting(values.notify_priority_changes) ??
      setting(group.notify_priority_changes) ??
      setting(globals.vrrp_notify_priority_changes) ??
      false,
    smtpAlert:
      setting(values.smtp_alert) ?? setting(globals.smtp_alert_vrrp) ?? setting(globals.smtp_alert) ?? false,
    noEmailFaults: globals.no_email_faults !== undefined,
  };
}
