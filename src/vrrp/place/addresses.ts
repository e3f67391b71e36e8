/**
 * The addresses of a virtual router on their interfaces. They are put there with a lifetime in the kernel, so that a
 * director whose daemon is killed or frozen loses them by itself before its peer takes over.
 */
import {
  type AddressSpec,
  IFA_F,
  type InterfaceAddress,
  type Lifetime,
  sameAddress,
} from '../../net/route/address.js';
import { dropAddress, holdAddress, listAddresses } from '../../net/route/addresses.js';
import type { RouteEvent } from '../../net/route/events.js';
import type { LaterChanges } from '../../net/route/later.js';
import type { Link } from '../../net/route/link.js';
import type { LinkTable } from '../../net/route/links.js';
import type { Change, Outcome, RouteSocket } from '../../net/route/socket.js';
import type { Interface } from '../../net/socket-options.js';
import { SystemError } from '../../net/system-error.js';
import { type Census, takeCensus } from './census.js';
import { Losses } from './losses.js';
import type { AddressConfig } from './network-config.js';
import type { PrefixRoutes } from './prefix-routes.js';
import { sparingNeighbours } from './secondaries.js';

/** What addresses, routes and rules are kept with. */
export type Kernel = {
  readonly socket: RouteSocket;
  readonly later: LaterChanges;
  readonly links: LinkTable;
};

export type AddressesOptions = {
  /** Advertised and excluded ones alike. */
  readonly addresses: readonly AddressConfig[];
  /**
   * Told once a turn of the event loop, after packets that came with it were read: some are not there, and are to be put back. Those that
   * another hand took away: none, where this process did, or where they were never there.
   */
  readonly onLost: (lost: readonly AddressConfig[]) => void;
  /** Whether somebody else holds it now. */
  readonly isHeld?: (address: AddressConfig) => boolean;
  /** Given where routes to subnets that others have are to be left alone. */
  readonly prefixRoutes?: Pick<PrefixRoutes, 'sparedBy'> | undefined;
  /** What the machine has, read once where many ask; unless given each asks the kernel. */
  readonly census?: () => Census | SystemError;
  /** A renewal that the kernel refused. */
  readonly onError: (error: SystemError) => void;
};

/** What of the addresses an earlier life left behind. */
export type Leftover = {
  readonly missing: readonly AddressConfig[];
  /** Seconds until the first of those that are there goes by itself; Infinity where none does. */
  readonly leastValidS: number;
};

type Placed = { readonly config: AddressConfig; readonly on: Interface };

// Errors of a removal that mean it is done: not there, its interface is gone.
const GONE = ['EADDRNOTAVAIL', 'ENODEV'];

export class VirtualAddresses {
  readonly #kernel: Kernel;
  readonly #options: AddressesOptions;
  #held = false;
  readonly #losses: Losses<AddressConfig>;
  /** The kernel would not have them. */
  #refused = new Set<AddressConfig>();
  /** This process took them away, for one that does not want them. */
  readonly #given = new Set<AddressConfig>();
  /** No renewal was made since one was asked for. */
  #isUnderway = false;
  /** Whether the thread pool has given no sign of life since the last was asked for. */
  #isPoolSilent: (() => boolean) | undefined;
  /** Those that leave the route to their subnet alone. */
  #sparing: ReadonlySet<AddressConfig> = new Set();

