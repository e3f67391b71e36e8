/** What the lvs process needs of the kernel, and two that give it: the real one, and none at all for a dry run. */
import type { KernelStatus } from '../admin/status.js';
import type { Clock } from '../clock.js';
import type { Config } from '../config/config.js';
import { createIpvsClient, type IpvsClient } from '../ipvs/client.js';
import type { IpvsError } from '../ipvs/errors.js';
import { createReconciler } from '../ipvs/reconciler.js';
import {
  type DestinationStatus,
  destinationId,
  type Service,
  type ServiceKey,
  type ServiceStatus,
  type SyncDaemon,
  serviceId,
} from '../ipvs/table.js';
import type { OpenTransport } from '../ipvs/transport.js';
import type { Log } from '../log.js';
import { NO_STATISTICS } from '../nft/statistics.js';
import type { DestinationReading } from '../pool/flow.js';
import type { ReadCounts } from '../pool/follower.js';
import { type Admissions, createAdmissions } from './admission.js';
import { switchDaemons } from './sync-daemon.js';

export type Kernel = {
  /**
   * Applies the settings of global_defs that concern the whole table. `first` is false on a reload.
   * Rejects with an NftError where the configuration needs nftables and they cannot be used.
   */
  readonly configure: (config: Config, options: { readonly first: boolean }) => Promise<void>;
  readonly want: (key: ServiceKey, service: Service | undefined) => void;
  /** Resolves when all that was wanted before has been tried. */
  readonly settled: () => Promise<void>;
  /** Whom it lets into pools with sessions. */
  readonly admissions: Pick<Admissions, 'want' | 'tried' | 'statistics' | 'status'>;
  readonly readTable: () => Promise<readonly ServiceStatus[]>;
  /** The counts of each service's destinations, in the order of the keys. */
  readonly readCounts: ReadCounts;
  /** Runs these synchronisation daemons and no others; undefined leaves alone what runs. */
  readonly synchronise: (daemons: readonly SyncDaemon[] | undefined) => Promise<void>;
  readonly status: () => KernelStatus;
  /** Ends; with `remove`, what lvsd put into the kernel is taken out first. */
  readonly stop: (options: { readonly remove: boolean }) => Promise<void>;
};

const NO_ADMISSIONS: Kernel['admissions'] = {
  want: () => Promise.resolve(),
  tried: () => Promise.resolve(undefined),
  statistics: () => Promise.resolve(NO_STATISTICS),
  status: () => ({ driftCount: 0, errorCount: 0 }),
};

export type KernelOptions = {
  readonly clock: Clock;
  readonly log: Log;
  /** The kernel's socket, unless a test gives another. */
  readonly open?: OpenTransport;
};

/** A kernel that is left alone. */
export function dryKernel({ log }: Pick<KernelOptions, 'log'>): Kernel {
  return {
    configure: async () => {},
    want: (key, service) => {
      if (service !== undefined) log.debug({ service }, `would write ${serviceId(key)}`);
    },
    settled: async () => {},
    admissions: NO_ADMISSIONS,
    readTable: async () => [],
    readCounts: async () => [],
    synchronise: async () => {},
    status: () => ({ drifts: 0, errors: 0 }),
    stop: async () => {},
  };
}

/**
 * A kernel that is opened with the first configuration that has virtual servers: a director may do VRRP alone, on a kernel
 * without IPVS.
 */
export function kernelWhenNeeded(options: KernelOptions): Kernel {
  let kernel = dryKernel(options);
  let opened = false;
  return {
    configure: async (config, { first }) => {
      const fresh =
        !opened && (config.virtualServers.length > 0 || config.vrrp?.process.lvsSyncDaemon !== undefined);
      if (fresh) kernel = await openKernel(options);
      opened ||= fresh;
      await kernel.configure(config, { first: first || fresh });
    },
    want: (key, service) => kernel.want(key, service),
    settled: () => kernel.settled(),
    admissions: {
      want: (admission) => kernel.admissions.want(admission),
      tried: () => kernel.admissions.tried(),
      statistics: () => kernel.admissions.statistics(),
      status: () => kernel.admissions.status(),
    },
    readTable: () => kernel.readTable(),
    readCounts: (...asked) => kernel.readCounts(...asked),
    synchronise: (daemons) => kernel.synchronise(daemons),
    status: () => kernel.status(),
    stop: (how) => kernel.stop(how),
  };
}

