/** The daemons of connection synchronisation: what lvs_sync_daemon says, else the first instance that names an interface for them. */
import type { InstanceConfig, LvsSyncDaemonConfig } from '../../vrrp/config.js';
import type { Entry } from '../keyword.js';
import { errorAt, optional, type Statement, warnAt } from './values.js';
import type { VrrpContext } from './vrrp-values.js';

/** Where it is said which interface they use, and which instance they follow. */
type Said = { readonly at: Statement; readonly interface: string; readonly instance?: string };

export function buildSyncDaemon(
  instances: readonly InstanceConfig[],
  context: VrrpContext,
): LvsSyncDaemonConfig | undefined {
  const entry = context.globals.lvs_sync_daemon?.[0];
  const own = byInstances(context);
  const first = entry === undefined ? own[0] : said(entry);
  if (first === undefined) return undefined;
  for (const other of own) compare(first, other, context);
  const { interface: on, instance: name } = first;
  const instance = instances.find((one) => one.name === name);
  if (entry !== undefined && name !== undefined && instance === undefined)
    errorAt(context.defaults, entry, `lvs_sync_daemon: there is no vrrp_instance "${name}"`);
  const syncId = entry?.value.syncId ?? instance?.virtualRouterId ?? 0;
  return { interface: on, ...optional('instance', name), ...entry?.value, syncId };
}

function said(at: Entry<{ readonly interface: string; readonly instance?: string }>): Said {
  return { ...at.value, at };
}

/** lvs_sync_daemon_interface of instances, in the order of the file. */
function byInstances({ values }: VrrpContext): readonly Said[] {
  return (values.vrrp_instance ?? []).flatMap(({ value: { head, values: own } }) =>
    (own.lvs_sync_daemon_interface ?? []).map((at) => ({ at, interface: at.value, instance: head })),
  );
}

/** A kernel has one of each daemon. */
function compare(first: Said, other: Said, { defaults }: VrrpContext): void {
  if (first.interface === other.interface && first.instance === other.instance) return;
  const what = `line ${first.at.statement.text.place.line} has ${describe(first)}`;
  if (first.interface === other.interface)
    warnAt(defaults, other.at, `lvs_sync_daemon_interface: ignored: ${what}`);
  else
    errorAt(
      defaults,
      other.at,
      `lvs_sync_daemon_interface "${other.interface}": ${what}: expected one interface`,
    );
}

function describe({ interface: on, instance }: Said): string {
  return instance === undefined ? `${on} for all instances` : `${on} for "${instance}"`;
}
