/** Where an instance is in the network: its sockets, its addresses and routes, and why it cannot use them. */
import { listAddresses } from '../net/route/addresses.js';
import type { RouteEvent } from '../net/route/events.js';
import { interfaceOf } from '../net/route/links.js';
import { SystemError } from '../net/system-error.js';
import { type Kernel, VirtualAddresses } from './addresses.js';
import { type Announcer, announcementsOf } from './announce.js';
import type { InstanceConfig } from './config.js';
import type { Announcement } from './garp.js';
import { advertInterface, madeLinkName, makeLink, onMadeLink, removeLink } from './made-link.js';
import type { AddressConfig, RouteConfig, RuleConfig } from './network-config.js';
import { encodeAdvert } from './packet.js';
import { VirtualRoutes } from './routes.js';
import { sourceAddress } from './source.js';
import { vipLifetimeS } from './timers.js';
import type { Transport, Transports } from './transport.js';
import type { Holding, Place, Upcalls } from './underlay.js';

/** What all places of a process share. */
export type Shared = {
  readonly kernel: Kernel;
  readonly transports: Transports;
  readonly announcer: () => Announcer;
  /** Believed, after the delays configured for the interface. */
  readonly isUp: (name: string) => boolean;
  readonly receiveBufferBytes: () => number | undefined;
  readonly warn: (error: SystemError) => void;
};

export type NetworkPlace = Place & {
  readonly accept: (event: RouteEvent) => void;
  /** The interface may be another, up or down, or have other addresses. */
  readonly look: () => void;
  /** Whether it depends on an interface of this name. */
  readonly uses: (name: string) => boolean;
};

type Open = { readonly transport: Transport; readonly index: number | undefined; readonly source: string };

