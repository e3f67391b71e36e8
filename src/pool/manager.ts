/**
 * Holds every pool, and turns configurations and check results into wanted kernel services, notify scripts and log lines.
 * A result costs as much as its pool is large, a configuration as much as it is long.
 */
import type { Clock } from '../clock.js';
import type { Destination, Service, ServiceKey } from '../ipvs/table.js';
import { type AgentResult, withAgent } from './agent.js';
import { claimServices } from './claims.js';
import type { VirtualServerConfig } from './config.js';
import { type Admit, createDoors } from './doors.js';
import { leavingAfter, withDrain } from './draining.js';
import { type EventOptions, report } from './events.js';
import {
  type Followed,
  followOn,
  mustReadFirst,
  type ServiceReadings,
  wakeAt,
  withReadings,
} from './followed.js';
import { createFollower, type ReadCounts } from './follower.js';
import { createLeavingServices } from './leaving-services.js';
import { type PoolMemory, remember } from './memory.js';
import { planServices, sameDestinations } from './plan.js';
import { beginPool, type PoolEvent, partingEvents, withHealth } from './pool.js';
import type { Saved } from './saved.js';
import type { CheckerResult } from './server.js';
import { snapshotPool, type VirtualServerSnapshot } from './snapshot.js';
import { serviceText } from './text.js';

/** A checker's verdict on its way to the pool; `at` is monotonic, as the checker's clock says. */
export type HealthUpdate = Omit<CheckerResult, 'since'> & {
  readonly virtualServer: string;
  readonly at: number;
};

/** An agent's answer on its way to the pool; `at` as in HealthUpdate. */
export type AgentUpdate = Omit<AgentResult, 'since'> & {
  readonly virtualServer: string;
  readonly at: number;
};

export type ManagerOptions = EventOptions & {
  readonly clock: Clock;
  /** States what the kernel should hold under a key; undefined: nothing. Called only for keys lvsd owns or owned. */
  readonly want: (key: ServiceKey, service: Service | undefined) => void;
  /**
   * States whom the kernel should let into pools with sessions; resolves when it does, which may be never. Its marks lead to
   * services that were wanted before.
   */
  readonly admit: Admit;
  /** Reads the kernel's counts. */
  readonly read: ReadCounts;
};

export type Manager = {
  /** Sets what there is, at first and on reload: whatever keeps its id keeps its state, and everything is stated anew. */
  readonly configure: (
    virtualServers: readonly VirtualServerConfig[],
    options: { readonly rsInitNotifies: boolean },
  ) => void;
  /** Resolves when all pools of the last configuration have been stated: some are read first. */
  readonly stated: () => Promise<void>;
  /** Takes in verdicts in their order. Many at a time cost little more than one: each pool is planned once. */
  readonly setHealth: (...updates: readonly HealthUpdate[]) => void;
  /** What a real server said of itself; true when that is news. */
  readonly setAgent: (update: AgentUpdate) => boolean;
  /**
   * Drains a real server, or gives it newcomers again. Throws DrainError when there is no such server.
   * It stays away over reloads and restarts, until it is undone or no longer configured.
   */
  readonly drain: (command: DrainCommand) => void;
  readonly snapshot: () => VirtualServerSnapshot[];
  /** What a successor needs to go on after a crash or a restart: plain JSON, for parseSaved and restore. */
  readonly saved: () => Saved;
  /** Goes on from what a predecessor saved; before the first configure. */
  readonly restore: (saved: Saved) => void;
  /**
   * Ends all work; later results are ignored. With `remove` every owned service is un-wanted, after omega's scripts; without, the
   * table goes on serving, so nothing is notified.
   */
  readonly stop: (options: { readonly remove: boolean }) => void;
};

type Entry = {
  readonly followed: Followed;
  /** What was last stated for each of its services, by serviceText. */
  readonly stated: ReadonlyMap<string, readonly Destination[]>;
};

export type DrainCommand = {
  readonly virtualServer: string;
  readonly realServer: string;
  readonly undo: boolean;
};

/** Raised by drain: what there is not. */
export class DrainError extends Error {
  override readonly name = 'DrainError';
}

