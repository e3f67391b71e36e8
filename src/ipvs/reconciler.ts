/**
 * Keeps the kernel's table as wanted: writes what is new, reads back what it does not know, and looks at everything every pass.
 * Start, reload, a failed check, a hand edit with ipvsadm and a lost command are all this one path. Nothing is flushed;
 * services never wanted here are never touched.
 */
import type { Clock } from '../clock.js';
import { canonicalKey, canonicalService } from './canonical.js';
import type { IpvsClient } from './client.js';
import { IpvsError } from './errors.js';
import { createLedger, type Entry, type LedgerEvents, progress, type ServiceProgress } from './ledger.js';
import { reconcile } from './reconcile.js';
import { type Service, type ServiceKey, serviceId } from './table.js';

export type ReconcilerOptions = LedgerEvents & {
  readonly client: Pick<IpvsClient, 'readServices' | 'apply' | 'flush'>;
  readonly clock: Clock;
  /** Between the end of one look at everything and the next; 8 s unless given. */
  readonly passIntervalMs?: number;
};

export type Reconciler = {
  /** From now on the kernel is to hold this service; undefined: it is to be removed, and forgotten. Takes effect at once. */
  readonly want: (key: ServiceKey, service: Service | undefined) => void;
  /** Leaves a service as it is in the kernel, and never touches it again. */
  readonly forget: (key: ServiceKey) => void;
  /** Resolves when everything wanted before was tried: what failed shows in status(). */
  readonly settled: () => Promise<void>;
  /** Removes every service in this network namespace, also those of others, and writes those wanted anew. */
  readonly flush: () => Promise<void>;
  /** Ends the passes and resolves when nothing is under way. With `remove`, services wanted here are removed first. */
  readonly stop: (options: { readonly remove: boolean }) => Promise<void>;
  readonly status: () => ReconcilerStatus;
};

export type ReconcilerStatus = {
  /** When the last look at everything ended; undefined before the first. */
  readonly lastPassAt: number | undefined;
  readonly lastPassMs: number | undefined;
  /** Findings put right since the start, over all services. */
  readonly driftCount: number;
  readonly services: readonly ServiceProgress[];
};

type Pass = { readonly startedAt: number; readonly rest: Entry[] };
type Waiter = { readonly resolve: () => void; readonly reject: (error: unknown) => void };

/** Short enough that what another hand did is put right within 10 s although a pass takes its time. */
const PASS_INTERVAL_MS = 8_000;

/** Services of a pass read and written together. What is wanted while a pass is on waits for at most one such group. */
const PASS_GROUP = 16;

/** Newly wanted services read and written together, so that a start writes its table in one go: at most so many services … */
const URGENT_SERVICES = 256;
/** … and, but for the last of them, so many destinations. */
const URGENT_DESTINATIONS = 5000;

export function createReconciler(options: ReconcilerOptions): Reconciler {
  const { client, clock, passIntervalMs = PASS_INTERVAL_MS } = options;
  const ledger = createLedger(options);
  const { entries } = ledger;
  const urgent = new Set<Entry>();
  const flushes: Waiter[] = [];
  const waiters: (() => void)[] = [];
  let pass: Pass | undefined;
  let lastPass: { readonly endedAt: number; readonly tookMs: number } | undefined;
  let working: Promise<void> | undefined;
  let stopped = false;

  const startPass = (): void => {
    pass = { startedAt: clock.now(), rest: [...entries.values()] };
    start();
  };
  let timer = clock.wake(clock.now() + passIntervalMs, startPass);

  /** Deferred, so that what is wanted in one go is written in one go. */
  const start = (): void => {
    working ??= Promise.resolve().then(work);
  };

  const work = async (): Promise<void> => {
    for (let step = nextStep(); step !== undefined; step = nextStep()) {
      await step();
      if (urgent.size === 0) release();
    }
    working = undefined;
    if (pass !== undefined) endPass(pass.startedAt);
    release();
  };

  const nextStep = (): (() => Promise<void>) | undefined => {
    if (flushes.length > 0) return () => flushNow(flushes.splice(0));
    const group = urgent.size > 0 ? take(urgent) : (pass?.rest.splice(0, PASS_GROUP) ?? []);
    return group.length > 0 ? () => settle(group) : undefined;
  };

  const settle = async (group: readonly Entry[]): Promise<void> => {
    const present = group.filter((entry) => entries.get(entry.id) === entry);
    const tasks = present.map(({ key, want, written }) => ({ key, want, written }));
    try {
      const results = (await reconcile(client, tasks)).values();
      for (const [index, entry] of present.entries()) {
        ledger.note(entry, tasks[index]?.want, results.next().value ?? { drift: [], error: undefined });
      }
    } catch (error) {
      if (!(error instanceof IpvsError)) throw error;
      // The table cannot be read: there is no use in trying the rest before the next pass.
      const affected = new Set([...present, ...urgent, ...(pass?.rest.splice(0) ?? [])]);
      urgent.clear();
      ledger.fail([...affected], error);
    }
  };

  const endPass = (startedAt: number): void => {
    const endedAt = clock.now();
    lastPass = { endedAt, tookMs: endedAt - startedAt };
    pass = undefined;
    if (!stopped) timer = clock.wake(endedAt + passIntervalMs, startPass);
  };

  const release = (): void => {
    for (const resolve of waiters.splice(0)) resolve();
  };

  const flushNow = async (asked: readonly Waiter[]): Promise<void> => {
    try {
      await client.flush();
      for (const entry of entries.values()) {
        entry.written = undefined;
        urgent.add(entry);
      }
      for (const { resolve } of asked) resolve();
    } catch (error) {
      for (const { reject } of asked) reject(error);
    }
  };

  return {
    want: (key, service) => {
      if (stopped) return;
      const canonical = canonicalKey(key);
      const entry = ledger.open(serviceId(canonical), canonical);
      entry.want = service && { ...canonicalService(service), key: canonical };
      urgent.add(entry);
      start();
    },
    forget: (key) => {
      const id = serviceId(canonicalKey(key));
      const entry = entries.get(id);
      entries.delete(id);
      if (entry !== undefined) urgent.delete(entry);
    },
    settled: () =>
      working === undefined
        ? Promise.resolve()
        : new Promise((resolve) => {
            waiters.push(resolve);
          }),
    flush: () =>
      new Promise((resolve, reject) => {
        flushes.push({ resolve, reject });
        start();
      }),
    stop: async ({ remove }) => {
      stopped = true;
      timer.cancel();
      pass?.rest.splice(0);
      for (const entry of remove ? entries.values() : []) {
        entry.want = undefined;
        urgent.add(entry);
      }
      if (urgent.size > 0) start();
      while (working !== undefined) await working;
    },
    status: () => ({
      lastPassAt: lastPass?.endedAt,
      lastPassMs: lastPass?.tookMs,
      driftCount: ledger.driftCount(),
      services: Array.from(entries.values(), (entry) => progress(entry, urgent.has(entry))),
    }),
  };
}

/** Takes the first few out. */
function take(entries: Set<Entry>): Entry[] {
  const group: Entry[] = [];
  let destinations = 0;
  for (const entry of entries) {
    group.push(entry);
    entries.delete(entry);
    destinations += entry.want?.destinations.length ?? 0;
    if (group.length >= URGENT_SERVICES || destinations >= URGENT_DESTINATIONS) break;
  }
  return group;
}
