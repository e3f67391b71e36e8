/**
 * Keeps the members of each sync group together: asks the group after every step of a member, until it has no more orders. Large groups
 * move in several turns of the event loop.
 */
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
import type { Work } from './turns.js';

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
  /** An instance has made a step: its group is to be asked. False where it has none. */
  readonly touch: (instance: string) => boolean;
  /** Asks the groups of all who made steps. */
  readonly ask: () => Work;
  /** Gives several instances events before their groups are asked: members that start or end together. */
  readonly together: (orders: Iterable<Order>) => Work;
  /** A member met a lower master: the others announce as well. */
  readonly announceWith: (instance: string) => void;
};

/** A group that still has orders after so many rounds contradicts itself; the next step asks it again. */
const MOST_ROUNDS = 8;

export function createSync({ member, onState }: SyncOptions): Sync {
  let groups: readonly SyncGroupConfig[] = [];
  let groupByInstance = new Map<string, SyncGroupConfig>();
  const told = new Map<string, GroupState>();
  const touched = new Set<SyncGroupConfig>();

  return {
    configure: (next) => {
      groups = next;
      groupByInstance = new Map(next.flatMap((group) => group.instances.map((name) => [name, group])));
      for (const name of told.keys()) if (!groups.some((group) => group.name === name)) told.delete(name);
    },
    groupOf: (instance) => groupByInstance.get(instance),
    stateOf: (group) => told.get(group),
    touch,
    ask,
    together,
    announceWith: (instance) => {
      const group = groupByInstance.get(instance);
      if (group !== undefined) for (const order of announceWith(membersOf(group), instance)) give(order);
    },
  };

  function touch(instance: string): boolean {
    const group = groupByInstance.get(instance);
    if (group !== undefined) touched.add(group);
    return group !== undefined;
  }

  function* together(orders: Iterable<Order>): Work {
    for (const order of orders) {
      give(order);
      yield;
    }
    yield* ask();
  }

  function* ask(): Work {
    for (let round = 0; touched.size > 0 && round < MOST_ROUNDS; round += 1) {
      const asked = [...touched];
      touched.clear();
      for (const group of asked) yield* obey(group);
      for (const group of asked) tell(group);
    }
    touched.clear();
  }

  /** Does what the group wants, and asks it anew after an interruption: who was to be promoted may have heard of a master. */
  function* obey(group: SyncGroupConfig): Work {
    let orders = [...groupOrders(membersOf(group))];
    for (let left = MOST_ROUNDS * group.instances.length; left > 0; left -= 1) {
      const order = orders.shift();
      if (order === undefined) return;
      give(order);
      if (yield) orders = [...groupOrders(membersOf(group))];
    }
  }

  function give({ instance, event }: Order): void {
    member(instance)?.feed(event);
  }

  function tell(group: SyncGroupConfig): void {
    const to = groupState(membersOf(group));
    const from = told.get(group.name) ?? 'INIT';
    if (to === undefined || to === from) return;
    told.set(group.name, to);
    onState(group, from, to);
  }

  function membersOf(group: SyncGroupConfig): Members {
    const found = new Map<string, State>();
    for (const name of group.instances) {
      const state = member(name)?.state();
      if (state !== undefined) found.set(name, state);
    }
    return found;
  }
}