export function createPlace(shared: Shared, first: InstanceConfig, upcalls: Upcalls): NetworkPlace {
  const { kernel, transports } = shared;
  let config = onMadeLink(first);
  let open: Open | SystemError | undefined;
  let source: string | undefined;
  let addresses = addressesOf(config);
  let routes = routesOf(config);
  /** Adverts by destination and priority, good until source or configuration change. */
  const adverts = new Map<string, Uint8Array>();

  const place: NetworkPlace = {
    acquire,
    renew: () => addresses.renew(vipLifetimeS(config)),
    release,
    advertise,
    announce,
    drain: () => transport()?.drain(),
    faults,
    primaryAddress: () => source,
    holding,
    reconfigure,
    yieldTo,
    accept: (event) => {
      addresses.accept(event);
      routes.accept(event);
    },
    look,
    uses: (name) => [config.interface, madeLinkName(config)].includes(name),
    unmake: () => removeLink(kernel, config),
    close: () => {
      shared.announcer().cancel(config.name);
      shut();
    },
  };
  update();
  return place;

  function transport(): Transport | undefined {
    return open instanceof SystemError ? undefined : open?.transport;
  }

  function acquire(): void {
    const lifetimeS = vipLifetimeS(config);
    for (const error of [...addresses.acquire(lifetimeS), ...routes.acquire()]) shared.warn(error);
  }

  function release(): void {
    shared.announcer().cancel(config.name);
    for (const error of [...routes.release(), ...addresses.release()]) shared.warn(error);
  }

  function advertise(priority: number): boolean {
    const way = transport();
    if (way === undefined || source === undefined) return false;
    let sent = false;
    for (const destination of way.destinations) {
      const error = way.send(advert(priority, source, destination), source, destination);
      if (error === undefined) sent = true;
      else shared.warn(error);
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
    shared.announcer().announce(config.name, announcementsOf(chosen, kernel.links), repeat);
  }

  function faults(): readonly string[] {
    const fault = linkFault() ?? sourceFault();
    return fault === undefined ? [] : [fault];
  }

  function linkFault(): string | undefined {
    const { interface: name, dontTrackPrimary } = config;
    if (name === undefined) return undefined;
    if (kernel.links.byName(name) === undefined) return `interface ${name} does not exist`;
    const made = madeLinkName(config);
    if (made !== undefined && kernel.links.byName(made) === undefined)
      return `interface ${made} does not exist`;
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
    const there = listAddresses(kernel.socket);
    return there instanceof SystemError || there.some((each) => each.address === address);
  }

  function holding(): Holding {
    const left = addresses.leftover();
    if (left instanceof SystemError) return { held: [], missing: [] };
    const missing = new Set(left.missing);
    return {
      held: allAddresses(config)
        .filter((each) => !missing.has(each))
        .map(nameOf),
      missing: left.missing.map(nameOf),
    };
  }

  function reconfigure(next: InstanceConfig): void {
    const before = config;
    const { held } = addresses;
    config = onMadeLink(next);
    adverts.clear();
    if (JSON.stringify(before.transport) !== JSON.stringify(next.transport)) shut();
    dropUnwanted(before, held);
    addresses = addressesOf(config);
    routes = routesOf(config);
    if (held) acquire();
    look();
  }

  function dropUnwanted(before: InstanceConfig, held: boolean): void {
    if (!held) return;
    const unwanted = allAddresses(before).filter(notIn(allAddresses(config)));
    drop(unwanted, unwantedRoutes(before, config));
  }

  function yieldTo(next: InstanceConfig): void {
    addresses.abandon();
    const heir = onMadeLink(next);
    const kept = new Set(allAddresses(heir).map(nameOf));
    drop(
      allAddresses(config).filter((each) => !kept.has(nameOf(each))),
      unwantedRoutes(config, heir),
    );
  }

  function drop(unwanted: readonly AddressConfig[], gone: VirtualRoutes): void {
    for (const error of [...gone.release(), ...makeAddresses(unwanted).release()]) shared.warn(error);
  }

  function unwantedRoutes(before: InstanceConfig, after: InstanceConfig): VirtualRoutes {
    return makeRoutes(
      before.virtualRoutes.filter(notIn(after.virtualRoutes)),
      before.virtualRules.filter(notIn(after.virtualRules)),
    );
  }

  function look(): void {
    update();
    upcalls.changed();
  }

  function update(): void {
    for (const error of makeLink(kernel, config)) shared.warn(error);
    const on = advertInterface(config);
    const link = on === undefined ? undefined : kernel.links.byName(on);
    const now = findSource();
    if (now !== source) adverts.clear();
    source = now;
    const index = link?.index;
    const stale = open instanceof SystemError || open?.index !== index || open?.source !== now;
    if (stale) reopen(now);
  }

  function findSource(): string | undefined {
    const { interface: name } = config;
    if (name === undefined) return config.transport.sourceAddress;
    const link = kernel.links.byName(name);
    if (link === undefined) return undefined;
    const there = listAddresses(kernel.socket, interfaceOf(link));
    return there instanceof SystemError ? source : sourceAddress(config, there);
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
        receiveBufferBytes: config.receiveBufferBytes ?? shared.receiveBufferBytes(),
      },
      upcalls.receive,
    );
    open = opened instanceof SystemError ? opened : { transport: opened, index: link?.index, source: from };
  }

  function shut(): void {
    transport()?.close();
    open = undefined;
  }

  function addressesOf(of: InstanceConfig): VirtualAddresses {
    return makeAddresses(allAddresses(of));
  }

  function makeAddresses(list: readonly AddressConfig[]): VirtualAddresses {
    const onLost = (lost: readonly AddressConfig[]) => upcalls.lost(lost.map(nameOf));
    return new VirtualAddresses(kernel, { addresses: list, onLost, onError: shared.warn });
  }

  function routesOf({ virtualRoutes, virtualRules }: InstanceConfig): VirtualRoutes {
    return makeRoutes(virtualRoutes, virtualRules);
  }

  function makeRoutes(list: readonly RouteConfig[], rules: readonly RuleConfig[]): VirtualRoutes {
    return new VirtualRoutes(kernel, {
      routes: list,
      rules,
      onLost: (lost) => upcalls.lost(lost.map(describeLost)),
    });
  }
}

/** Advertised addresses, then excluded ones. */
export function allAddresses({
  virtualAddresses,
  excludedAddresses,
}: Pick<InstanceConfig, 'virtualAddresses' | 'excludedAddresses'>): readonly AddressConfig[] {
  return [...virtualAddresses, ...excludedAddresses];
}

/** garp_extra_if: one address on each interface that sends no adverts. */
function onOtherInterfaces(config: InstanceConfig): readonly AddressConfig[] {
  const { extraIf } = config.garp;
  const others = allAddresses(config).filter((each) => each.interface !== config.interface);
  const asked = others.filter(({ useVmac }) => extraIf?.all === true || useVmac);
  return [...new Map(asked.map((each) => [`${each.family} ${each.interface}`, each])).values()];
}

function nameOf({ address, prefixLength, interface: name }: AddressConfig): string {
  return `${address}/${prefixLength} on ${name}`;
}

function describeLost(lost: RouteConfig | RuleConfig): string {
  return 'to' in lost && 'nexthops' in lost
    ? `route to ${lost.to.address}/${lost.to.prefixLength}`
    : `rule of priority ${'priority' in lost ? lost.priority : 'any'}`;
}

/** Plain data of one configuration against another. */
function notIn<T>(list: readonly T[]): (each: T) => boolean {
  const known = new Set(list.map((each) => JSON.stringify(each)));
  return (each) => !known.has(JSON.stringify(each));
}
