/** Where an instance is in the network: its sockets, its addresses and routes, and why it cannot use them. */
import type { InterfaceAddress } from '../../net/route/address.js';
import type { RouteEvent } from '../../net/route/events.js';
import { interfaceOf } from '../../net/route/links.js';
import type { Interface } from '../../net/socket-options.js';
import { SystemError } from '../../net/system-error.js';
import type { InstanceConfig } from '../config.js';
import type { Announcement } from '../election/garp.js';
import { encodeAdvert } from '../packets/packet.js';
import type { Transport, Transports } from '../packets/transport.js';
import type { Place, Upcalls } from '../underlay.js';
import type { Kernel } from './addresses.js';
import { allAddresses } from './all-addresses.js';
import { type Announcer, announcementsOf } from './announce.js';
import { createBelongings } from './belongings.js';
import type { Census } from './census.js';
import { onOtherInterfaces } from './extra-interfaces.js';
import type { Holders } from './holders.js';
import type { Placed } from './leftovers.js';
import { advertInterface, baseIn, madeLinkName, madeUpon, onMadeLink, vmacs } from './made-link.js';
import { createLinkWatch, makeLinks, removeLinks } from './making.js';
import type { Moving } from './moving.js';
import type { PrefixRoutes } from './prefix-routes.js';
import { sourceAddress } from './source.js';

/** What all places of a process share. */
export type Shared = {
  readonly kernel: Kernel;
  readonly now: () => number;
  readonly transports: Pick<Transports, 'open'>;
  readonly announcer: () => Announcer;
  /** Believed, after the delays configured for the interface. */
  readonly isUp: (name: string) => boolean;
  /** The addresses of an interface that may be the source of adverts, read once for all who look at one time. */
  readonly sourcesOn: (on: Interface) => readonly InterfaceAddress[] | SystemError;
  readonly moving: () => Moving;
  /** Every address of the machine, read once for all who ask at one time. */
  readonly holders: Holders;
  readonly census: () => Census | SystemError;
  readonly prefixRoutes: Pick<PrefixRoutes, 'sparedBy'>;
  readonly warn: (error: SystemError) => void;
};

export type NetworkPlace = Place & {
  readonly accept: (event: RouteEvent) => void;
  /** What is in the kernel because of it. */
  readonly placed: () => Placed;
  readonly config: () => InstanceConfig;
  /** Tells what the look has found. To be called after all have looked. */
  readonly tell: () => void;
  /** Whether it depends on an interface of this name. */
  readonly uses: (name: string) => boolean;
  /** Whether it depends on this address, whichever interface it is on: as its source, or as what it may have lacked to open. */
  readonly needs: (address: string) => boolean;
};

type Open = { readonly transport: Transport; readonly index: number | undefined; readonly source: string };

