/** What `lvsd status` tells, as data. Points in time are milliseconds since 1970; lengths are milliseconds. */
import type { AgentState } from '../pool/memory.js';
import type { Crowd } from '../pool/tally.js';
import type { VrrpStatus } from '../vrrp/status.js';

export type Status = {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: number;
  /** When this was asked. */
  readonly at: number;
  readonly dryRun: boolean;
  /** False when the supervisor was killed and this process goes on alone. */
  readonly supervised: boolean;
  /** How often the supervisor has started each of its children; absent before it has said. */
  readonly starts?: Readonly<Record<string, number>>;
  readonly lastReload?: ReloadStatus;
  readonly kernel: KernelStatus;
  readonly checks: ChecksStatus;
  readonly virtualServers: readonly VirtualServerStatus[];
  /** Absent where no VRRP is configured. */
  readonly vrrp?: VrrpStatus | VrrpSilent;
};

/** VRRP is configured, and its process does not answer. */
export type VrrpSilent = { readonly error: string };

export type ReloadStatus = {
  readonly at: number;
  /** Empty when the file was good. */
  readonly errors: readonly string[];
};

export type KernelStatus = {
  /** When the whole table was last read back and found, or made, right. */
  readonly lastPassAt?: number;
  /** Entries found changed or missing by another hand since the start, and put back. */
  readonly drifts: number;
  /** Refusals of the kernel since the start. */
  readonly errors: number;
  readonly lastDrift?: { readonly at: number; readonly text: string };
  /** Why the table cannot be made right now. */
  readonly error?: { readonly at: number; readonly text: string };
};

export type ChecksStatus = {
  readonly checkers: number;
  /** Checks under way, and those that wait for a socket. */
  readonly running: number;
  readonly waiting: number;
  /** How late checks started, over the last one to two minutes. */
  readonly lateness: {
    readonly count: number;
    readonly p50Ms: number;
    readonly p99Ms: number;
    readonly maxMs: number;
  };
};

export type VirtualServerStatus = {
  readonly id: string;
  readonly scheduler: string;
  /** Whether the quorum is there. */
  readonly up: boolean;
  readonly since: number;
  /** Sum of the weights of the servers that are up, and what is needed of it. */
  readonly weight: number;
  readonly quorum: number;
  readonly hysteresis: number;
  readonly realServers: readonly RealServerStatus[];
  /** With `overflow sessions` only. */
  readonly sessions?: SessionsStatus;
  readonly sorryServers: readonly SorryServerStatus[];
  /** With the keyword overflow only. */
  readonly overflow?: Crowd;
  /** Servers no longer configured that keep their connections until then at the longest. */
  readonly leaving: readonly { readonly id: string; readonly until: number }[];
};

/** `id` is its address and port. */
export type SorryServerStatus = RealServerStatus & {
  /** Newcomers get to it. */
  readonly inUse: boolean;
};

export type SessionsStatus = {
  readonly space: string;
  /** Sessions there may be. */
  readonly places: number;
  readonly timeoutMs: number;
  /** `open`: newcomers get in while there is a place; `closed`: only who is in; `shut`: nobody. */
  readonly door: 'open' | 'closed' | 'shut';
  /** Firewall marks of the pool's service and of the sorry servers'. */
  readonly poolMark: number;
  readonly sorryMark: number;
  /** Sessions in the space now, over all virtual servers that share it; absent, as those below, when nftables did not say. */
  readonly sessions?: number;
  readonly free?: number;
  /** Clients let in, and attempts to connect that went to the sorry servers, since the table was made. */
  readonly admitted?: number;
  readonly turnedAway?: number;
  /** Since when newcomers have been turned away for want of a place, as each look of 10 s found; absent while they are not. */
  readonly fullSince?: number;
  /** How often it became full or had room again. */
  readonly transitions?: number;
};

export type RealServerStatus = {
  readonly id: string;
  readonly up: boolean;
  readonly since: number;
  /** Why it is down: one line a failed checker. */
  readonly reasons: readonly string[];
  /** The configured weight. */
  readonly weight: number;
  /** What its agent said last: per cent of the weight, and whether it wants newcomers. */
  readonly agent?: AgentState;
  /** By command: it gets no newcomers (until then at the longest), or has left. */
  readonly drain?: { readonly kind: 'draining'; readonly until: number } | { readonly kind: 'drained' };
  /** It came back, and has its whole share from then on. */
  readonly rampUntil?: number;
  /** What the kernel has of it, over all services of the virtual server; absent when it is not in the table. */
  readonly kernel?: DestinationCounts;
  readonly checkers: readonly CheckerStatus[];
};

export type DestinationCounts = {
  readonly weight: number;
  readonly active: number;
  readonly inactive: number;
  /** Connections since the entry was made. */
  readonly total: number;
};

export type CheckerStatus = {
  readonly id: string;
  readonly type: string;
  readonly up: boolean;
  readonly since: number;
  /** The last result in words. */
  readonly reason: string;
};
