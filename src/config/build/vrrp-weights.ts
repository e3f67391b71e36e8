/** Trackers whose weight does not count: in a sync group, and beside priority 255. What they do instead is told where they stand. */
import type { InstanceConfig, SyncGroupConfig } from '../../vrrp/config.js';
import type { TrackConfig, TrackedConfig } from '../../vrrp/track/config.js';
import { trackersOf } from '../../vrrp/track/members.js';
import type { Entry, Values } from '../keyword.js';
import type { tracking } from '../schema/vrrp.js';
import { warnAt } from './values.js';
import { OWNER } from './vrrp-election.js';
import { trackPairs } from './vrrp-track.js';
import type { VrrpContext } from './vrrp-values.js';

const KINDS = [
  ['track_interface', 'interfaces'],
  ['track_script', 'scripts'],
  ['track_file', 'files'],
  ['track_process', 'processes'],
  ['track_pool', 'pools'],
] as const satisfies readonly (readonly [keyof typeof tracking, keyof TrackConfig])[];

const NOTHING: TrackConfig = { interfaces: [], scripts: [], files: [], processes: [], pools: [] };

export function warnOfIdleWeights(
  instances: readonly InstanceConfig[],
  groups: readonly SyncGroupConfig[],
  context: VrrpContext,
): void {
  const { vrrp_instance, vrrp_sync_group } = context.values;
  const instanceBlocks = byHead(vrrp_instance);
  for (const instance of instances) {
    const group = groups.find(({ instances: members }) => members.includes(instance.name));
    const counted = trackersOf(instance, group && { ...group, track: NOTHING, hasOwner: false });
    if (counted === instance.track) continue;
    const why = instance.priority === OWNER ? ofOwner(instance) : ofMember(group);
    compare(instanceBlocks.get(instance.name) ?? {}, { asked: instance.track, counted, why }, context);
  }
  const groupBlocks = byHead(vrrp_sync_group);
  for (const group of groups) {
    const owner = instances.find(
      ({ name, priority }) => priority === OWNER && group.instances.includes(name),
    );
    if (owner === undefined) continue;
    const nobody = { priority: 1, track: NOTHING };
    const counted = trackersOf(nobody, { ...group, hasOwner: true });
    compare(groupBlocks.get(group.name) ?? {}, { asked: group.track, counted, why: ofOwner(owner) }, context);
  }
}

type Tracking = Values<typeof tracking>;
type Blocks = readonly Entry<{ readonly head: string; readonly values: Tracking }>[];

function byHead(blocks: Blocks = []): ReadonlyMap<string, Tracking> {
  return new Map(blocks.map(({ value }) => [value.head, value.values]));
}

function ofOwner({ name }: InstanceConfig): string {
  return `"${name}" has priority ${OWNER}`;
}

function ofMember(group: SyncGroupConfig | undefined): string {
  return `in vrrp_sync_group "${group?.name}" it needs sync_group_tracking_weight`;
}

type Difference = { readonly asked: TrackConfig; readonly counted: TrackConfig; readonly why: string };

function compare(values: Tracking, { asked, counted, why }: Difference, context: VrrpContext): void {
  const pairs = trackPairs(values, context);
  for (const [keyword, kind] of KINDS) {
    for (const { line, tracked } of pairs[kind]) {
      // What is not followed at all has been told of.
      if (!asked[kind].some(({ name }) => name === tracked.name)) continue;
      const effect = effectOf(tracked, counted[kind]);
      if (effect !== undefined)
        warnAt(context.defaults, line, `${keyword} "${line.value.name}": ${effect}: ${why}`);
    }
  }
}

function effectOf({ name, weight }: TrackedConfig, counted: readonly TrackedConfig[]): string | undefined {
  const found = counted.find((each) => each.name === name);
  if (found === undefined) return `ignored, its weight ${weight} cannot count`;
  return found.weight === weight ? undefined : `failing is FAULT, its weight ${weight} cannot count`;
}