  constructor(kernel: Kernel, options: AddressesOptions) {
    this.#kernel = kernel;
    this.#options = options;
    this.#losses = new Losses({
      isOn: ({ interface: on }, name) => on === name,
      onLost: (which) => this.#tell(which),
    });
  }

  /** Whether they were acquired and not released since. */
  get held(): boolean {
    return this.#held;
  }

  /**
   * Puts every address on its interface, for so many seconds (undefined: for ever), or renews those that are there.
   * When it returns they answer. What the kernel refused is returned; the others are there.
   */
  acquire(lifetimeS: number | undefined): readonly SystemError[] {
    this.#held = true;
    const all = this.#all();
    this.#sparing = this.#options.prefixRoutes?.sparedBy(all) ?? new Set();
    const outcomes = this.#kernel.socket.change(all.map((each) => this.#holding(each, lifetimeS)));
    this.#refused = new Set(all.filter((_, i) => outcomes[i] !== undefined).map(({ config }) => config));
    return failures(outcomes);
  }

  /**
   * Gives every address a new lifetime, without waiting for the kernel. Where all threads of the pool hang, which others use as well, that
   * would never happen: then it is made here and now. A kernel that keeps a thread waiting would keep us waiting too, so that is no reason.
   */
  renew(lifetimeS: number | undefined): void {
    const all = this.#all();
    if (this.#isPoolSilent?.() === true) {
      const changes = all.map((each) => this.#holding(each, lifetimeS));
      for (const refused of failures(this.#kernel.socket.change(changes))) this.#options.onError(refused);
      return;
    }
    if (this.#isUnderway) this.#isPoolSilent = this.#kernel.later.probe();
    this.#isUnderway = true;
    for (const each of all) {
      this.#kernel.later.push({
        change: this.#holding(each, lifetimeS),
        wanted: () => this.#held,
        done: (outcome) => this.#renewed(each, outcome),
      });
    }
  }

  #holding({ config, on }: Placed, lifetimeS: number | undefined): Change {
    const spec = specOf(config);
    const flags = this.#sparing.has(config) ? spec.flags | IFA_F.NOPREFIXROUTE : spec.flags;
    return holdAddress({ ...spec, flags }, on, lifetimeOf(config, lifetimeS));
  }

  /** Takes every address away, whoever put it there; those that are not there are no error. */
  release(): readonly SystemError[] {
    this.#held = false;
    this.#losses.forget();
    // Backwards: the first of a subnet is the primary one, which takes the others along.
    const order = [...this.#all()].reverse();
    const changes = order.map(({ config, on }) => dropAddress(specOf(config), on));
    const outcomes = sparingNeighbours(this.#options.addresses, () => this.#kernel.socket.change(changes));
    const missed = order.filter(({ config }, i) => config.family === 'ipv6' && isMiss(outcomes[i]));
    const others = this.#removeOfOtherLength(missed);
    return failures([...outcomes, ...others]).filter(({ code }) => !GONE.includes(code));
  }

  /** The kernel holds an IPv6 address only once, with the length it came with, and asks for that when it is to go. */
  #removeOfOtherLength(missed: readonly Placed[]): readonly Outcome[] {
    const there = missed.length === 0 ? [] : listAddresses(this.#kernel.socket);
    if (there instanceof SystemError) return [there];
    const changes = missed.flatMap((each) =>
      there.filter((found) => isAt(found, each)).map((found) => dropAddress(found, each.on)),
    );
    return this.#kernel.socket.change(changes);
  }

  /** They are somebody else's to hold and to release from now on. */
  abandon(): void {
    this.#held = false;
    this.#losses.forget();
  }

  /** What is on the interfaces now. */
  leftover(): Leftover | SystemError {
    const census = this.#options.census?.() ?? takeCensus(this.#kernel.socket);
    if (census instanceof SystemError) return census;
    const found = this.#all().map(({ config, on }) => ({ config, address: census.find(specOf(config), on) }));
    const left = found.map(({ address }) => validOf(address));
    return {
      missing: found.filter(({ address }) => address === undefined).map(({ config }) => config),
      leastValidS: Math.min(Number.POSITIVE_INFINITY, ...left),
    };
  }

  /** What was on this interface went with it; whoever says so acquires them again. */
  fell(name: string): void {
    this.#losses.fell(name);
  }

  /** Takes in what happened in the kernel. */
  accept(event: RouteEvent): void {
    this.#losses.accept(event);
    if (this.#held) this.#losses.add(this.#lostBy(event));
  }

  #lostBy(event: RouteEvent): readonly AddressConfig[] {
    if (event.kind === 'overrun') {
      const left = this.leftover();
      return left instanceof SystemError ? [] : left.missing;
    }
    if (event.change === 'new') return event.kind === 'link' ? this.#missingOn(event.link) : [];
    if (event.kind !== 'address') return [];
    const { address, own } = event;
    const gone = this.#all()
      .filter(({ on }) => on.index === address.interfaceIndex)
      .filter(({ config }) => sameAddress(address, specOf(config)))
      .map(({ config }) => config);
    if (own === true) for (const each of gone) this.#given.add(each);
    return gone;
  }

  /**
   * What this process took away is there again, with another label or prefix length. The kernel does not say who took an IPv6 address; an
   * IPv4 address that somebody else took, or that expired, is told also when a renewal has brought it back meanwhile.
   */
  #tell(which: readonly AddressConfig[]): void {
    const left = this.leftover();
    const isMissing = (each: AddressConfig) => left instanceof SystemError || left.missing.includes(each);
    const byOthers = (each: AddressConfig) => each.family === 'ipv4' && !this.#given.has(each);
    const missing = which.filter((each) => isMissing(each) || byOthers(each));
    const lost = missing.filter((each) => !this.#refused.has(each) && !this.#given.has(each));
    this.#given.clear();
    if (missing.length > 0) this.#options.onLost(lost);
  }

  /** An interface that was deleted and made anew has none of them. */
  #missingOn({ name, running }: Link): readonly AddressConfig[] {
    const isThere = ({ interface: on }: AddressConfig) => on === name;
    if (!running || !this.#options.addresses.some(isThere)) return [];
    const left = this.leftover();
    return left instanceof SystemError ? [] : left.missing.filter(isThere);
  }

  /** A renewal that was under way when the addresses were released has brought one back. */
  #renewed({ config, on }: Placed, outcome: Outcome): void {
    this.#isUnderway = false;
    this.#isPoolSilent = undefined;
    if (this.#held) {
      if (outcome !== undefined) this.#options.onError(outcome);
      else this.#refused.delete(config);
      return;
    }
    if (this.#options.isHeld?.(config) !== true)
      this.#kernel.socket.change([dropAddress(specOf(config), on)]);
  }

  #all(): readonly Placed[] {
    const { links } = this.#kernel;
    return this.#options.addresses.map((config) => ({
      config,
      on: { name: config.interface, index: links.indexOf(config.interface) },
    }));
  }
}