const REMOVED = 'removed from the configuration';

export function createManager(options: ManagerOptions): Manager {
  const { clock, want, admit, read, log } = options;
  /** Ramps and drains are timed by a clock that starts with the time of day and never jumps. */
  const epoch = clock.wallNow() - clock.now();
  const now = (): number => clock.now() + epoch;
  const follower = createFollower({ clock, read, observe, warn: (text) => log.warn({}, text) });
  let entries = new Map<string, Entry>();
  let owned = new Map<string, ServiceKey>();
  const leaving = createLeavingServices({ clock, remove: (key) => want(key, undefined) });
  const doors = createDoors(admit);
  let restored = new Map<string, PoolMemory>();
  /** Pools that must be read first. */
  const unstated = new Set<string>();
  let awaited: (() => void)[] = [];
  let stopped = false;

  return { configure, stated, setHealth, setAgent, drain, snapshot, saved, restore, stop };

  function configure(
    virtualServers: readonly VirtualServerConfig[],
    { rsInitNotifies }: { readonly rsInitNotifies: boolean },
  ): void {
    if (stopped) return;
    const past = { entries, owned };
    const { granted, refused } = claimServices(virtualServers);
    for (const { virtualServer, text } of refused) log.warn({ virtualServer }, text);
    entries = new Map();
    unstated.clear();
    owned = new Map(granted.flatMap(({ services }) => services).map((key) => [serviceText(key), key]));
    const events = granted.flatMap((config) => begin(config, past.entries.get(config.id), rsInitNotifies));
    for (const [id, { followed }] of past.entries) {
      if (entries.has(id)) continue;
      events.push(...partingEvents(followed.pool, undefined, REMOVED));
      follower.follow(id, [], undefined);
    }
    const removed = [...past.owned].filter(([text]) => !owned.has(text));
    for (const [, key] of removed) leaving.add(key, drainMsOf(key, past.entries));
    leaving.takeBack(owned);
    // A service that packets still go to, marked or no longer marked, must not go first.
    if (stateDoors()) void doors.stated().then(leaving.look);
    else leaving.look();
    restored = new Map();
    report(events, options);
    tellStated();
  }

  function stated(): Promise<void> {
    return new Promise((resolve) => {
      awaited.push(resolve);
      tellStated();
    });
  }

  function tellStated(): void {
    if (unstated.size > 0) return;
    for (const resolve of awaited) resolve();
    awaited = [];
  }

  function noteStated(id: string, is: boolean): void {
    if (!is) unstated.add(id);
    else if (unstated.delete(id)) tellStated();
  }

  function begin(config: VirtualServerConfig, past: Entry | undefined, rsInitNotifies: boolean): PoolEvent[] {
    const old = past?.followed.pool;
    const leaving = old && leavingAfter(old, config, now());
    const memory = old ? { ...remember(old), leaving: leaving ?? [] } : restored.get(config.id);
    const moment = { now: now(), since: clock.wallNow() };
    const { pool, events } = beginPool(config, { ...moment, memory, rsInitNotifies });
    state(followOn(past?.followed, pool));
    return [...(old ? partingEvents(old, config, REMOVED) : []), ...events];
  }

  function setHealth(...updates: readonly HealthUpdate[]): void {
    if (stopped) return;
    const touched = new Set<string>();
    const events = updates.flatMap((update) => {
      const told = judge(update);
      if (told !== undefined) touched.add(update.virtualServer);
      return told ?? [];
    });
    for (const id of touched) {
      const entry = entries.get(id);
      if (entry !== undefined) state(entry.followed, entry);
    }
    report(events, options);
  }

  /** Undefined where the verdict is no news. */
  function judge({ virtualServer, at, ...update }: HealthUpdate): readonly PoolEvent[] | undefined {
    const entry = entries.get(virtualServer);
    if (entry === undefined) return undefined;
    const { followed } = entry;
    const { pool, events } = withHealth(followed.pool, { ...update, since: sinceOf(at) }, at + epoch);
    if (pool === followed.pool) return undefined;
    entries.set(virtualServer, { ...entry, followed: { ...followed, pool } });
    return events;
  }

  function setAgent({ virtualServer, at, ...update }: AgentUpdate): boolean {
    const entry = entries.get(virtualServer);
    if (stopped || entry === undefined) return false;
    const { followed } = entry;
    const { pool, events } = withAgent(followed.pool, { ...update, since: sinceOf(at) }, at + epoch);
    if (pool === followed.pool) return false;
    state({ ...followed, pool }, entry);
    report(events, options);
    return true;
  }

  /** A result may have been on its way for a while: what is shown and kept is when it was made. */
  function sinceOf(at: number): number {
    return clock.wallNow() - (clock.now() - at);
  }

  function drain({ virtualServer, realServer, undo }: DrainCommand): void {
    const entry = entries.get(virtualServer);
    if (entry === undefined)
      throw new DrainError(
        `no such virtual server: ${virtualServer}; there are: ${[...entries.keys()].join(', ')}`,
      );
    const { followed } = entry;
    const transition = withDrain(followed.pool, { realServer, undo, now: now() });
    if (transition === undefined) throw new DrainError(`${virtualServer} has no real server ${realServer}`);
    state({ ...followed, pool: transition.pool }, entry);
    report(transition.events, options);
  }

  function observe(id: string, readings: ServiceReadings): void {
    const entry = entries.get(id);
    if (stopped || entry === undefined) return;
    const { followed, events } = withReadings(entry.followed, readings, now());
    state(followed, entry);
    report(events, options);
  }

  /** States what differs from what was stated last; all without a last. Asks for the next reading. */
  function state(followed: Followed, last?: Entry): void {
    const { config } = followed.pool;
    const wake = wakeAt(followed, now());
    const unread = mustReadFirst(followed);
    const services = unread ? [] : planServices(followed.pool, followed.flows, now());
    const stated = new Map(last?.stated);
    for (const service of services) {
      const text = serviceText(service.key);
      const before = stated.get(text);
      if (before !== undefined && sameDestinations(before, service.destinations)) continue;
      stated.set(text, service.destinations);
      want(service.key, service);
    }
    entries.set(config.id, { followed, stated });
    noteStated(config.id, !unread);
    follower.follow(config.id, config.services, wake === undefined ? undefined : wake - epoch);
    if (last !== undefined && hasSessions(config)) stateDoors();
  }

  function stateDoors(): boolean {
    return doors.state([...entries.values()].map(({ followed }) => followed.pool));
  }

  /** How long services go on that their virtual server has given up for others. */
  function drainMsOf(key: ServiceKey, past: ReadonlyMap<string, Entry>): number {
    const text = serviceText(key);
    for (const [id, { stated, followed }] of past) {
      if (!stated.has(text)) continue;
      const next = entries.get(id)?.followed.pool.config;
      const replaced = next !== undefined && hasSessions(next) !== hasSessions(followed.pool.config);
      return replaced ? next.drainTimeoutMs : 0;
    }
    return 0;
  }

  function snapshot(): VirtualServerSnapshot[] {
    return [...entries.values()].map(({ followed }) => snapshotPool(followed, now()));
  }

  function saved(): Saved {
    const virtualServers = [...entries].map(([id, { followed }]) => ({ id, ...remember(followed.pool) }));
    return {
      version: 1,
      owned: [...owned.values(), ...leaving.keys()],
      admits: doors.any(),
      virtualServers,
    };
  }

  function restore({ owned: keys, admits, virtualServers }: Saved): void {
    doors.restore(admits);
    owned = new Map(keys.map((key) => [serviceText(key), key]));
    restored = new Map(virtualServers.map((memory) => [memory.id, memory]));
  }

  function stop({ remove }: { readonly remove: boolean }): void {
    if (stopped) return;
    stopped = true;
    follower.stop();
    const kept = leaving.stop();
    if (!remove) return;
    const events = [...entries.values()].flatMap(({ followed }) =>
      partingEvents(followed.pool, undefined, 'stopping'),
    );
    report(events, options);
    for (const key of [...owned.values(), ...kept]) want(key, undefined);
  }
}

function hasSessions({ overflow }: VirtualServerConfig): boolean {
  return overflow?.mode === 'sessions';
}
