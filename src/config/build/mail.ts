/** Who gets mail, and of what. */
import type { MailConfig } from '../../mail/config.js';
import { type Entry, setting, type Values } from '../keyword.js';
import type { globalDefs } from '../schema/global.js';
import { type Defaults, warnAt } from './values.js';

type Globals = Values<typeof globalDefs>;

/** The machine's names, for what is left open. */
export type MailDefaults = Pick<Defaults, 'report'> & {
  readonly hostName: string;
  readonly userName?: string | undefined;
};

const CONNECT_TIMEOUT_MS = 30_000;

/** Undefined where nobody can be sent anything: no server, or no recipient. */
export function buildMail(
  globals: Globals,
  { hostName, userName = 'root', report }: MailDefaults,
): MailConfig | undefined {
  const server = setting(globals.smtp_server);
  const [list] = globals.notification_email ?? [];
  const to = (list?.value.lines ?? []).map(({ value }) => value);
  if (server === undefined || to.length === 0) {
    warnOfHalf(globals, to, { report });
    return undefined;
  }
  return {
    server,
    heloName: setting(globals.smtp_helo_name) ?? hostName,
    connectTimeoutMs: setting(globals.smtp_connect_timeout) ?? CONNECT_TIMEOUT_MS,
    from: setting(globals.notification_email_from) ?? `${userName}@${hostName}`,
    to,
  };
}

function warnOfHalf(
  { smtp_server, notification_email }: Globals,
  to: readonly string[],
  defaults: Pick<Defaults, 'report'>,
): void {
  const [server] = smtp_server ?? [];
  const [list] = notification_email ?? [];
  if (list !== undefined && to.length > 0) {
    if (smtp_server === undefined)
      warnAt(defaults, list, 'notification_email: no mail is sent: expected smtp_server too');
  } else if (server !== undefined)
    warnAt(defaults, server, 'smtp_server: no mail is sent: expected notification_email { … } too');
}

/** What servers do that say nothing themselves; undefined where there is nobody to send mails to. */
export function serverAlerts(globals: Globals, mail: MailConfig | undefined): Defaults['alerts'] {
  const said = setting(globals.smtp_alert_checker) ?? setting(globals.smtp_alert);
  return mail && { virtualServer: said ?? false, realServer: said ?? true };
}

export function smtpAlertOf(
  own: readonly Entry<boolean>[] | undefined,
  byDefault: boolean | undefined,
): { readonly smtpAlert?: true } {
  return byDefault !== undefined && (setting(own) ?? byDefault) ? { smtpAlert: true } : {};
}
