/**
 * How many of each tracked process run. The list of process ids is read twice a second; only new ones are looked at, and all of them
 * now and then, for a process may become another program (execve).
 */
import type { Timer } from '../../clock.js';
import type { TrackProcessConfig } from './config.js';
import { changesAt, settle } from './debounce.js';
import { createProcReader, realProc } from './proc.js';
import { initialProcesses, observeProcesses, type ProcessHealth } from './process-count.js';
import { matchesProcess, type ProcessInfo } from './process-match.js';
import type { TrackerOptions } from './scripts.js';

export type ProcessTracker = {
  readonly configure: (processes: readonly TrackProcessConfig[]) => void;
  /** Undefined until the first look. */
  readonly read: (name: string) => boolean | undefined;
  readonly stop: () => void;
};

const SCAN_MS = 500;
/** A process is looked at again in its first scans, when a shell may still become what it starts. */
const YOUNG_SCANS = 2;
const FULL_EVERY = 20;

type Watched = { config: TrackProcessConfig; health: ProcessHealth | undefined; timer: Timer | undefined };
type Known = { readonly info: ProcessInfo; readonly scans: number };

export function createProcessTracker(
  { clock, log, onChange }: TrackerOptions,
  proc = realProc,
): ProcessTracker {
  const read = createProcReader(clock, proc);
  let watched = new Map<string, Watched>();
  let known = new Map<string, Known>();
  let timer: Timer | undefined;
  let scanning = false;
  let scans = 0;
  return {
    configure: (processes) => {
      const before = watched;
      for (const each of before.values()) each.timer?.cancel();
      watched = new Map(processes.map((config) => [config.name, renew(config, before.get(config.name))]));
      if (watched.size > 0 && timer === undefined && !scanning) void scan();
    },
    read: (name) => watched.get(name)?.health?.quorum.value,
    stop: () => {
      for (const each of watched.values()) each.timer?.cancel();
      watched.clear();
      timer?.cancel();
    },
  };

  function renew(config: TrackProcessConfig, before: Watched | undefined): Watched {
    const each: Watched = { config, health: before?.health, timer: undefined };
    arm(each);
    return each;
  }

  /** The next is not before this one has ended, however long it takes, and the machine has had a rest as long. */
  async function scan(): Promise<void> {
    const begunAt = clock.now();
    scanning = true;
    timer = undefined;
    scans += 1;
    const found = await lookAtAll().catch(() => undefined);
    scanning = false;
    if (found !== undefined) {
      known = found;
      for (const each of watched.values()) count(each);
    }
    const tookMs = clock.now() - begunAt;
    if (watched.size > 0)
      timer = clock.wake(Math.max(begunAt + SCAN_MS, clock.now() + tookMs), () => void scan());
  }

  async function lookAtAll(): Promise<Map<string, Known>> {
    const entries = new Map<string, Known>();
    for (const pid of await proc.list()) {
      const found = await look(pid);
      if (found !== undefined) entries.set(pid, found);
    }
    return entries;
  }

  async function look(pid: string): Promise<Known | undefined> {
    const before = known.get(pid);
    const settled = before !== undefined && before.scans >= YOUNG_SCANS && scans % FULL_EVERY !== 0;
    if (settled) return before;
    const info = await read(pid);
    if (info === 'hangs') return before;
    return info === 'gone' ? undefined : { info, scans: (before?.scans ?? 0) + 1 };
  }

  function count(each: Watched): void {
    const running = [...known.values()].filter(({ info }) => matchesProcess(each.config, info)).length;
    const { health, config } = each;
    const next =
      health === undefined
        ? initialProcesses(config, running)
        : observeProcesses(config, health, running, clock.now());
    take(each, next);
  }

  function take(each: Watched, next: ProcessHealth): void {
    const before = each.health?.quorum.value;
    each.health = next;
    arm(each);
    if (before === next.quorum.value) return;
    const { name, quorum } = each.config;
    const text = `process ${name} is ${next.quorum.value ? 'up' : 'down'}: ${next.running} run, quorum ${quorum}`;
    log[next.quorum.value ? 'info' : 'warn']({ process: name, running: next.running }, text);
    onChange();
  }

  /** What was seen is believed when it has lasted. */
  function arm(each: Watched): void {
    each.timer?.cancel();
    const { health } = each;
    const at = health === undefined ? Number.POSITIVE_INFINITY : changesAt(health.quorum);
    each.timer =
      health === undefined || at === Number.POSITIVE_INFINITY
        ? undefined
        : clock.wake(at, () => take(each, { ...health, quorum: settle(health.quorum, clock.now()) }));
  }
}
