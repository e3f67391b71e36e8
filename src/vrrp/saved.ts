/** What a VRRP process leaves behind for its successor: which instances were master, and when it was last alive. */
import type { Adoption } from './election/state.js';
import type { Holding } from './underlay.js';

export type SavedVrrp = {
  /** Milliseconds since the machine booted, on a clock all processes share. */
  readonly aliveAt: number;
  /** Instances that held their addresses. */
  readonly masters: readonly string[];
  /** Instances that the operator has handed over and not taken back. */
  readonly yielded: readonly string[];
  /** Whether each virtual server had its quorum, by id. Absent: nothing was told. */
  readonly pools?: Readonly<Record<string, boolean>> | undefined;
  /** nftables may have rules of no_accept. */
  readonly closed?: boolean;
};

/** Reads what a predecessor saved. Throws an Error that says what is wrong with it. */
export function parseSavedVrrp(data: unknown): SavedVrrp {
  const {
    aliveAt,
    masters,
    yielded = [],
    pools,
    closed = false,
  } = (typeof data === 'object' && data !== null ? data : {}) as Partial<SavedVrrp>;
  if (typeof aliveAt !== 'number' || !Number.isFinite(aliveAt)) throw new Error('aliveAt is no time');
  if (!isListOfNames(masters)) throw new Error('masters is no list of names');
  if (!isListOfNames(yielded)) throw new Error('yielded is no list of names');
  if (pools !== undefined && !areReadings(pools)) throw new Error('pools are no quorums');
  return { aliveAt, masters, yielded, pools, closed: closed === true };
}

function areReadings(data: unknown): data is Readonly<Record<string, boolean>> {
  const values = typeof data === 'object' && data !== null ? Object.values(data) : [undefined];
  return values.every((value) => typeof value === 'boolean');
}

function isListOfNames(data: unknown): data is readonly string[] {
  return Array.isArray(data) && data.every((name) => typeof name === 'string');
}

/**
 * Whether an instance may go on where its predecessor ended: it was master, and its addresses, or some, are still there.
 * The predecessor's last advert is taken to be one interval older than its last sign of life.
 */
export function adoptionOf(
  saved: SavedVrrp | undefined,
  { name, advertIntMs, held, missing }: InstanceLeft,
  aliveNow: number,
): Adoption | undefined {
  if (saved === undefined || held.length === 0 || !saved.masters.includes(name)) return undefined;
  const lastAdvertAgoMs = Math.max(0, aliveNow - saved.aliveAt) + advertIntMs;
  return { of: 'last-run', lastAdvertAgoMs, partly: missing.length > 0 };
}

type InstanceLeft = { readonly name: string; readonly advertIntMs: number } & Holding;
