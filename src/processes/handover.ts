/**
 * A planned move of the addresses takes the open connections along: the director that lets go tells the other of them, and the
 * one that takes over holds back what would end them until it knows them.
 */
import { constants, getPriority, setPriority } from 'node:os';
import type { Clock, Timer } from '../clock.js';
import { createDescribe } from '../ipvs/sync/describe.js';
import { listConnections } from '../ipvs/sync/listing.js';
import { type Service, type ServiceKey, serviceId } from '../ipvs/table.js';
import { interfaceIndex } from '../net/libc.js';
import { type MulticastSender, openMulticastSender } from '../net/multicast-sender.js';
import { readSetting } from '../net/sysctl.js';
import { SystemError, systemError } from '../net/system-error.js';
import type { ClosedConnection } from '../nft/hold.js';
import { createNftProgram, type NftProgram } from '../nft/program.js';
import type { LvsSyncDaemonConfig } from '../vrrp/config.js';
import type { Stage } from '../vrrp/election/stage.js';
import { type Duties, NO_DUTIES, type Span, together, withStage } from './duties.js';
import { answersDirectly, closedOf, heldOf } from './held.js';
import { createHolder } from './holder.js';
import { createTeller } from './teller.js';

export type HandoverOptions = {
  readonly clock: Clock;
  readonly log: Readonly<Record<'info' | 'warn', (text: string) => void>>;
  /** What `receives` answers has changed. */
  readonly onReceives: () => void;
  /** The seams to the machine; tests put others in their place. */
  readonly list?: () => AsyncIterable<readonly string[]>;
  readonly open?: (config: LvsSyncDaemonConfig) => MulticastSender | SystemError;
  readonly nft?: NftProgram;
  readonly backupOnly?: () => boolean;
  readonly reuseMode?: () => number;
  /** Puts this process before others; gives what takes that back. */
  readonly hurry?: () => () => void;
};

export type Handover = {
  /**
   * Without a synchronisation daemon nothing is handed over. `addresses`: those that VRRP moves. What was followed and noted before
   * counts.
   */
  readonly configure: (config: LvsSyncDaemonConfig | undefined, addresses: readonly string[]) => void;
  /** The service that is wanted in the kernel under a key now. */
  readonly note: (key: ServiceKey, service: Service | undefined) => void;
  /** `agoMs`: how long it has been so. */
  readonly follow: (instance: string, stage: Stage, agoMs?: number) => void;
  /** Whether connections are taken in, although this director may be master already. */
  readonly receives: () => boolean;
  /** Resolves when the other director knows all it is to know, and nothing is held. */
  readonly finish: () => Promise<void>;
};

// net/netfilter/ipvs/ip_vs_sync.c, where the configuration does not say.
const GROUP = '224.0.0.81';
const PORT = 8848;
/** Fits every interface that IPv6 may use. */
const MESSAGE_BYTES = 1200;
/** A stop waits for what was on its way. */
const FINISH_MS = 200;
/** A hold that is to end by so much later is the same still. */
const SAME_MS = 100;
/** So long after the takeover the old master has told of the connections that it began last. */
const CLOSED_AFTER_MS = 1000;
/** Of connections that are over, those beyond are left: nft takes 0.3 s for as many. */
const MOST_CLOSED = 50_000;

