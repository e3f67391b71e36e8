/**
 * How many of each tracked process run. The list of process ids is read twice a second; only new ones are looked at, and all of them
 * now and then, for a process may become another program (execve). What those that hang leave open stays as it was.
 */
import type { Timer } from '../../clock.js';
import type { TrackProcessConfig } from './config.js';
import { changesAt, settle } from './debounce.js';
import { createProcReader, realProc } from './proc.js';
import {
  type Count,
  initialProcesses,
  isDecided,
  observeProcesses,
  type ProcessHealth,
} from './process-count.js';
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
/** What has stayed open for so long is told. */
const OPEN_MS = 10_000;

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
  /** Since the last scan that left nothing open. */
  let open: Timer | 'told' | undefined;
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
      if (open !== 'told') open?.cancel();
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
    open ??= clock.wake(begunAt + OPEN_MS, tellOpen);
    const found = await lookAtAll().catch(() => undefined);
    scanning = false;
    if (found !== undefined) {
      known = found;
      const decided = [...watched.values()].map(count);
      if (decided.every((each) => each)) nothingOpen();
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
    if (info === 'gone') return undefined;
    if (info.argv === undefined) return before?.info.name === info.name ? before : { info, scans: 0 };
    return { info, scans: (before?.scans ?? 0) + 1 };
  }

  /** Whether those that run decide it. At first what is known of them is believed. */
  function count(each: Watched): boolean {
    const { health, config } = each;
    const counted = countOf(config);
    const isClear = isDecided(config, counted);
    if (!isClear && health !== undefined) return false;
    const { running } = counted;
    const next =
      health === undefined
        ? initialProcesses(config, running)
        : observeProcesses(config, health, running, clock.now());
    take(each, next);
    return isClear;
  }

  function countOf(config: TrackProcessConfig): Count {
    const matches = [...known.values()].map(({ info }) => matchesProcess(config, info));
    const all = (wanted: boolean | 'perhaps') => matches.filter((each) => each === wanted).length;
    return { running: all(true), perhaps: all('perhaps') };
  }

  function tellOpen(): void {
    open = 'told';
    const names = [...watched.keys()].join(', ');
    log.warn(
      {},
      `processes could not be told for ${OPEN_MS / 1000} s, as some hang: what that leaves open of ${names} stays as it was`,
    );
  }

  function nothingOpen(): void {
    if (open === 'told') log.info({}, 'processes can be told again');
    else open?.cancel();
    open = undefined;
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
