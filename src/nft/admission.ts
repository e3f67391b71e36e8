/**
 * Who may enter a pool, as plain data: what lvsd wants nftables to decide for each new client.
 * A *session space* is a set of clients of bounded size; a *service* is one virtual server whose newcomers need a place in it.
 */
import type { Family } from '../net/address.js';

/** The whole wish. Without services there is nothing to be in nftables. */
export type Admission = {
  readonly spaces: readonly SessionSpace[];
  readonly services: readonly AdmittedService[];
};

export type SessionSpace = {
  /** Part of names in nftables, see `isName`. */
  readonly name: string;
  readonly family: Family;
  /** Leading bits of the client's address that count as one client: 1–32 or 1–128. */
  readonly prefixLength: number;
  /** Sessions there may be at a time. */
  readonly size: number;
  /** How long a session lasts after the client's last packet. */
  readonly timeoutMs: number;
};

export type AdmittedService = {
  /** Part of names in nftables, see `isName`. */
  readonly name: string;
  /** Name of its session space; other services may share it. */
  readonly space: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly endpoints: readonly Endpoint[];
  /** Marks of the IPVS services of its pool and of its sorry servers. */
  readonly poolMark: number;
  readonly sorryMark: number;
  readonly door: Door;
};

/** An address of the space's family, with a port, or 0 for every port. */
export type Endpoint = { readonly address: string; readonly port: number };

/**
 * `open`: newcomers get in while there is a place. `closed`: only who is in. `shut`: nobody, and who comes meanwhile keeps the place.
 */
export type Door = 'open' | 'closed' | 'shut';

/** The longest name in the kernel is 255; what is put before it needs some. */
const NAME = /^[A-Za-z0-9_.-]{1,200}$/;

/** Whether the text may be part of a name in nftables and of its language. */
export function isName(text: string): boolean {
  return NAME.test(text);
}
