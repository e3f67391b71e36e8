/** The fitness of every instance, from what all trackers say. */
import type { InstanceConfig, SyncGroupConfig } from '../config.js';
import { groupFitness } from '../group.js';
import type { Fitness } from '../state.js';
import { type Assessment, assess, type Readings } from './fitness.js';
import { trackersOf } from './members.js';

export type Evidence = {
  readonly read: Readings;
  /** Why an instance can send or answer nothing, in words; empty when it can. */
  readonly linkFaults: (instance: InstanceConfig) => readonly string[];
};

/** What is left of each instance, by name: its own trackers, its group's, and the faults of its group's other members. */
export function judge(
  instances: readonly InstanceConfig[],
  groups: readonly SyncGroupConfig[],
  { read, linkFaults }: Evidence,
): Map<string, Assessment> {
  const found = new Map<string, Assessment>();
  for (const instance of instances) {
    const group = groups.find(({ instances: members }) => members.includes(instance.name));
    const track = trackersOf(instance, group && { ...group, hasOwner: hasOwner(group, instances) });
    found.set(instance.name, assess(instance.priority, track, read, linkFaults(instance)));
  }
  for (const group of groups) spreadFaults(group, found);
  return found;
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
