/** What lvsd-lvs is made of: checkers report to the pool manager, which tells the kernel what to hold. */
import { join } from 'node:path';
import { createListener } from '../admin/listener.js';
import { serveAdmin } from '../admin/server.js';
import { joinTable } from '../admin/snapshot.js';
import type { ReloadStatus, Status } from '../admin/status.js';
import { createCheckers, type HealthUpdate, type SavedHealth } from '../checkers/checkers.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import type { Log } from '../log.js';
import type { Mail } from '../mail/config.js';
import { type AdmissionStatistics, NO_STATISTICS } from '../nft/statistics.js';
import { createManager, type DrainCommand } from '../pool/manager.js';
import { parseSaved, type Saved } from '../pool/saved.js';
import { createDryQueue } from '../script/dry-queue.js';
import { createScriptQueue } from '../script/queue.js';
import type { runScript } from '../script/run.js';
import type { InstanceConfig } from '../vrrp/config.js';
import type { Asker } from './ask.js';
import { drainRoutes } from './drain-routes.js';
import { createHandover, type Handover, type HandoverOptions } from './handover.js';
import type { Kernel } from './kernel.js';
import { createLvsNotices } from './lvs-notices.js';
import type { ChildSettings, FromChild, ToChild } from './messages.js';
import { metricsRoutes } from './metrics-routes.js';
import { createReloads } from './reload-routes.js';
import { createStateFile } from './state-file.js';
import { createSynchroniser, type Synchroniser } from './synchroniser.js';
import { vrrpRoutes, vrrpStatus, whetherObeyed } from './vrrp-routes.js';

export type LvsOptions = {
  readonly settings: ChildSettings;
  readonly kernel: Kernel;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** False once the supervisor is gone. */
  readonly supervised: () => boolean;
  /** Never rejects. */
  readonly askVrrp: Asker['ask'];
  /** Tells the supervisor; false when there is none. */
  readonly tell: (message: FromChild) => boolean;
  /** Which virtual servers have their quorum, by id: all of them, whenever that changes. */
  readonly onPools: (up: Readonly<Record<string, boolean>>) => void;
  readonly runScript: typeof runScript;
  readonly sendMail: (mail: Mail) => void;
  /** The machine's nftables for the hold, unless a test gives others. */
  readonly nft?: HandoverOptions['nft'];
};

export type Lvs = {
  /**
   * Sets what there is, at first and on a reload. Rejects with an NftError where the configuration needs nftables and they cannot be
   * used: on a reload nothing has been changed then.
   */
  readonly configure: (config: Config) => Promise<void>;
  /** Resolves when the whole table was tried to be written, and lvsd-vrrp may begin. */
  readonly settled: () => Promise<void>;
  readonly setMasters: Synchroniser['setMasters'];
  /** How far a move of an instance's addresses is. */
  readonly follow: Handover['follow'];
  readonly noteReload: (reload: ReloadStatus) => void;
  /** The reload of that number, asked for by the admin interface, is the one noted last. Resolves when lvsd-vrrp has followed. */
  readonly answerReload: (over: Extract<ToChild, { kind: 'reloaded' }>) => Promise<void>;
  /** How often the supervisor has started each of its children. */
  readonly noteStarts: (counts: Readonly<Record<string, number>>) => void;
  /** Ends. With `remove` the kernel's table is cleared of what lvsd put there; without, a successor adopts it. */
  readonly end: (options: { readonly remove: boolean }) => Promise<void>;
};

/** A notify script that runs longer than this is ended. */
const SCRIPT_DEADLINE_MS = 60_000;
/** What scripts get to end by themselves at a stop; keepalived's second. */
const STOP_WAIT_MS = 1000;