/** The kernel of this network namespace. Rejects with an IpvsError of reason `no-ipvs` where it has no IPVS. */
export async function openKernel({ clock, log, open }: KernelOptions): Promise<Kernel> {
  const client = createIpvsClient({ clock, ...(open && { open }) });
  const { version } = await client.info();
  log.info(`kernel: IPVS ${version}`);
  let lastDrift: KernelStatus['lastDrift'];
  let errors = 0;
  let flushOnStop: Config['global']['lvsFlushOnStop'] = 'no';
  let switching = Promise.resolve();
  const firstErrorAt = new Map<string, number>();
  const reconciler = createReconciler({
    client,
    clock,
    onDrift: (service, lines) => {
      lastDrift = { at: clock.wallNow(), text: `${service}: ${lines.at(-1) ?? ''}` };
      for (const line of lines)
        log.warn({ service }, `changed by another hand, put right: ${service}: ${line}`);
    },
    onError: (error, services) => {
      errors += 1;
      for (const service of services) firstErrorAt.set(service, firstErrorAt.get(service) ?? clock.wallNow());
      log.error({ services, code: error.code }, `${error.message}; tried again with each pass`);
    },
    onRecovery: (service) => {
      firstErrorAt.delete(service);
      log.info({ service }, `${service} is as wanted again`);
    },
  });

  const admissions = createAdmissions({ clock, log, ready: reconciler.settled });

  return {
    configure: async ({ global: { lvsFlush, lvsFlushOnStop, lvsTimeouts }, virtualServers }, { first }) => {
      if (virtualServers.some(({ overflow }) => overflow?.mode === 'sessions')) await admissions.check();
      flushOnStop = lvsFlushOnStop;
      if (first && lvsFlush) await reconciler.flush();
      if (lvsTimeouts !== undefined) await setTimeouts(lvsTimeouts);
    },
    want: reconciler.want,
    settled: reconciler.settled,
    admissions,
    readTable: client.readTable,
    readCounts: (keys) => readCounts(client, keys),
    synchronise: (daemons) => daemonsInTurn(daemons),
    status: () => kernelStatus(),
    stop: async ({ remove }) => {
      await admissions.stop({ remove });
      await reconciler.stop({ remove });
      if (remove && flushOnStop !== 'no') await client.flush();
      client.close();
    },
  };

  /** One switch at a time, for the kernel holds one daemon of each role. */
  function daemonsInTurn(daemons: readonly SyncDaemon[] | undefined): Promise<void> {
    if (daemons === undefined) return Promise.resolve();
    switching = switching
      .then(() => switchDaemons(client, daemons))
      .catch((error: Error) => {
        log.error(`lvs_sync_daemon: ${error.message}`);
      });
    return switching;
  }

  async function setTimeouts(timeouts: NonNullable<Config['global']['lvsTimeouts']>): Promise<void> {
    try {
      await client.setTimeouts(timeouts);
    } catch (error) {
      log.error(`lvs_timeouts: ${(error as Error).message}`);
    }
  }

  function kernelStatus(): KernelStatus {
    const { lastPassAt, driftCount, services } = reconciler.status();
    const failed = services.find(({ state }) => state === 'failed');
    const sessions = admissions.status();
    const error = failed?.error ? describe(failed.service, failed.error) : sessions.failure;
    const last = (sessions.lastDrift?.at ?? 0) > (lastDrift?.at ?? 0) ? sessions.lastDrift : lastDrift;
    return {
      ...(lastPassAt !== undefined && { lastPassAt: clock.wallNow() - (clock.now() - lastPassAt) }),
      drifts: driftCount + sessions.driftCount,
      errors: errors + sessions.errorCount,
      ...(last && { lastDrift: last }),
      ...(error && { error }),
    };
  }

  function describe(service: string, error: IpvsError): NonNullable<KernelStatus['error']> {
    return { at: firstErrorAt.get(service) ?? clock.wallNow(), text: `${service}: ${error.message}` };
  }
}

async function readCounts(
  client: Pick<IpvsClient, 'readDestinations'>,
  keys: readonly ServiceKey[],
): Promise<readonly (readonly DestinationReading[])[]> {
  const readings: (readonly DestinationReading[])[] = [];
  for (const key of keys) readings.push((await client.readDestinations(key)).map(readingOf));
  return readings;
}

function readingOf(destination: DestinationStatus): DestinationReading {
  const { activeConnections, inactiveConnections, upperThreshold, lowerThreshold, counters } = destination;
  return {
    id: destinationId(destination),
    active: activeConnections,
    inactive: inactiveConnections,
    total: Number(counters.connections),
    perSecond: Number(counters.connectionRate),
    upperThreshold,
    lowerThreshold,
  };
}
