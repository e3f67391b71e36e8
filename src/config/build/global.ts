/** global_defs → GlobalConfig, and what other parts take from it. */
import type { MailConfig } from '../../mail/config.js';
import type { GlobalConfig } from '../config.js';
import { type Section, setting, type Values } from '../keyword.js';
import type { Report } from '../report.js';
import type { ssl } from '../schema/checkers.js';
import { joinLines } from '../schema/define.js';
import type { globalDefs } from '../schema/global.js';
import type { Endpoint } from '../types/address.js';
import type { Owner } from '../types/script.js';
import { fifosOf } from './fifos.js';
import { serverAlerts } from './mail.js';
import { type Defaults, optional } from './values.js';

type Globals = Values<typeof globalDefs>;

/** What the machine says, for defaults. */
export type Machine = {
  readonly hostName: string;
  /** Who lvsd runs as; absent: root. */
  readonly userName?: string;
  /** Who runs scripts when no script_user is given; absent: the daemon's own user. */
  readonly scriptUser?: Owner;
};

/** Several global_defs blocks count as one: the last value of each keyword, and all that is in lists. */
export function mergeGlobals(sections: readonly Section<true, typeof globalDefs>[]): Globals {
  const merged = Object.assign({}, ...sections.map(({ values }) => values)) as Globals;
  const [first, ...more] = sections.flatMap(({ values }) => values.notification_email ?? []);
  if (first === undefined) return merged;
  const value = more.reduce((all, entry) => joinLines(all, entry.value), first.value);
  return { ...merged, notification_email: [{ ...first, value }] };
}

/** What is built from global_defs before the rest. */
export type Built = {
  readonly hostName: string;
  readonly mail: MailConfig | undefined;
  readonly defaults: Defaults;
};

export function buildGlobal(globals: Globals, { hostName, mail, defaults }: Built): GlobalConfig {
  const { notify_fifo, notify_fifo_script, lvs_notify_fifo, lvs_notify_fifo_script } = globals;
  return {
    routerId: setting(globals.router_id) ?? hostName,
    ...optional('mail', mail),
    notifyFifos: {
      shared: fifosOf([[notify_fifo, notify_fifo_script]], defaults),
      lvs: fifosOf([[lvs_notify_fifo, lvs_notify_fifo_script]], defaults),
    },
    ...optional('lvsTimeouts', setting(globals.lvs_timeouts)),
    ...optional('metricsListen', listenOf(setting(globals.metrics_listen))),
    lvsFlush: setting(globals.lvs_flush) ?? false,
    lvsFlushOnStop: setting(globals.lvs_flush_on_stop) ?? 'no',
    rsInitNotifies: setting(globals.rs_init_notifies) ?? false,
  };
}

const METRICS_PORT = 9707;

function listenOf(where: Endpoint | undefined): GlobalConfig['metricsListen'] {
  return where && { address: where.address, port: where.port || METRICS_PORT };
}

type Around = {
  readonly machine: Machine;
  readonly report: Report;
  readonly mail: MailConfig | undefined;
};

export function buildDefaults(
  globals: Globals,
  tls: Values<typeof ssl>,
  { machine, report, mail }: Around,
): Defaults {
  return {
    report,
    ...optional('alerts', serverAlerts(globals, mail)),
    ...optional('scriptUser', setting(globals.script_user) ?? machine.scriptUser),
    logAllFailures: setting(globals.checker_log_all_failures) ?? false,
    tls: {
      ...optional('caFile', setting(tls.ca)),
      ...optional('certificateFile', setting(tls.certificate)),
      ...optional('keyFile', setting(tls.key)),
      ...optional('password', setting(tls.password)),
    },
  };
}
