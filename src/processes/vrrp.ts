/** What lvsd-vrrp is made of: the director, the network, the trackers and those who are told, joined by callbacks. */
import type { Clock, Timer } from '../clock.js';
import { Lateness } from '../lateness.js';
import type { Log } from '../log.js';
import type { Mail } from '../mail/config.js';
import { type ProcessDemands, presentDemands, settleProcess } from '../net/process.js';
import { SystemError } from '../net/system-error.js';
import type { runScript } from '../script/run.js';
import type { VrrpConfig } from '../vrrp/config.js';
import { createDirector, type DirectorOptions } from '../vrrp/director.js';
import { createNotifier } from '../vrrp/notify/notifier.js';
import { createBorrowed, type Loans, parseLoans } from '../vrrp/place/borrowed.js';
import { type Placed, parsePlaced } from '../vrrp/place/leftovers.js';
import { openNetwork } from '../vrrp/place/network.js';
import { parseSavedVrrp, type SavedVrrp } from '../vrrp/saved.js';
import type { VrrpStatus } from '../vrrp/status.js';
import { createTrackers } from '../vrrp/track/trackers.js';
import type { ChildSettings, VrrpReply, VrrpRequest } from './messages.js';
import { createStateFile } from './state-file.js';
import { createAccept } from './vrrp-accept.js';

export type VrrpOptions = {
  readonly settings: ChildSettings;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds since the machine booted, on a clock all processes share. */
  readonly bootNow: () => number;
  /** The instances that are MASTER: after the first configuration, and whenever they have changed. */
  readonly onMasters: (names: readonly string[]) => void;
  readonly onStage: DirectorOptions['onStage'];
  readonly runScript: typeof runScript;
  readonly sendMail: (mail: Mail) => void;
};

export type Vrrp = {
  /** Resolves when the configuration is in force. */
  readonly configure: (config: VrrpConfig) => Promise<void>;
  readonly setPools: (up: Readonly<Record<string, boolean>>) => void;
  /** Whether the health checks run. */
  readonly setChecks: (run: boolean) => void;
  readonly answer: (request: VrrpRequest) => Promise<VrrpReply>;
  /** Ends. With `remove` the addresses go to a peer first; without, everything stays for a successor to adopt. */
  readonly end: (options: { readonly remove: boolean }) => Promise<void>;
};

/** How often a master leaves a sign of life for its successor. */
const ALIVE_MS = 250;
/** What notify scripts get to end by themselves at a stop; keepalived's second. */
const SCRIPT_WAIT_MS = 1000;

