/**
 * Keeps lvsd's table in nftables as wanted: reads it back, makes what differs so, and looks again every pass. Start, reload, a
 * change of a door and a hand edit are one path. Sessions outlive all of it. No other table is touched.
 */
import type { Clock } from '../clock.js';
import type { Admission } from './admission.js';
import type { NftClient } from './client.js';
import { carryOver } from './elements.js';
import { NftError } from './errors.js';
import { describeDifference, type TableRead } from './read-back.js';
import { spacesToResize } from './resize.js';
import { renderTable } from './ruleset.js';

export type KeeperOptions = {
  readonly client: NftClient;
  readonly clock: Clock;
  /**
   * Resolves when the services are in the kernel that the marks lead to, and those for what is no longer marked: no packet may be
   * sent to one that is not.
   */
  readonly ready?: () => Promise<void>;
  /** The table was looked at: at every pass, and whenever something is wanted. */
  readonly onLook?: (table: TableRead) => void;
  /** Something was found different from what lvsd had written, and put right. */
  readonly onDrift: (lines: readonly string[]) => void;
  readonly onError: (error: NftError) => void;
  readonly onRecovery: () => void;
  readonly passIntervalMs?: number;
};

export type Keeper = {
  /** From now on this is to hold. Takes effect at once; resolves when it, or what was wanted after it, holds. */
  readonly want: (admission: Admission) => Promise<void>;
  /** Resolves when everything wanted before was tried. */
  readonly settled: () => Promise<void>;
  /** Ends the passes; with `remove`, the table is removed. */
  readonly stop: (options: { readonly remove: boolean }) => Promise<void>;
  readonly status: () => KeeperStatus;
};

export type KeeperStatus = {
  /** Monotonic; undefined before the first. */
  readonly lastPassAt: number | undefined;
  readonly driftCount: number;
  readonly error: NftError | undefined;
};

const PASS_INTERVAL_MS = 10_000;
/** Until the next look at a space that has more sessions than it may have. */
const SHRINK_INTERVAL_MS = 1000;
const NOTHING: Admission = { spaces: [], services: [] };

type Written = { readonly wish: string; readonly shape: TableRead['shape'] };

export function createKeeper(options: KeeperOptions): Keeper {
  const { client, clock, passIntervalMs = PASS_INTERVAL_MS } = options;
  let wish: Admission | undefined;
  let written: Written | undefined;
  let working: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let driftCount = 0;
  let lastPassAt: number | undefined;
  let error: NftError | undefined;
  let timer = { cancel: () => {} };
  const waiters: (() => void)[] = [];

  return {
    want: (admission) => {
      if (stopped) return Promise.resolve();
      wish = admission;
      start();
      return new Promise((resolve) => {
        waiters.push(resolve);
      });
    },
    settled: async () => {
      while (working !== undefined) await working;
    },
    stop: async ({ remove }) => {
      stopped = true;
      timer.cancel();
      if (remove && wish !== undefined) {
        wish = NOTHING;
        start();
      }
      while (working !== undefined) await working;
    },
    status: () => ({ lastPassAt, driftCount, error }),
  };

  function start(): void {
    again = true;
    working ??= Promise.resolve().then(work);
  }

  async function work(): Promise<void> {
    timer.cancel();
    let delayMs = passIntervalMs;
    while (again) {
      again = false;
      delayMs = await attempt();
    }
    working = undefined;
    if (!stopped && delayMs < Infinity) timer = clock.wake(clock.now() + delayMs, start);
  }

  /** Resolves to how long the next look can wait: for ever when there is nothing to look at. */
  async function attempt(): Promise<number> {
    try {
      if (!stopped) await options.ready?.();
      const served = waiters.length;
      const delayMs = await pass(wish ?? NOTHING);
      lastPassAt = clock.now();
      if (error !== undefined) options.onRecovery();
      error = undefined;
      for (const resolve of waiters.splice(0, served)) resolve();
      return delayMs;
    } catch (thrown) {
      if (!(thrown instanceof NftError)) throw thrown;
      if (error?.message !== thrown.message) options.onError(thrown);
      error = thrown;
      return passIntervalMs;
    }
  }

  async function pass(admission: Admission): Promise<number> {
    if (admission.services.length === 0) {
      await client.remove();
      written = undefined;
      return Infinity;
    }
    const have = await client.read();
    if (have !== undefined) options.onLook?.(have);
    const drifted = noteDrift(have);
    const resized = spacesToResize(admission, have);
    const frozen = new Set(resized.map(({ name }) => name));
    const text = JSON.stringify([admission, [...frozen]]);
    if (drifted || written?.wish !== text) {
      await write(text, renderTable(admission, { have, frozen, replaced: new Map() }));
    }
    return resized.length === 0 ? passIntervalMs : resize(admission, frozen);
  }

  async function resize(admission: Admission, frozen: ReadonlySet<string>): Promise<number> {
    const replaced = new Map<string, readonly string[]>();
    for (const { name, size, timeoutMs } of admission.spaces.filter((space) => frozen.has(space.name))) {
      const sessions: string[] = [];
      await client.sessions(name, (elements) => {
        for (const element of elements) sessions.push(carryOver(element, timeoutMs));
      });
      if (sessions.length <= size) replaced.set(name, sessions);
    }
    if (replaced.size === 0) return SHRINK_INTERVAL_MS;
    const rest = new Set([...frozen].filter((name) => !replaced.has(name)));
    const have = await client.read();
    await write(
      JSON.stringify([admission, [...rest]]),
      renderTable(admission, { have, frozen: rest, replaced }),
    );
    return rest.size === 0 ? passIntervalMs : SHRINK_INTERVAL_MS;
  }

  async function write(text: string, commands: string): Promise<void> {
    written = undefined;
    await client.apply(commands);
    const after = await client.read();
    if (after !== undefined) written = { wish: text, shape: after.shape };
  }

  function noteDrift(have: TableRead | undefined): boolean {
    if (written === undefined) return false;
    const lines =
      have === undefined ? ['the table was gone: added back'] : describeDifference(written.shape, have.shape);
    if (lines.length === 0) return false;
    driftCount += lines.length;
    options.onDrift(lines);
    return true;
  }
}
