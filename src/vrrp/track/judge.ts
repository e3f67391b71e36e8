/** The fitness of every instance, from what all trackers say. */
import type { InstanceConfig, SyncGroupConfig } from '../config.js';
import { groupFitness } from '../election/group.js';
import type { Fitness } from '../election/state.js';
import type { TrackConfig } from './config.js';
import { type Assessment, assess, type Readings } from './fitness.js';
import { following } from './implied.js';
import { trackersOf } from './members.js';

export type Evidence = {
  readonly read: Readings;
  /** Why an instance can send or answer nothing, in words; empty when it can. */
  readonly linkFaults: (instance: InstanceConfig) => readonly string[];
  /** The health checks cannot run: whoever else is there serves better. */
  readonly unfit: boolean;
};

/** What is left of a director that cannot check its servers. */
const UNFIT_PRIORITY = 1;

/** What is left of each instance, by name: its own trackers, its group's, and the faults of its group's other members. */
export function judge(
  instances: readonly InstanceConfig[],
  groups: readonly SyncGroupConfig[],
  { read, linkFaults, unfit }: Evidence,
): Map<string, Assessment> {
  const found = new Map<string, Assessment>();
  for (const instance of instances) {
    const group = groups.find(({ instances: members }) => members.includes(instance.name));
    const assessment = assess(
      instance.priority,
      trackersIn(instance, group, instances),
      read,
      linkFaults(instance),
    );
    found.set(instance.name, unfit ? lowered(assessment) : assessment);
  }
  for (const group of groups) spreadFaults(group, found);
  return found;
}

/** The trackers that count for an instance of a group, or of none, among all instances. */
export function trackersIn(
  instance: InstanceConfig,
  group: SyncGroupConfig | undefined,
  all: readonly InstanceConfig[],
): TrackConfig {
  return trackersOf(following(instance), group && { ...group, hasOwner: hasOwner(group, all) });
}

/** An owner's priority is changed by nothing. */
function lowered({ fitness, pending }: Assessment): Assessment {
  const priority = fitness.priority === 255 ? 255 : UNFIT_PRIORITY;
  return { fitness: { ...fitness, priority }, pending };
}

function hasOwner({ instances }: SyncGroupConfig, all: readonly InstanceConfig[]): boolean {
  return all.some(({ name, priority }) => priority === 255 && instances.includes(name));
}

function spreadFaults(group: SyncGroupConfig, found: Map<string, Assessment>): void {
  const own = new Map<string, Fitness>();
  for (const name of group.instances) {
    const fitness = found.get(name)?.fitness;
    if (fitness !== undefined) own.set(name, fitness);
  }
  for (const [name, fitness] of groupFitness(group.name, own)) {
    found.set(name, { fitness, pending: found.get(name)?.pending ?? [] });
  }
}