/** Joins everything, or says why the machine does not allow it. */
export function createVrrp(options: VrrpOptions): Vrrp | SystemError {
  const { settings, clock, log, bootNow, onMasters, runScript, sendMail } = options;
  const startedAt = clock.wallNow();
  const lateness = new Lateness();
  let first = true;
  let telling = false;
  let alive: Timer | undefined;
  /** What was told last: nothing yet, though a predecessor may have told of masters. */
  let masters: readonly string[] | undefined;
  const asFound = presentDemands();
  let settled: ProcessDemands = {};

  const kept = {
    directory: settings.stateDir,
    clock,
    onError: (text: string) => log.error(text),
    onMended: (text: string) => log.info(text),
  };
  /** Also a process that comes after a killed one puts back what that one changed. */
  const settingsFile = createStateFile<Loans>({
    ...kept,
    name: 'vrrp-settings',
    state: () => borrowed.loans(),
  });
  /** And takes out what that one has put there. */
  const placedFile = createStateFile<Placed>({
    ...kept,
    name: 'vrrp-placed',
    state: () => underlay.placed(),
  });
  const borrowed = createBorrowed(parseLoans(settingsFile.load()), settingsFile.touch);
  const opened = openNetwork({ clock, log, onInterface: () => director.assess(), borrowed });
  if (opened instanceof SystemError) return opened;
  const underlay = opened;
  const assess = () => director.assess();
  const trackers = createTrackers({
    clock,
    log,
    onChange: assess,
    interfaceUp: underlay.interfaceUp,
    run: (script, deadlineMs) => runScript(script, { clock, deadlineMs }),
  });
  const accept = createAccept({ clock, log, runScript, onChange: () => stateFile.touch() });
  const notifier = createNotifier({ clock, log, runScript, sendMail });
  const director = createDirector({
    clock,
    log,
    underlay,
    read: trackers.read,
    notify: notifier.notify,
    onChange: changed,
    onStage: options.onStage,
    onLate: (ms) => lateness.record(clock.now(), ms),
    bootNow,
  });
  const stateFile = createStateFile<SavedVrrp>({
    ...kept,
    name: 'vrrp',
    state: () => ({ ...director.saved(), pools: trackers.pools(), closed: accept.closed() }),
  });
  return {
    configure,
    setPools,
    setChecks: (run) => director.setUnfit(!run),
    answer,
    end,
  };

  function configure(config: VrrpConfig): Promise<void> {
    const saved = first ? inherit(config) : undefined;
    first = false;
    // The health checks go on from what was last as well, and may not have come as far yet.
    if (saved?.pools !== undefined && trackers.pools() === undefined) trackers.setPools(saved.pools);
    settle(config.process);
    notifier.keepGroups(config.syncGroups.map(({ name }) => name));
    notifier.configure(config.process);
    trackers.configure(config);
    accept.configure(config);
    director.configure(config, saved);
    breathe();
    return director.settled();
  }

  /** What a predecessor has left, and `config` does not want, is taken out of the kernel. */
  function inherit(config: VrrpConfig | undefined): SavedVrrp | undefined {
    const saved = load();
    underlay.takeOut(parsePlaced(placedFile.load()), config);
    if (saved?.closed === true) accept.inherit();
    return saved;
  }

  function setPools(up: Readonly<Record<string, boolean>>): void {
    trackers.setPools(up);
    if (!first) stateFile.touch();
  }

  /** Refusals are told, and what was not asked for is not missed. What is no longer asked for is as it was found. */
  function settle(wanted: VrrpConfig['process']): void {
    const asked = demandsOf(wanted);
    if (JSON.stringify(asked) === JSON.stringify(settled)) return;
    const before = settled;
    settled = asked;
    for (const refused of settleProcess({ ...asked, ...givenUp(before, asked, asFound) })) {
      const unasked = refused.operation === REAL_TIME && wanted.rtPriority === undefined;
      log[unasked ? 'info' : 'warn'](
        { code: refused.code },
        `${refused}: adverts may be late on a busy machine`,
      );
    }
  }

  function load(): SavedVrrp | undefined {
    const saved = stateFile.load();
    if (saved === undefined) return undefined;
    try {
      return parseSavedVrrp(saved);
    } catch (error) {
      log.warn(`cannot adopt what was saved: ${(error as Error).message}: starting afresh`);
      return undefined;
    }
  }

  function changed(): void {
    stateFile.touch();
    placedFile.touch();
    // Many become masters at one time: they are told of together.
    if (!telling) setImmediate(tellMasters);
    telling = true;
  }

  function tellMasters(): void {
    telling = false;
    const now = director.saved().masters;
    if (now.join(' ') !== masters?.join(' ')) onMasters(now);
    masters = now;
  }

  /** While anything is held, the successor of a killed process must know how long ago that was. */
  function breathe(): void {
    alive?.cancel();
    if (masters !== undefined && masters.length > 0) stateFile.touch();
    alive = clock.wake(clock.now() + ALIVE_MS, breathe);
  }

  async function answer(request: VrrpRequest): Promise<VrrpReply> {
    try {
      switch (request.what) {
        case 'status':
          await director.settled();
          return { kind: 'status', status: status() };
        case 'obeyed':
          await director.settled();
          return { kind: 'obeyed' };
        case 'handover':
          return { kind: 'handover', results: await director.handover(request.instance) };
        case 'resume':
          return { kind: 'handover', results: await director.resume(request.instance) };
      }
    } catch (error) {
      return { kind: 'refused', text: (error as Error).message };
    }
  }

  function status(): VrrpStatus {
    const { p50Ms, p99Ms, maxMs } = lateness.summary(clock.now());
    return {
      pid: process.pid,
      startedAt,
      instances: director.instances(),
      groups: director.groups(),
      drops: underlay.drops(),
      lateness: { p50Ms, p99Ms, maxMs },
    };
  }

  async function end({ remove }: { readonly remove: boolean }): Promise<void> {
    alive?.cancel();
    trackers.stop();
    if (remove) {
      if (first) inherit(undefined);
      await director.shutdown();
      await accept.remove();
      await notifier.close(SCRIPT_WAIT_MS);
      await stateFile.remove();
    } else if (!first) {
      for (const file of [stateFile, placedFile]) file.touch();
      await Promise.all([stateFile.flush(), placedFile.flush()]);
      director.leave();
    }
    underlay.close({ remove });
    for (const file of [settingsFile, placedFile]) await (remove ? file.remove() : file.flush());
  }
}

/** SCHED_RR unless the file says another priority: an advert must not wait for the checks of the sibling process. */
const USUAL_RT_PRIORITY = 50;
const REAL_TIME = 'set real-time priority';

function demandsOf({ rtPriority, rlimitRttimeUs, nice, noSwap, cpuAffinity }: VrrpConfig['process']) {
  return {
    rtPriority: rtPriority ?? USUAL_RT_PRIORITY,
    rlimitRttimeUs,
    nice,
    noSwap: noSwap || undefined,
    cpuAffinity,
  };
}

/** What was asked for before and is not now, with what to go back to. */
function givenUp(before: ProcessDemands, now: ProcessDemands, asFound: ProcessDemands): ProcessDemands {
  const all = Object.entries(asFound) as [keyof ProcessDemands, never][];
  return Object.fromEntries(all.filter(([name]) => before[name] !== undefined && now[name] === undefined));
}
