/** All VRRP blocks → VrrpConfig, or nothing where a file has none of them. */

import type {
  GarpGroupConfig,
  InstanceConfig,
  SyncGroupConfig,
  VrrpConfig,
  VrrpProcessConfig,
} from '../../vrrp/config.js';
import { allAddresses } from '../../vrrp/place/all-addresses.js';
import { baseIn } from '../../vrrp/place/made-link.js';
import type { AddressConfig } from '../../vrrp/place/network-config.js';
import { type Entry, type Section, setting, type Values } from '../keyword.js';
import type { globalDefs } from '../schema/global.js';
import type { root } from '../schema/root.js';
import type { garpGroup, syncGroup } from '../schema/vrrp.js';
import type { AddressLine } from '../types/address-line.js';
import { fifosOf } from './fifos.js';
import { errorAt, optional, type Statement, warnAt } from './values.js';
import { buildAddress } from './vrrp-address.js';
import { warnOfCutDelays } from './vrrp-delays.js';
import { buildInstance } from './vrrp-instance.js';
import { nameLinks } from './vrrp-names.js';
import { buildNotify } from './vrrp-notify.js';
import { buildSyncDaemon } from './vrrp-sync-daemon.js';
import { buildTrack } from './vrrp-track.js';
import { buildScripts, buildTrackFiles, buildTrackProcesses, usedTrackers } from './vrrp-trackers.js';
import type { VrrpContext } from './vrrp-values.js';
import { warnOfIdleWeights } from './vrrp-weights.js';

const BLOCKS = [
  'vrrp_instance',
  'vrrp_sync_group',
  'static_ipaddress',
  'static_routes',
  'static_rules',
] as const satisfies readonly (keyof Values<typeof root>)[];

export function buildVrrp(values: Values<typeof root>, context: VrrpContext): VrrpConfig | undefined {
  const blocks = BLOCKS.some((name) => values[name] !== undefined);
  // The daemons of connection synchronisation need no instance.
  if (!blocks && context.globals.lvs_sync_daemon === undefined) return undefined;
  const instances = buildInstances(values, context);
  const syncGroups = buildSyncGroups(values.vrrp_sync_group ?? [], instances, context);
  warnOfIdleWeights(instances, syncGroups, context);
  warnOfChecksum(context);
  warnOfCutDelays(entriesOf(values.interface_up_down_delays), instances, context);
  const used = usedTrackers([...instances, ...syncGroups]);
  return {
    instances,
    syncGroups,
    scripts: buildScripts(values.vrrp_script ?? [], used, context),
    trackFiles: buildTrackFiles(values.track_file ?? [], context),
    trackProcesses: buildTrackProcesses(values.vrrp_track_process ?? [], context),
    interfaceDelays: linesOf(values.interface_up_down_delays),
    garpGroups: buildGarpGroups(values.garp_group ?? [], instances, context),
    staticAddresses: staticAddresses(values.static_ipaddress, context),
    staticRoutes: linesOf(values.static_routes),
    staticRules: (values.static_rules ?? []).flatMap(({ value }) => context.rulesOf(value)),
    process: buildProcess(context.globals, instances, context),
  };
}

/** Both hear each other's adverts all the same. */
function warnOfChecksum({ globals, defaults }: VrrpContext): void {
  const [entry] = globals.v3_checksum_as_v2 ?? [];
  if (entry?.value === false)
    warnAt(
      defaults,
      entry,
      'v3_checksum_as_v2: off is on for a keepalived that reads this: leave the line out',
    );
}

type LinesEntry<L> = Entry<{ readonly lines: readonly Entry<L>[] }>;

function entriesOf<L>(blocks: readonly LinesEntry<L>[] | undefined): Entry<L>[] {
  return (blocks ?? []).flatMap(({ value }) => value.lines);
}

function linesOf<L>(blocks: readonly LinesEntry<L>[] | undefined): L[] {
  return entriesOf(blocks).map(({ value }) => value);
}

function staticAddresses(
  blocks: readonly LinesEntry<AddressLine>[] | undefined,
  context: VrrpContext,
): AddressConfig[] {
  return entriesOf(blocks).flatMap((line) => {
    if (line.value.useVmac)
      warnAt(context.defaults, line, 'address "use_vmac": ignored: it is for addresses of an instance');
    const address = buildAddress(line.value, setting(context.globals.default_interface) ?? 'eth0');
    return address === undefined ? [] : [address];
  });
}