export function createLvs(options: LvsOptions): Lvs {
  const { settings, kernel, clock, log, version, supervised, askVrrp, onPools, nft } = options;
  const notices = createLvsNotices(options);
  const startedAt = clock.wallNow();
  let first = true;
  let lastReload: ReloadStatus | undefined;
  let starts: Readonly<Record<string, number>> | undefined;
  let quorums = new Map<string, boolean>();
  let verdicts: HealthUpdate[] = [];
  const scripts = settings.dryRun
    ? createDryQueue({ log })
    : createScriptQueue({ clock, log, deadlineMs: SCRIPT_DEADLINE_MS });
  const complaints = {
    onError: (text: string) => log.error(text),
    onMended: (text: string) => log.info(text),
  };
  const handover = createHandover({
    clock,
    log,
    onReceives: () => void synchroniser.look(),
    ...(nft && { nft }),
  });
  const synchroniser = createSynchroniser({
    clock,
    log,
    synchronise: kernel.synchronise,
    receives: handover.receives,
  });
  const manager = createManager({
    clock,
    want: (key, service) => {
      handover.note(key, service);
      kernel.want(key, service);
    },
    admit: kernel.admissions.want,
    read: kernel.readCounts,
    runScript: scripts.run,
    onQuorum: quorumMoved,
    onEvent: notices.tell,
    log,
  });
  const stateFile = createStateFile<Saved>({
    ...complaints,
    directory: settings.stateDir,
    name: 'lvs',
    clock,
    state: manager.saved,
  });
  const checkers = createCheckers({
    clock,
    random: Math.random,
    onHealth: verdict,
    onAgent: ({ reply: words, ...update }) => {
      if (manager.setAgent({ ...update, words })) stateFile.touch();
    },
    onFailure: (update) => log.warn(update, `check failed: ${update.checker}: ${update.reason}`),
  });
  const reloads = createReloads(clock, options.tell);
  const metrics = metricsRoutes({ status, tallies: checkers.tallies });
  const admin = serveAdmin({
    ...complaints,
    clock,
    socket: join(settings.stateDir, 'lvsd.sock'),
    routes: {
      '/v1/status': status,
      ...metrics,
      ...vrrpRoutes(askVrrp),
      ...drainRoutes(drain),
      ...reloads.routes,
    },
  });
  const listener = createListener({ ...complaints, clock, routes: metrics });
  return {
    configure,
    settled,
    setMasters: synchroniser.setMasters,
    follow: handover.follow,
    noteReload,
    answerReload,
    noteStarts,
    end,
  };

  async function configure(config: Config): Promise<void> {
    await kernel.configure(config, { first });
    if (first) restore();
    notices.configure(config);
    // The port is for the lvsd that works.
    listener.configure(settings.dryRun ? undefined : config.global.metricsListen);
    manager.configure(config.virtualServers, { rsInitNotifies: first && config.global.rsInitNotifies });
    checkers.configure(config.checkers, knownHealth(manager.saved()));
    stateFile.touch();
    const error = first ? await kernel.admissions.tried() : undefined;
    // What was refused once will be refused again; what came too late may not.
    if (error !== undefined && error.reason !== 'timeout') throw error;
    first = false;
    quorums = new Map(manager.snapshot().map(({ id, quorum }) => [id, quorum.up]));
    onPools(Object.fromEntries(quorums));
    // Who only looks on holds nothing back either, and sweeps away nobody's hold.
    const syncDaemon = settings.dryRun ? undefined : config.vrrp?.process.lvsSyncDaemon;
    handover.configure(syncDaemon, (config.vrrp?.instances ?? []).flatMap(addressesOf));
    await synchroniser.configure(syncDaemon);
  }

  async function settled(): Promise<void> {
    await manager.stated();
    await kernel.settled();
    await synchroniser.expect();
  }

  /** Those of one turn of the event loop are handed on together, at its end. */
  function verdict(update: HealthUpdate): void {
    if (verdicts.push(update) === 1) queueMicrotask(handOn);
  }

  function handOn(): void {
    const updates = verdicts;
    verdicts = [];
    manager.setHealth(...updates);
    stateFile.touch();
  }

  function quorumMoved(virtualServer: string, up: boolean): void {
    if (quorums.get(virtualServer) === up) return;
    quorums.set(virtualServer, up);
    // At first all of them at once: whoever hears of some would not know of the others any more.
    if (!first) onPools(Object.fromEntries(quorums));
  }

  function restore(): void {
    const saved = stateFile.load();
    if (saved === undefined) return;
    try {
      manager.restore(parseSaved(saved));
      log.info('adopting the table and the health of every server from before');
    } catch (error) {
      log.warn(`cannot adopt what was saved: ${(error as Error).message}: starting afresh`);
    }
  }

  function noteReload(reload: ReloadStatus): void {
    lastReload = reload;
  }

  /** lvsd-vrrp was told before: what it says now it says with the new configuration. */
  async function answerReload({
    id,
    warnings,
    refused,
  }: Extract<ToChild, { kind: 'reloaded' }>): Promise<void> {
    if (refused !== undefined) return reloads.refused(id, refused);
    const errors = lastReload?.errors ?? [];
    const unanswered = errors.length > 0 ? undefined : await whetherObeyed(askVrrp);
    reloads.ended(id, { errors, warnings, ...(unanswered !== undefined && { unanswered }) });
  }

  function noteStarts(counts: Readonly<Record<string, number>>): void {
    starts = counts;
  }

  async function status(): Promise<Status> {
    const vrrp = await vrrpStatus(askVrrp);
    return {
      version,
      pid: process.pid,
      startedAt,
      at: clock.wallNow(),
      dryRun: settings.dryRun,
      supervised: supervised(),
      ...(starts && { starts }),
      ...(lastReload && { lastReload }),
      kernel: kernel.status(),
      checks: checkers.statistics(),
      virtualServers: joinTable(manager.snapshot(), await kernel.readTable(), await admissions()),
      ...(vrrp && { vrrp }),
    };
  }

  /** Status tells what else it knows when nftables does not answer. */
  async function admissions(): Promise<AdmissionStatistics> {
    return kernel.admissions.statistics().catch(() => NO_STATISTICS);
  }

  function drain(command: DrainCommand): void {
    manager.drain(command);
    stateFile.touch();
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => clock.wake(clock.now() + ms, resolve));
  }

  async function end({ remove }: { readonly remove: boolean }): Promise<void> {
    checkers.stop();
    await handover.finish();
    await synchroniser.end({ remove });
    manager.stop({ remove });
    await kernel.stop({ remove });
    await (remove ? stateFile.remove() : stateFile.flush());
    await Promise.race([scripts.idle(), pause(STOP_WAIT_MS)]);
    scripts.stop();
    notices.close();
    admin.close();
    listener.close();
  }
}

function knownHealth({ virtualServers }: Saved): readonly SavedHealth[] {
  return virtualServers.flatMap(({ servers }) => servers).flatMap(({ checkers }) => checkers);
}

function addressesOf({ virtualAddresses, excludedAddresses }: InstanceConfig): readonly string[] {
  return [...virtualAddresses, ...excludedAddresses].map(({ address }) => address);
}