export function createPlace(
  shared: Shared,
  first: InstanceConfig,
  upcalls: Upcalls,
  waits = false,
): NetworkPlace {
  const { kernel, transports, warn } = shared;
  let config = onMadeLink(first);
  let waiting = waits;
  let open: Open | SystemError | undefined;
  let source: string | undefined;
  /** A name of what is to be made for it, which something else has. */
  let taken: string | undefined;
  const watchLinks = createLinkWatch((name) => kernel.links.byName(name) !== undefined);
  const belongings = createBelongings(config, {
    kernel,
    now: shared.now,
    warn,
    onLost: upcalls.lost,
    prefixRoutes: shared.prefixRoutes,
    census: shared.census,
    holders: shared.holders,
  });
  /** Adverts by destination and priority, good until source or configuration change. */
  const adverts = new Map<string, Uint8Array>();
  /** Of announcements: another place may have the same name. */
  const owner = {};

  const place: NetworkPlace = {
    acquire: belongings.acquire,
    renew: belongings.renew,
    release,
    advertise,
    announce,
    drain: () => transport()?.drain(),
    faults,
    primaryAddress: () => source,
    holding: belongings.holding,
    claim: (next) => belongings.claim(onMadeLink(next)),
    reconfigure,
    accept: belongings.accept,
    placed: belongings.placed,
    config: () => config,
    look: update,
    enter,
    tell: upcalls.changed,
    uses: (name) => ownLink(config) === name || madeUpon(config).includes(name),
    needs: (address) => open instanceof SystemError || config.transport.sourceAddress === address,
    unmake: (heir) => {
      if (!waiting) removeLinks(kernel, config, heir);
    },
    close: () => {
      shared.announcer().cancel(owner);
      shut();
    },
  };
  update();
  return place;

  function transport(): Transport | undefined {
    return open instanceof SystemError ? undefined : open?.transport;
  }

  function release(): void {
    shared.announcer().cancel(owner);
    belongings.release();
  }

  function advertise(priority: number): boolean {
    const way = transport();
    if (way === undefined || source === undefined) return false;
    let sent = false;
    for (const destination of way.destinations) {
      const error = way.send(advert(priority, source, destination), source, destination);
      if (error === undefined) sent = true;
      else warn(error);
    }
    return sent;
  }

  function advert(priority: number, from: string, destination: string): Uint8Array {
    const key = `${priority} ${destination}`;
    const known = adverts.get(key);
    if (known !== undefined) return known;
    const made = encodeAdvert(config, priority, from, destination);
    adverts.set(key, made);
    return made;
  }

  function announce({ of, repeat }: Announcement): void {
    const chosen = of === 'addresses' ? allAddresses(config) : onOtherInterfaces(config);
    const frames = announcementsOf(chosen, kernel.links, vmacs(config), baseIn(config));
    shared.announcer().announce(owner, frames, repeat);
  }

  function faults(): readonly string[] {
    const fault = linkFault() ?? sourceFault();
    return fault === undefined ? [] : [fault];
  }

  function linkFault(): string | undefined {
    const { dontTrackPrimary } = config;
    const name = ownLink(config);
    if (name === undefined) return undefined;
    if (kernel.links.byName(name) === undefined) return `interface ${name} does not exist`;
    const made = madeLinkName(config);
    if (made !== undefined && !waiting && kernel.links.byName(made) === undefined)
      return `interface ${made} does not exist`;
    if (taken !== undefined) return `interface ${taken} is there already, and is not one of ours`;
    return dontTrackPrimary || shared.isUp(name) ? undefined : `interface ${name} is down`;
  }

  function sourceFault(): string | undefined {
    const { transport: way, trackSrcIp, interface: name = 'no interface' } = config;
    if (way.kind === 'unicast' && way.faultNoPeer && way.peers.length === 0)
      return 'there is no unicast peer';
    if (source === undefined) return `${name} has no address to send from`;
    if (trackSrcIp && !hasSource(source)) return `source address ${source} is not there`;
    return open instanceof SystemError ? open.toString() : undefined;
  }

  function hasSource(address: string): boolean {
    const there = shared.census();
    return there instanceof SystemError || there.has(address);
  }

  function reconfigure(next: InstanceConfig): void {
    const before = config;
    config = onMadeLink(next);
    adverts.clear();
    if (socketsOf(before) !== socketsOf(config)) shut();
    makeAll();
    belongings.reconfigure(config);
    if (!waiting) removeLinks(kernel, before, config);
    update();
    upcalls.changed();
  }

  function enter(): void {
    if (!waiting) return;
    waiting = false;
    update();
    upcalls.changed();
  }

  function update(): void {
    makeAll();
    const on = advertInterface(config);
    const link = on === undefined ? undefined : kernel.links.byName(on);
    const now = findSource();
    if (now !== source) adverts.clear();
    source = now;
    const index = link?.index;
    const stale = open instanceof SystemError || open?.index !== index || open?.source !== now;
    if (stale && !waiting) reopen(now);
  }

  function makeAll(): void {
    if (waiting) return;
    const { makings, undone } = watchLinks((stood) => makeLinks(kernel, config, stood));
    taken = makings.find(({ found }) => found === 'taken')?.name;
    for (const error of makings.flatMap(({ errors }) => errors)) warn(error);
    if (undone.length === 0) return;
    for (const { name } of undone) belongings.fell(name);
    upcalls.remade(undone.map(({ text }) => text));
  }

  function findSource(): string | undefined {
    const { interface: name } = config;
    if (name === undefined) return config.transport.sourceAddress;
    const link = kernel.links.byName(name);
    if (link === undefined) return undefined;
    const there = shared.sourcesOn(interfaceOf(link));
    return there instanceof SystemError ? source : sourceAddress(config, there, shared.moving());
  }

  function reopen(from: string | undefined): void {
    shut();
    const { family, virtualRouterId } = config;
    const name = advertInterface(config);
    const link = name === undefined ? undefined : kernel.links.byName(name);
    if (from === undefined || (name !== undefined && link === undefined)) return;
    const opened = transports.open(
      {
        family,
        virtualRouterId,
        config: config.transport,
        interface: link && interfaceOf(link),
        primaryAddress: from,
        receiveBufferBytes: config.receiveBufferBytes,
      },
      upcalls.receive,
    );
    open = opened instanceof SystemError ? opened : { transport: opened, index: link?.index, source: from };
  }

  function shut(): void {
    transport()?.close();
    open = undefined;
  }
}

/** Without it nothing can be sent or heard. */
function ownLink({ interface: name, vrf }: InstanceConfig): string | undefined {
  return name ?? vrf;
}

/** What its sockets follow from, beside its interface and its address. */
function socketsOf({ transport, receiveBufferBytes }: InstanceConfig): string {
  return JSON.stringify([transport, receiveBufferBytes]);
}
