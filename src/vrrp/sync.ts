/** Keeps the members of each sync group together: asks the group after every step of a member, until it has no more orders. */
import type { SyncGroupConfig } from './config.js';
import {
  announceWith,
  type GroupState,
  groupOrders,
  groupState,
  type Members,
  type Order,
} from './election/group.js';
import type { Event, State } from './election/state.js';

/** What a group needs of its members. */
export type GroupMember = { readonly state: () => State; readonly feed: (event: Event) => void };

export type SyncOptions = {
  /** Undefined for a name that is no instance. */
  readonly member: (name: string) => GroupMember | undefined;
  /** The group's state has changed. */
  readonly onState: (group: SyncGroupConfig, from: GroupState, to: GroupState) => void;
};

export type Sync = {
  readonly configure: (groups: readonly SyncGroupConfig[]) => void;
  readonly groupOf: (instance: string) => SyncGroupConfig | undefined;
  readonly stateOf: (group: string) => GroupState | undefined;
  /** To be called after every step of an instance. */
  readonly stepped: (instance: string) => void;
  /** Gives several instances events before their groups are asked: members that start or end together. */
  readonly together: (orders: readonly Order[]) => void;
  /** A member met a lower master: the others announce as well. */
  readonly announceWith: (instance: string) => void;
};

/** A group that still has orders after so many rounds contradicts itself; the next step asks it again. */
const MOST_ROUNDS = 8;

export function createSync({ member, onState }: SyncOptions): Sync {
  let groups: readonly SyncGroupConfig[] = [];
  let groupByInstance = new Map<string, SyncGroupConfig>();
  const told = new Map<string, GroupState>();
  /** While set, steps are followed by no questions: whoever set it asks at the end. */
  let holding = false;
  const touched = new Set<SyncGroupConfig>();

  return {
    configure: (next) => {
      groups = next;
      groupByInstance = new Map(next.flatMap((group) => group.instances.map((name) => [name, group])));
      for (const name of told.keys()) if (!groups.some((group) => group.name === name)) told.delete(name);
    },
    groupOf: (instance) => groupByInstance.get(instance),
    stateOf: (group) => told.get(group),
    stepped,
    together: (orders) => hold(() => give(orders)),
    announceWith: (instance) => {
      const group = groupByInstance.get(instance);
      if (group !== undefined) hold(() => give(announceWith(membersOf(group), instance)));
    },
  };

  function stepped(instance: string): void {
    const group = groupByInstance.get(instance);
    if (group === undefined) return;
    touched.add(group);
    if (!holding) hold(() => {});
  }

  function hold(work: () => void): void {
    const outer = !holding;
    holding = true;
    work();
    if (outer) ask();
  }

  function ask(): void {
    for (let round = 0; touched.size > 0 && round < MOST_ROUNDS; round += 1) {
      const asked = [...touched];
      touched.clear();
      for (const group of asked) give(groupOrders(membersOf(group)));
      for (const group of asked) tell(group);
    }
    touched.clear();
    holding = false;
  }

  function give(orders: readonly Order[]): void {
    for (const { instance, event } of orders) member(instance)?.feed(event);
  }

  function tell(group: SyncGroupConfig): void {
    const to = groupState(membersOf(group));
    const from = told.get(group.name) ?? 'INIT';
    if (to === undefined || to === from) return;
    told.set(group.name, to);
    onState(group, from, to);
  }

  function membersOf(group: SyncGroupConfig): Members {
    return new Map(
      group.instances.flatMap((name) => {
        const state = member(name)?.state();
        return state === undefined ? [] : [[name, state] as const];
      }),
    );
  }
}
