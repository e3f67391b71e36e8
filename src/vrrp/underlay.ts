/** What the director needs of the machine's network: a place for each instance to send from, listen at and hold addresses on. */
import type { InstanceConfig, VrrpConfig } from './config.js';
import type { Hands } from './instance.js';
import type { DropReason } from './packets/drop-reasons.js';
import type { Envelope } from './packets/receive.js';

export type Loss = 'taken' | 'expired';

/** What an instance's place tells of by itself. */
export type Upcalls = {
  readonly receive: (payload: Uint8Array, envelope: Envelope) => void;
  /** Its link or its source address may be another now. */
  readonly changed: () => void;
  /**
   * Something of it is to be put back: what someone took away, or what expired since this process did not get to run, named for people;
   * none, where it was never there or this process did it.
   */
  readonly lost: (what: readonly string[], why: Loss) => void;
  /** Interfaces made for it that someone deleted or set down, and that are there again without what was on them: what was done to each. */
  readonly remade: (what: readonly string[]) => void;
};

/** The addresses an instance holds while master, as people read them. */
export type Holding = { readonly held: readonly string[]; readonly missing: readonly string[] };

export type Place = Hands & {
  /** Why nothing can be sent or answered, in words; empty when it can. */
  readonly faults: () => readonly string[];
  /** The source of its adverts. */
  readonly primaryAddress: () => string | undefined;
  /** What the kernel has of its addresses now. */
  readonly holding: () => Holding;
  /** Its interface or its source address may be another, though its configuration is not. */
  readonly look: () => void;
  /** What is held by this configuration it will hold in the same turn of the event loop: no other instance takes it away meanwhile. */
  readonly claim: (config: InstanceConfig) => void;
  /** A reload: held addresses that are no longer wanted go, new ones are there at once where others are held. */
  readonly reconfigure: (config: InstanceConfig) => void;
  /** Of one that was attached to wait: listens, and makes its interfaces, from now on. Otherwise it does so already. */
  readonly enter: () => void;
  /** Removes the interfaces that were made for it, when it ends for good, but for those that its successor has too. */
  readonly unmake: (heir?: InstanceConfig) => void;
  /** Ends reception and sending. Addresses stay as they are. */
  readonly close: () => void;
};

export type Underlay = {
  /** Settings that concern all instances, and static addresses, routes and rules; before `attach`. */
  readonly configure: (config: VrrpConfig) => void;
  /** One that waits leaves alone what another place has of it still: what is not there yet is no fault of it. */
  readonly attach: (config: InstanceConfig, upcalls: Upcalls, waits: boolean) => Place;
  /** Packets that belong to no instance, by reason. */
  readonly drops: () => Readonly<Partial<Record<DropReason, number>>>;
  readonly interfaceUp: (name: string) => boolean | undefined;
  readonly close: (options: { readonly remove: boolean }) => void;
};
