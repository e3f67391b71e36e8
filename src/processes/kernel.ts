/** What the lvs process needs of the kernel, and two that give it: the real one, and none at all for a dry run. */
import type { KernelStatus } from '../admin/status.js';
import type { Clock } from '../clock.js';
import type { GlobalConfig } from '../config/config.js';
import { createIpvsClient } from '../ipvs/client.js';
import type { IpvsError } from '../ipvs/errors.js';
import { createReconciler } from '../ipvs/reconciler.js';
import type { Service, ServiceKey, ServiceStatus } from '../ipvs/table.js';
import type { Log } from '../log.js';

export type Kernel = {
  /** Applies the settings of global_defs that concern the whole table. `first` is false on a reload. */
  readonly configure: (global: GlobalConfig, options: { readonly first: boolean }) => Promise<void>;
  readonly want: (key: ServiceKey, service: Service | undefined) => void;
  readonly readTable: () => Promise<readonly ServiceStatus[]>;
  readonly status: () => KernelStatus;
  /** Ends; with `remove`, what lvsd put into the kernel is taken out first. */
  readonly stop: (options: { readonly remove: boolean }) => Promise<void>;
};

export type KernelOptions = { readonly clock: Clock; readonly log: Log };

/** A kernel that is left alone. */
export function dryKernel({ log }: Pick<KernelOptions, 'log'>): Kernel {
  return {
    configure: async () => {},
    want: (_key, service) => {
      if (service !== undefined) log.debug({ service }, 'would write');
    },
    readTable: async () => [],
    status: () => ({ drifts: 0 }),
    stop: async () => {},
  };
}

/** The kernel of this network namespace. Rejects with an IpvsError of reason `no-ipvs` where it has no IPVS. */
export async function openKernel({ clock, log }: KernelOptions): Promise<Kernel> {
  const client = createIpvsClient({ clock });
  const { version } = await client.info();
  log.info(`kernel: IPVS ${version}`);
  let lastDrift: KernelStatus['lastDrift'];
  let flushOnStop: GlobalConfig['lvsFlushOnStop'] = 'no';
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
      for (const service of services) firstErrorAt.set(service, firstErrorAt.get(service) ?? clock.wallNow());
      log.error({ services, code: error.code }, `${error.message}; tried again with each pass`);
    },
    onRecovery: (service) => {
      firstErrorAt.delete(service);
      log.info({ service }, `${service} is as wanted again`);
    },
  });

  return {
    configure: async ({ lvsFlush, lvsFlushOnStop, lvsTimeouts }, { first }) => {
      flushOnStop = lvsFlushOnStop;
      if (first && lvsFlush) await reconciler.flush();
      if (lvsTimeouts !== undefined) await setTimeouts(lvsTimeouts);
    },
    want: reconciler.want,
    readTable: client.readTable,
    status: () => kernelStatus(),
    stop: async ({ remove }) => {
      await reconciler.stop({ remove });
      if (remove && flushOnStop !== 'no') await client.flush();
      client.close();
    },
  };

  async function setTimeouts(timeouts: NonNullable<GlobalConfig['lvsTimeouts']>): Promise<void> {
    try {
      await client.setTimeouts(timeouts);
    } catch (error) {
      log.error(`lvs_timeouts: ${(error as Error).message}`);
    }
  }

  function kernelStatus(): KernelStatus {
    const { lastPassAt, driftCount, services } = reconciler.status();
    const failed = services.find(({ state }) => state === 'failed');
    return {
      ...(lastPassAt !== undefined && { lastPassAt: clock.wallNow() - (clock.now() - lastPassAt) }),
      drifts: driftCount,
      ...(lastDrift && { lastDrift }),
      ...(failed?.error && { error: describe(failed.service, failed.error) }),
    };
  }

  function describe(service: string, error: IpvsError): NonNullable<KernelStatus['error']> {
    return { at: firstErrorAt.get(service) ?? clock.wallNow(), text: `${service}: ${error.message}` };
  }
}
