/** The one that talks to the kernel's IPVS: every command of the family, as plain data in and out. */
import type { Clock } from '../clock.js';
import { applyChanges } from './apply.js';
import { createChannel } from './channel.js';
import { daemonReply, infoReply, type Request, timeoutsReply } from './codec.js';
import type { Change } from './diff.js';
import type { IpvsError } from './errors.js';
import { createLink, type Link, refusal } from './link.js';
import {
  type CountedSettings,
  listServices,
  readDestinations,
  readMany,
  readOne,
  readServiceStatus,
  readServices,
  readTable,
} from './reads.js';
import type {
  DestinationStatus,
  KernelInfo,
  Service,
  ServiceKey,
  ServiceStatus,
  SyncDaemon,
  Timeouts,
} from './table.js';
import { type OpenTransport, openNetlink } from './transport.js';

export type IpvsClient = {
  /** Rejects with reason `no-ipvs` where the kernel has no IPVS, as everything here does. */
  readonly info: () => Promise<KernelInfo>;
  /** Every service of this network namespace, without destinations. */
  readonly listServices: () => Promise<readonly CountedSettings[]>;
  /** Everything, with counters. Not of one moment: services are read one after another. */
  readonly readTable: () => Promise<readonly ServiceStatus[]>;
  /** One service with counters; undefined when it does not exist. */
  readonly readService: (key: ServiceKey) => Promise<ServiceStatus | undefined>;
  /** What a service has, with counters: one request. None for a service that does not exist. */
  readonly readDestinations: (key: ServiceKey) => Promise<readonly DestinationStatus[]>;
  /** Several services without counters, in the order asked for; undefined for those that do not exist. Cheaper. */
  readonly readServices: (keys: readonly ServiceKey[]) => Promise<readonly (Service | undefined)[]>;
  /**
   * Makes changes in order, many in one datagram. What fails does not stop the others; the answer has an error
   * at the index of each change that failed. After an error of reason `lost` the later changes were not tried.
   */
  readonly apply: (changes: readonly Change[]) => Promise<readonly (IpvsError | undefined)[]>;
  readonly timeouts: () => Promise<Timeouts>;
  /** Sets what is given and leaves the rest. */
  readonly setTimeouts: (timeouts: Partial<Timeouts>) => Promise<void>;
  readonly syncDaemons: () => Promise<readonly SyncDaemon[]>;
  /** Refused with EEXIST when one of that role runs, ENODEV without the interface, EINVAL with mixed families. */
  readonly startSyncDaemon: (daemon: SyncDaemon) => Promise<void>;
  /** Refused with ESRCH when none of that role runs. */
  readonly stopSyncDaemon: (role: SyncDaemon['role']) => Promise<void>;
  /** Zeroes the counters of one service and its destinations, or of everything. */
  readonly zero: (key?: ServiceKey) => Promise<void>;
  /** Removes every service of this network namespace, also those of others. */
  readonly flush: () => Promise<void>;
  /** Ends what is under way with reason `closed`. */
  readonly close: () => void;
};

export type IpvsClientOptions = {
  readonly clock: Clock;
  /** The kernel's, unless a test gives another. */
  readonly open?: OpenTransport;
  /** How long the kernel may be silent before a request is given up. */
  readonly deadlineMs?: number;
};

const DEADLINE_MS = 5000;

/** An open client holds a socket, and keeps the process alive, from its first request until it is closed. */
export function createIpvsClient(options: IpvsClientOptions): IpvsClient {
  const { clock, open = openNetlink, deadlineMs = DEADLINE_MS } = options;
  const channel = createChannel({ clock, open, deadlineMs });
  const link = createLink(channel);
  return {
    info: () => readOne(link, { command: 'get-info' }, infoReply),
    listServices: () => listServices(link),
    readTable: () => readTable(link),
    readService: (key) => readServiceStatus(link, key),
    readDestinations: (key) => readDestinations(link, key),
    readServices: (keys) => readServices(link, keys),
    apply: (changes) => applyChanges(link, changes),
    timeouts: () => readOne(link, { command: 'get-timeouts' }, timeoutsReply),
    setTimeouts: (timeouts) => command(link, { command: 'set-timeouts', timeouts }),
    syncDaemons: () => readMany(link, { command: 'list-daemons' }, daemonReply),
    startSyncDaemon: (daemon) => command(link, { command: 'start-daemon', daemon }),
    stopSyncDaemon: (role) => command(link, { command: 'stop-daemon', role }),
    zero: (key) => command(link, key === undefined ? { command: 'zero' } : { command: 'zero', key }),
    flush: () => command(link, { command: 'flush' }),
    close: channel.close,
  };
}

async function command(link: Link, request: Request): Promise<void> {
  const error = refusal([request], await link.ask([request]));
  if (error !== undefined) throw error;
}
