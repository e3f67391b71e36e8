/** What the reconciler knows of each service it answers for: wanted, written, in error, drifted. Tells what is news. */
import { describeDrift } from './drift.js';
import type { IpvsError } from './errors.js';
import type { TaskResult } from './reconcile.js';
import type { Service, ServiceKey } from './table.js';

export type LedgerEvents = {
  /** Someone else had changed a service; it is being put right. One line a finding. */
  readonly onDrift?: (service: string, lines: readonly string[]) => void;
  /** Services could not be made as wanted. Called once for a reason, not with every attempt. */
  readonly onError?: (error: IpvsError, services: readonly string[]) => void;
  /** A service that had an error is as wanted now. */
  readonly onRecovery?: (service: string) => void;
};

export type ServiceProgress = {
  /** As serviceId has it. */
  readonly service: string;
  /** `pending`: being written. `failed`: see `error`; tried again with each pass. */
  readonly state: 'settled' | 'pending' | 'failed';
  readonly error?: IpvsError;
  /** Findings put right since it was first wanted. */
  readonly driftCount: number;
};

export type Entry = {
  /** As serviceId has it. */
  readonly id: string;
  readonly key: ServiceKey;
  /** Undefined: to be removed and forgotten. */
  want: Service | undefined;
  /** What the kernel held when it was last made so; undefined while that is not known. */
  written: Service | undefined;
  error: IpvsError | undefined;
  driftCount: number;
};

export type Ledger = {
  readonly entries: Map<string, Entry>;
  /** Findings put right since the start, over all services. */
  readonly driftCount: () => number;
  /** The entry of a service, made when there is none. */
  readonly open: (id: string, key: ServiceKey) => Entry;
  /** Takes in how an attempt to write `want` went. */
  readonly note: (entry: Entry, want: Service | undefined, result: TaskResult) => void;
  /** Takes in that nothing could be read or written: what the kernel holds is not known any more. */
  readonly fail: (entries: readonly Entry[], error: IpvsError) => void;
};

export function createLedger(events: LedgerEvents): Ledger {
  const entries = new Map<string, Entry>();
  let driftCount = 0;

  const fail = (affected: readonly Entry[], error: IpvsError): void => {
    const news = affected.filter((entry) => entry.error?.message !== error.message);
    for (const entry of affected) Object.assign(entry, { error, written: undefined });
    if (news.length > 0)
      events.onError?.(
        error,
        news.map(({ id }) => id),
      );
  };

  const succeed = (entry: Entry, want: Service | undefined): void => {
    entry.written = want;
    if (want === undefined && entry.want === undefined) entries.delete(entry.id);
    if (entry.error === undefined) return;
    entry.error = undefined;
    events.onRecovery?.(entry.id);
  };

  return {
    entries,
    driftCount: () => driftCount,
    open: (id, key) => {
      const entry = entries.get(id) ?? newEntry(id, key);
      entries.set(id, entry);
      return entry;
    },
    note: (entry, want, { drift, error }) => {
      entry.driftCount += drift.length;
      driftCount += drift.length;
      if (drift.length > 0) events.onDrift?.(entry.id, describeDrift(drift));
      if (error === undefined) succeed(entry, want);
      else fail([entry], error);
    },
    fail,
  };
}

/** `waiting`: there is something about it still to be written. */
export function progress({ id, want, written, error, driftCount }: Entry, waiting: boolean): ServiceProgress {
  if (error !== undefined) return { service: id, state: 'failed', error, driftCount };
  const settled = !waiting && want !== undefined && want === written;
  return { service: id, state: settled ? 'settled' : 'pending', driftCount };
}

function newEntry(id: string, key: ServiceKey): Entry {
  return { id, key, want: undefined, written: undefined, error: undefined, driftCount: 0 };
}
