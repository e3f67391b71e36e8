/** What an instance or a group watches, and what each costs it. */
import type { Script } from '../../script.js';

/** The trackers of an instance or a group, with the weight of each worked out (its own, else that of the thing tracked). */
export type TrackConfig = {
  readonly interfaces: readonly TrackedConfig[];
  readonly scripts: readonly TrackedConfig[];
  readonly files: readonly TrackedConfig[];
  readonly processes: readonly TrackedConfig[];
  /** lvsd's own `track_pool`: virtual servers by id; failed while the quorum is lost. */
  readonly pools: readonly TrackedConfig[];
};

/** One line of a track block. */
export type TrackedConfig = {
  readonly name: string;
  /** 0: failing is a fault. Positive: added while well. Negative: added while failing. A file's number is multiplied by it. */
  readonly weight: number;
  /** The sign is turned round; with weight 0 being well is the fault. */
  readonly reverse: boolean;
};

/** vrrp_script */
export type ScriptConfig = {
  readonly name: string;
  readonly script: Script;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Successes in a row to be well again, failures in a row to have failed; each at least 1. */
  readonly rise: number;
  readonly fall: number;
  /** Counts as failed until it has succeeded. */
  readonly initFail: boolean;
};

/** track_file: a number in a file. */
export type TrackFileConfig = {
  readonly name: string;
  readonly path: string;
  /** Written at start where the file is missing, or always with overwrite. */
  readonly init?: { readonly value: number; readonly overwrite: boolean };
};

/** vrrp_track_process */
export type TrackProcessConfig = {
  readonly name: string;
  /** The command as in `process`, then its arguments. */
  readonly command: string;
  readonly args: readonly string[];
  /** How the arguments must agree; absent: not looked at when none are given, otherwise all exactly. */
  readonly paramMatch?: 'exact' | 'partial' | 'initial';
  /** Look at the whole command line rather than the process name. */
  readonly fullCommand: boolean;
  /** Well while at least so many run, and at most so many. */
  readonly quorum: number;
  readonly quorumMax?: number;
  /** Waits before a gained or lost quorum is believed: fork_delay, terminate_delay. */
  readonly forkDelayMs: number;
  readonly terminateDelayMs: number;
};

/** A line of interface_up_down_delays. */
export type InterfaceDelayConfig = {
  readonly interface: string;
  readonly downDelayMs: number;
  readonly upDelayMs: number;
};
