/** Admission of sessions by this network namespace's nftables, put together. */
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { Admission } from '../nft/admission.js';
import { createNftClient } from '../nft/client.js';
import type { NftError } from '../nft/errors.js';
import { createKeeper } from '../nft/keeper.js';
import { createNftProgram } from '../nft/program.js';
import { type AdmissionStatistics, createStatistics } from '../nft/statistics.js';

export type Admissions = {
  readonly want: (admission: Admission) => Promise<void>;
  /** Rejects with an NftError where nftables cannot be used. */
  readonly check: () => Promise<void>;
  /** Resolves when what is wanted was tried, with what went wrong. */
  readonly tried: () => Promise<NftError | undefined>;
  /** Rejects with an NftError. */
  readonly statistics: () => Promise<AdmissionStatistics>;
  readonly status: () => AdmissionsStatus;
  readonly stop: (options: { readonly remove: boolean }) => Promise<void>;
};

/** Points in time are milliseconds since 1970. */
export type AdmissionsStatus = {
  readonly driftCount: number;
  readonly errorCount: number;
  readonly lastDrift?: Event;
  readonly failure?: Event;
};

type Event = { readonly at: number; readonly text: string };

export type AdmissionOptions = {
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves when the services that the marks lead to are in the kernel. */
  readonly ready: () => Promise<void>;
};

export function createAdmissions({ clock, log, ready }: AdmissionOptions): Admissions {
  const client = createNftClient(createNftProgram({ clock }));
  const statistics = createStatistics({ client, clock });
  let wanted: Admission = { spaces: [], services: [] };
  let lastDrift: Event | undefined;
  let failure: Event | undefined;
  let errorCount = 0;
  const keeper = createKeeper({
    client,
    clock,
    ready,
    onLook: (table) => statistics.look(wanted, table),
    onDrift: (lines) => {
      lastDrift = { at: clock.wallNow(), text: `nftables: ${lines.at(-1) ?? ''}` };
      for (const line of lines) log.warn(`nftables: changed by another hand, put right: ${line}`);
    },
    onError: (error) => {
      errorCount += 1;
      failure = { at: failure?.at ?? clock.wallNow(), text: error.message };
      log.error({ reason: error.reason }, `${error.message}; tried again with each pass`);
    },
    onRecovery: () => {
      failure = undefined;
      log.info('nftables: the table lvsd is as wanted again');
    },
  });
  return {
    want: (admission) => {
      wanted = admission;
      return keeper.want(admission);
    },
    check: async () => void (await client.read()),
    tried: async () => {
      await keeper.settled();
      return keeper.status().error;
    },
    statistics: () => statistics.ask(wanted),
    status: () => ({
      driftCount: keeper.status().driftCount,
      errorCount,
      ...(lastDrift && { lastDrift }),
      ...(failure && { failure }),
    }),
    stop: keeper.stop,
  };
}