function buildInstances(values: Values<typeof root>, context: VrrpContext): InstanceConfig[] {
  const names = new Map<string, Statement>();
  const routers = new Map<string, string>();
  const built = (values.vrrp_instance ?? []).flatMap((entry) => {
    const name = entry.value.head;
    if (names.has(name)) {
      errorAt(context.defaults, entry, `vrrp_instance "${name}": there is one of that name already`);
      return [];
    }
    names.set(name, entry);
    const instance = buildInstance(entry, context);
    if (instance === undefined) return [];
    const router = `${instance.family} ${instance.virtualRouterId} on ${instance.interface ?? 'any interface'}`;
    const owner = routers.get(router);
    if (owner === undefined) routers.set(router, name);
    else if (instance.transport.kind === 'multicast')
      errorAt(
        context.defaults,
        entry,
        `vrrp_instance "${name}": virtual_router_id ${router.replace(/^\S+ /, '')} is that of "${owner}"`,
      );
    return [{ entry, instance }];
  });
  return nameLinks(built, context);
}

function buildSyncGroups(
  entries: readonly Entry<Section<string, typeof syncGroup>>[],
  instances: readonly InstanceConfig[],
  context: VrrpContext,
): SyncGroupConfig[] {
  const known = new Set(instances.map(({ name }) => name));
  const taken = new Map<string, string>();
  return entries.flatMap((entry) => {
    const { head: name, values } = entry.value;
    const members = (setting(values.group)?.lines ?? []).flatMap((line) => {
      const owner = taken.get(line.value);
      if (!known.has(line.value))
        warnAt(context.defaults, line, `group: there is no vrrp_instance "${line.value}"`);
      else if (owner !== undefined)
        errorAt(context.defaults, line, `group: "${line.value}" is in vrrp_sync_group "${owner}" already`);
      else taken.set(line.value, name);
      return known.has(line.value) && owner === undefined ? [line.value] : [];
    });
    if (members.length === 0) {
      warnAt(
        context.defaults,
        entry,
        `vrrp_sync_group "${name}": ignored, it has no instances: expected group { … }`,
      );
      return [];
    }
    return [
      {
        name,
        instances: members,
        track: buildTrack(values, context),
        trackingWeight:
          values.sync_group_tracking_weight !== undefined || values.global_tracking !== undefined,
        notify: buildNotify(values, context),
      },
    ];
  });
}

/** The interfaces its announcements leave by; a macvlan's do by what it is made upon. */
function announcedOn(instance: InstanceConfig): readonly string[] {
  const names = allAddresses(instance).map(({ interface: name }) => name);
  return [instance.interface, ...names.map(baseIn(instance))].filter((name) => name !== undefined);
}

/** One group for all interfaces of instances not in a group of their own, with the global gaps. */
function buildGarpGroups(
  entries: readonly Entry<Section<true, typeof garpGroup>>[],
  instances: readonly InstanceConfig[],
  { globals }: VrrpContext,
): GarpGroupConfig[] {
  const own = entries.map(({ value: { values } }) => ({
    interfaces: [
      ...(values.interface ?? []).map(({ value }) => value),
      ...(setting(values.interfaces)?.lines ?? []).map(({ value }) => value),
    ],
    garpIntervalMs: setting(values.garp_interval) ?? 0,
    gnaIntervalMs: setting(values.gna_interval) ?? 0,
  }));
  const grouped = new Set(own.flatMap(({ interfaces }) => interfaces));
  const others = new Set(instances.flatMap(announcedOn));
  const garpIntervalMs = setting(globals.vrrp_garp_interval) ?? 0;
  const gnaIntervalMs = setting(globals.vrrp_gna_interval) ?? 0;
  const rest = [...others]
    .filter((name) => !grouped.has(name))
    .map((name) => ({ interfaces: [name], garpIntervalMs, gnaIntervalMs }));
  return garpIntervalMs === 0 && gnaIntervalMs === 0 ? own : [...own, ...rest];
}

function buildProcess(
  globals: Values<typeof globalDefs>,
  instances: readonly InstanceConfig[],
  context: VrrpContext,
): VrrpProcessConfig {
  return {
    startupDelayMs: setting(globals.vrrp_startup_delay) ?? 0,
    delayAfterBootMs: setting(globals.vrrp_delay_after_boot) ?? 0,
    ...optional('rtPriority', setting(globals.vrrp_rt_priority)),
    ...optional('rlimitRttimeUs', setting(globals.vrrp_rlimit_rttime)),
    ...optional('nice', setting(globals.vrrp_priority)),
    noSwap: globals.vrrp_no_swap !== undefined,
    ...optional('cpuAffinity', setting(globals.vrrp_cpu_affinity)),
    notifyFifos: fifosOf(
      [
        [globals.notify_fifo, globals.notify_fifo_script],
        [globals.vrrp_notify_fifo, globals.vrrp_notify_fifo_script],
      ],
      context.defaults,
    ),
    fifoWriteStatesOnReload: globals.fifo_write_vrrp_states_on_reload !== undefined,
    ...optional('lvsSyncDaemon', buildSyncDaemon(instances, context)),
    logUnknownVrids: globals.log_unknown_vrids !== undefined,
    disableLocalIgmp: globals.disable_local_igmp !== undefined,
  };
}
