/**
 * Holds every pool, and turns configurations and check results into wanted kernel services, notify scripts and log lines.
 * A result costs as much as its pool is large, a configuration as much as it is long.
 */
import type { Clock } from '../clock.js';
import type { Destination, Service, ServiceKey } from '../ipvs/table.js';
import type { VirtualServerConfig } from './config.js';
import { type EventOptions, report } from './events.js';
import { type PoolMemory, remember } from './memory.js';
import { planDestinations, planServices, sameDestinations, serviceText } from './plan.js';
import { beginPool, type Pool, type PoolEvent, partingEvents, withHealth } from './pool.js';
import type { Saved } from './saved.js';
import type { CheckerResult } from './server.js';
import { snapshotPool, type VirtualServerSnapshot } from './snapshot.js';

/** A checker's verdict on its way to the pool; `at` is monotonic, as the checker's clock says. */
export type HealthUpdate = Omit<CheckerResult, 'since'> & {
  readonly virtualServer: string;
  readonly at: number;
};

export type ManagerOptions = EventOptions & {
  readonly clock: Clock;
  /** States what the kernel should hold under a key; undefined: nothing. Called only for keys lvsd owns or owned. */
  readonly want: (key: ServiceKey, service: Service | undefined) => void;
};

export type Manager = {
  /** Sets what there is, at first and on reload: whatever keeps its id keeps its state, and everything is stated anew. */
  readonly configure: (
    virtualServers: readonly VirtualServerConfig[],
    options: { readonly rsInitNotifies: boolean },
  ) => void;
  readonly setHealth: (update: HealthUpdate) => void;
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
  readonly pool: Pool;
  /** What was last stated for each of its services. */
  readonly destinations: readonly Destination[];
};

const REMOVED = 'removed from the configuration';

export function createManager({ clock, want, runScript, log }: ManagerOptions): Manager {
  let entries = new Map<string, Entry>();
  let owned = new Map<string, ServiceKey>();
  let restored = new Map<string, PoolMemory>();
  let stopped = false;

  return { configure, setHealth, snapshot, saved, restore, stop };

  function configure(
    virtualServers: readonly VirtualServerConfig[],
    { rsInitNotifies }: { readonly rsInitNotifies: boolean },
  ): void {
    if (stopped) return;
    const past = { entries, owned };
    const claims = claimServices(virtualServers, log);
    entries = new Map();
    owned = new Map(claims.flatMap(({ services }) => services).map((key) => [serviceText(key), key]));
    const events = claims.flatMap((config) =>
      begin(config, past.entries.get(config.id)?.pool, rsInitNotifies),
    );
    for (const [id, { pool }] of past.entries) {
      if (!entries.has(id)) events.push(...partingEvents(pool, undefined, REMOVED));
    }
    for (const [text, key] of past.owned) if (!owned.has(text)) want(key, undefined);
    restored = new Map();
    report(events, { runScript, log });
  }

  function begin(config: VirtualServerConfig, past: Pool | undefined, rsInitNotifies: boolean): PoolEvent[] {
    const memory = past ? remember(past) : restored.get(config.id);
    const { pool, events } = beginPool(config, { now: clock.wallNow(), memory, rsInitNotifies });
    state(pool, planDestinations(pool));
    return [...(past ? partingEvents(past, config, REMOVED) : []), ...events];
  }

  function setHealth({ virtualServer, at, ...update }: HealthUpdate): void {
    const entry = entries.get(virtualServer);
    if (stopped || entry === undefined) return;
    // A result may have been on its way for a while: what is shown and kept is when it was made.
    const since = clock.wallNow() - (clock.now() - at);
    const { pool, events } = withHealth(entry.pool, { ...update, since });
    if (pool === entry.pool) return;
    const destinations = planDestinations(pool);
    if (sameDestinations(destinations, entry.destinations)) entries.set(virtualServer, { ...entry, pool });
    else state(pool, destinations);
    report(events, { runScript, log });
  }

  function state(pool: Pool, destinations: readonly Destination[]): void {
    entries.set(pool.config.id, { pool, destinations });
    for (const service of planServices(pool, destinations)) want(service.key, service);
  }

  function snapshot(): VirtualServerSnapshot[] {
    return [...entries.values()].map(({ pool }) => snapshotPool(pool));
  }

  function saved(): Saved {
    const virtualServers = [...entries].map(([id, { pool }]) => ({ id, ...remember(pool) }));
    return { version: 1, owned: [...owned.values()], virtualServers };
  }

  function restore({ owned: keys, virtualServers }: Saved): void {
    owned = new Map(keys.map((key) => [serviceText(key), key]));
    restored = new Map(virtualServers.map((memory) => [memory.id, memory]));
  }

  function stop({ remove }: { readonly remove: boolean }): void {
    if (stopped) return;
    stopped = true;
    if (!remove) return;
    const events = [...entries.values()].flatMap(({ pool }) => partingEvents(pool, undefined, 'stopping'));
    report(events, { runScript, log });
    for (const key of owned.values()) want(key, undefined);
  }
}

/** Each id and each kernel service belongs to the first that names it; what that leaves of the others is said. */
function claimServices(
  virtualServers: readonly VirtualServerConfig[],
  log: ManagerOptions['log'],
): VirtualServerConfig[] {
  const ids = new Set<string>();
  const owners = new Map<string, string>();
  return virtualServers.flatMap((config) => {
    if (ids.has(config.id)) {
      log.warn({ virtualServer: config.id }, `${config.id} is configured twice: the second is ignored`);
      return [];
    }
    ids.add(config.id);
    const services = config.services.filter((key) => {
      const text = serviceText(key);
      const owner = owners.get(text);
      if (owner === undefined) owners.set(text, config.id);
      else
        log.warn({ virtualServer: config.id }, `${text} of ${config.id} belongs to ${owner}: ignored here`);
      return owner === undefined;
    });
    return [{ ...config, services }];
  });
}