export function createHandover(options: HandoverOptions): Handover {
  const { clock, log, onReceives } = options;
  const {
    list = () => listConnections(clock),
    open = openSender,
    nft = createNftProgram({ clock }),
  } = options;
  const { backupOnly = readBackupOnly, reuseMode = readReuseMode, hurry = hurryProcess } = options;
  const duties = new Map<string, Duties>();
  const services = new Map<string, Service>();
  const holder = createHolder({
    run: nft,
    onError: (text) => log.warn(`hand-over: ${text}: connections of the last moment may be reset`),
  });
  const tell = createTeller({
    clock,
    list,
    onError: (text) => log.warn(`hand-over: cannot tell the other director of connections: ${text}`),
  });
  let config: LvsSyncDaemonConfig | undefined;
  let addresses: readonly string[] = [];
  let tellUntil = Number.NEGATIVE_INFINITY;
  let telling: Promise<void> | undefined;
  let hold: Span | undefined;
  let heldUntil = Number.NEGATIVE_INFINITY;
  let takeoverAt: number | undefined;
  let timer: Timer | undefined;

  return {
    configure,
    note: (key, service) => {
      if (service === undefined) services.delete(serviceId(key));
      else services.set(serviceId(key), service);
    },
    follow: (instance, stage, agoMs = 0) => {
      duties.set(instance, withStage(duties.get(instance) ?? NO_DUTIES, stage, clock.now() - agoMs));
      work();
      prepare();
    },
    receives: () => hold !== undefined && clock.now() < hold.until && !backupOnly(),
    finish: async () => {
      tellUntil = Math.min(tellUntil, clock.now() + FINISH_MS);
      await telling;
      duties.clear();
      work();
      prepare();
      await holder.settled();
    },
  };

  function configure(next: LvsSyncDaemonConfig | undefined, moved: readonly string[]): void {
    const begins = config === undefined && next !== undefined;
    config = next;
    addresses = moved;
    work();
    // A predecessor's hold that goes on has just been put anew.
    if (begins && heldUntil === Number.NEGATIVE_INFINITY) holder.sweep();
    prepare();
  }

  /** Those that are handed over here. */
  function ours(): Duties[] {
    if (config === undefined) return [];
    const { instance } = config;
    return [...duties].flatMap(([name, each]) => ((instance ?? name) === name ? [each] : []));
  }

  /** A backup is to take over at any time; one that has begun to has what it needs. */
  function prepare(): void {
    const stages = ours().map(({ stage }) => stage);
    if (stages.includes('backup')) holder.prepare();
    else if (!stages.includes('taking-over')) holder.dismiss();
  }

  function work(): void {
    const all = together(ours());
    tellUntil = all.tellUntil ?? Number.NEGATIVE_INFINITY;
    if (config !== undefined && clock.now() < tellUntil) telling ??= begin(config).finally(ended);
    const before = hold;
    hold = all.hold;
    takeoverAt = all.takeoverAt;
    if (before !== undefined || hold !== undefined) keepHold();
  }

  /** Begins the hold when its time has come, and ends it when that is over. */
  function keepHold(): void {
    timer?.cancel();
    const now = clock.now();
    if (hold === undefined || now >= hold.until) {
      hold = undefined;
      heldUntil = Number.NEGATIVE_INFINITY;
      holder.release();
      prepare();
      onReceives();
    } else if (now < hold.from) timer = clock.wake(hold.from, keepHold);
    else {
      if (hold.until > heldUntil + SAME_MS) {
        heldUntil = hold.until;
        holder.hold(heldOf([...services.values()], addresses), hold.until - now);
        void holdClosed();
      }
      timer = clock.wake(hold.until, keepHold);
    }
  }

  /** Before the takeover, or not at all: after it a client may use such a port for a connection that begins here. */
  async function holdClosed(): Promise<void> {
    const mine = heldUntil;
    const mode = reuseMode();
    if (mode === 0 || !isAhead()) return;
    const finWait = (mode & 2) !== 0 && answersDirectly([...services.values()]);
    const closed: ClosedConnection[] = [];
    try {
      for await (const lines of list()) {
        closed.push(...closedOf(lines, { finWait }));
        if (closed.length >= MOST_CLOSED || heldUntil !== mine || !isAhead()) break;
      }
    } catch {
      // Without IPVS there are no connections.
    }
    if (heldUntil !== mine || takeoverAt === undefined || !isAhead()) return;
    holder.holdClosed(closed.slice(0, MOST_CLOSED), takeoverAt + CLOSED_AFTER_MS - clock.now());
  }

  function isAhead(): boolean {
    return takeoverAt !== undefined && clock.now() < takeoverAt;
  }

  async function begin(to: LvsSyncDaemonConfig): Promise<void> {
    const sender = open(to);
    if (sender instanceof SystemError) {
      log.warn(`hand-over: cannot tell the other director of connections: ${sender}`);
    } else {
      const relax = hurry();
      const count = await tell({
        sender,
        describe: createDescribe([...services.values()]),
        message: { syncId: to.syncId, maxLength: to.maxLength ?? MESSAGE_BYTES },
        until: () => tellUntil,
      });
      relax();
      if (count !== undefined) log.info(`hand-over: told the other director of ${count} connections`);
    }
  }

  function ended(): void {
    telling = undefined;
  }
}

/** On a busy machine clients wait for this. Where it is not allowed, nothing is lost but time. */
function hurryProcess(): () => void {
  try {
    const usual = getPriority();
    setPriority(constants.priority.PRIORITY_HIGHEST);
    return () => setPriority(usual);
  } catch {
    return () => {};
  }
}

function openSender(config: LvsSyncDaemonConfig): MulticastSender | SystemError {
  const { interface: name, group = GROUP, port = PORT, ttl = 1 } = config;
  const index = interfaceIndex(name);
  if (index < 0) return systemError('find interface', name, index);
  return openMulticastSender({ group, port, ttl, on: { name, index } });
}

/** A director whose kernel receives connections balances nothing then: net.ipv4.vs.backup_only. */
function readBackupOnly(): boolean {
  return readSetting('/proc/sys/net/ipv4/vs/backup_only') === '1';
}

/** Whether a port that is used again has another real server; the other director is believed to have the same setting. */
function readReuseMode(): number {
  return Number(readSetting('/proc/sys/net/ipv4/vs/conn_reuse_mode')) || 0;
}
