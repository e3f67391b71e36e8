/** What the VRRP process tells of itself, as data. Points in time are milliseconds since 1970; lengths are milliseconds. */
import type { Family } from '../net/address.js';
import type { GroupState } from './election/group.js';
import type { StateName } from './election/state.js';
import type { TrafficCounts } from './packets/counters.js';
import type { DropReason } from './packets/drop-reasons.js';
import type { OtherAddresses } from './packets/other-addresses.js';

export type VrrpStatus = {
  readonly pid: number;
  readonly startedAt: number;
  readonly instances: readonly InstanceStatus[];
  readonly groups: readonly GroupStatus[];
  /** Packets that belong to no instance, by reason. */
  readonly drops: Readonly<Partial<Record<DropReason, number>>>;
  /** How late the event loop was, over the last one to two minutes. */
  readonly lateness: LatenessStatus;
};

export type LatenessStatus = { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };

export type InstanceStatus = {
  readonly name: string;
  readonly state: StateName;
  readonly since: number;
  /** Why it is in this state, in words. */
  readonly cause: string;
  readonly family: Family;
  readonly version: 2 | 3;
  readonly virtualRouterId: number;
  readonly interface?: string;
  readonly group?: string;
  readonly priority: { readonly effective: number; readonly configured: number };
  readonly advertIntMs: number;
  /** Who is master as far as is known; absent when nobody was heard. */
  readonly master?: MasterStatus;
  readonly addresses: {
    readonly held: readonly string[];
    /** Ought to be there and are not; none while not master. */
    readonly missing: readonly string[];
    /** Are there although another is to have them: while it is BACKUP or in FAULT. */
    readonly unwanted: readonly string[];
  };
  /** The operator wants another to be master, and has not taken that back. */
  readonly handedOver: boolean;
  /** Addresses, routes, rules and made interfaces that another hand took away since the start, and that were put back. */
  readonly drifts: number;
  readonly lastDrift?: Drift;
  readonly counts: TrafficCounts;
  /** When an advert of another router was believed last; absent before the first. */
  readonly lastHeardAt?: number;
  /** What keeps it from being master, in words. */
  readonly fault?: string;
  /** Trackers that are down, each with what it costs. */
  readonly trackersDown: readonly string[];
  /** Trackers that have to speak before it starts. */
  readonly waitingFor: readonly string[];
};

export type Drift = { readonly at: number; readonly text: string };

export type MasterStatus = {
  readonly self: boolean;
  readonly address: string;
  readonly priority: number;
  readonly advertIntMs: number;
  /** Of another one, whose addresses are not those configured here. */
  readonly otherAddresses?: OtherAddresses;
};

export type GroupStatus = {
  readonly name: string;
  readonly state: GroupState;
  readonly instances: readonly string[];
};