/** The kernel's words for a line of the configuration. */
export function specOf(config: AddressConfig): AddressSpec {
  const { family, address, prefixLength, scope, label, broadcast, peer } = config;
  return {
    family,
    address,
    prefixLength,
    scope,
    flags: flagsOf(config),
    ...(label === undefined ? {} : { label }),
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(peer === undefined ? {} : { peer }),
  };
}

function flagsOf({ family, dad, home, mngTmpAddr, noPrefixRoute, autoJoin }: AddressConfig): number {
  // Duplicate address detection would keep a new master from answering for a second, and can only find the old one.
  const always = family === 'ipv6' && !dad ? IFA_F.NODAD : 0;
  return (
    always |
    (home ? IFA_F.HOMEADDRESS : 0) |
    (mngTmpAddr ? IFA_F.MANAGETEMPADDR : 0) |
    (noPrefixRoute ? IFA_F.NOPREFIXROUTE : 0) |
    (autoJoin ? IFA_F.MCAUTOJOIN : 0)
  );
}

function isAt(found: InterfaceAddress, { config, on }: Placed): boolean {
  return found.interfaceIndex === on.index && sameAddress(found, specOf(config));
}

function isMiss(outcome: Outcome): boolean {
  return outcome?.code === 'EADDRNOTAVAIL';
}

function lifetimeOf({ preferredLft }: AddressConfig, seconds: number | undefined): Lifetime {
  return { valid: seconds ?? 'forever', preferred: preferredLft };
}

function validOf(address: InterfaceAddress | undefined): number {
  const valid = address?.lifetime.valid ?? 'forever';
  return valid === 'forever' ? Number.POSITIVE_INFINITY : valid;
}

function failures(outcomes: readonly Outcome[]): SystemError[] {
  return outcomes.filter((outcome) => outcome !== undefined);
}
