/** Which trackers count for an instance: its own, and those of its sync group. */
import type { InstanceConfig, SyncGroupConfig, VrrpConfig } from '../config.js';
import type { TrackConfig, TrackedConfig } from './config.js';

/**
 * In a group, weights of a member's own trackers would let its members' priorities drift apart: without
 * sync_group_tracking_weight an interface's becomes a fault and the others do not count. An owner's priority is not
 * changed by anything, so its weighted trackers do not count, and those of its group become faults. A file that has the usual
 * weight is a fault in both cases: nobody asked for a weight.
 */
export function trackersOf(
  instance: Pick<InstanceConfig, 'priority' | 'track'>,
  group?: Pick<SyncGroupConfig, 'track' | 'trackingWeight'> & { readonly hasOwner: boolean },
): TrackConfig {
  const own = ownTrackers(instance, group !== undefined && !group.trackingWeight);
  if (group === undefined) return own;
  const shared = group.hasOwner ? mapTrack(group.track, (list) => list.map(unweighted)) : group.track;
  return zipTrack(own, shared);
}

/** The same, following no virtual server: nothing is checked, so nobody would ever tell of one. */
export function withoutPools(config: VrrpConfig): VrrpConfig {
  const unfollowing = <T extends { readonly track: TrackConfig }>(each: T): T => ({
    ...each,
    track: { ...each.track, pools: [] },
  });
  return {
    ...config,
    instances: config.instances.map(unfollowing),
    syncGroups: config.syncGroups.map(unfollowing),
  };
}

function ownTrackers(
  { priority, track }: Pick<InstanceConfig, 'priority' | 'track'>,
  inGroup: boolean,
): TrackConfig {
  if (priority < 255 && !inGroup) return track;
  const faults = { ...mapTrack(track, onlyFaults), files: onlyFaults(track.files.map(withoutUsualWeight)) };
  return priority === 255 ? faults : { ...faults, interfaces: track.interfaces.map(unweighted) };
}

/** What a track_file has whose weight is not in the configuration. */
const USUAL_FILE_WEIGHT = 1;

function withoutUsualWeight(file: TrackedConfig): TrackedConfig {
  return file.weight === USUAL_FILE_WEIGHT ? unweighted(file) : file;
}

function onlyFaults(list: readonly TrackedConfig[]): readonly TrackedConfig[] {
  return list.filter(({ weight }) => weight === 0);
}

function unweighted(tracked: TrackedConfig): TrackedConfig {
  return { ...tracked, weight: 0 };
}

function mapTrack(
  track: TrackConfig,
  change: (list: readonly TrackedConfig[]) => readonly TrackedConfig[],
): TrackConfig {
  return {
    interfaces: change(track.interfaces),
    scripts: change(track.scripts),
    files: change(track.files),
    processes: change(track.processes),
    pools: change(track.pools),
  };
}

function zipTrack(own: TrackConfig, shared: TrackConfig): TrackConfig {
  return {
    interfaces: merge(own.interfaces, shared.interfaces),
    scripts: merge(own.scripts, shared.scripts),
    files: merge(own.files, shared.files),
    processes: merge(own.processes, shared.processes),
    pools: merge(own.pools, shared.pools),
  };
}

/** What both track counts once, as the instance has it. */
function merge(own: readonly TrackedConfig[], shared: readonly TrackedConfig[]): readonly TrackedConfig[] {
  const names = new Set(own.map(({ name }) => name));
  return [...own, ...shared.filter(({ name }) => !names.has(name))];
}
