/**
 * The route to the subnet of an IPv6 address. The kernel makes one with the address; where one is there already, it gets the lifetime of
 * the address (fib6_add_rt2node, modify_prefix_route), and a host that has it from its own address or from a router would lose it.
 */
import { IFA_F, type InterfaceAddress } from '../../net/route/address.js';
import { listAddresses } from '../../net/route/addresses.js';
import type { RouteEvent } from '../../net/route/events.js';
import type { KernelRoute, Prefix } from '../../net/route/route.js';
import { listRoutes } from '../../net/route/routes.js';
import type { RouteSocket } from '../../net/route/socket.js';
import type { Interface } from '../../net/socket-options.js';
import { SystemError } from '../../net/system-error.js';
import type { AddressConfig } from './network-config.js';
import { subnetOf } from './subnet.js';

// linux/rtnetlink.h, net/ipv6/addrconf.c: where the kernel puts these routes.
const RT_TABLE_MAIN = 254;
const IP6_RT_PRIO_ADDRCONF = 256;

type Placed = { readonly config: AddressConfig; readonly on: Interface };

/** What was read. Subnets are those of one interface. */
type Picture = {
  /** The addresses that make the route to a subnet. */
  readonly makers: ReadonlyMap<string, readonly string[]>;
  /** The subnets that routes lead to, by the interface's index: read where nobody makes one. */
  readonly routes: Map<number, ReadonlySet<string>>;
};

/**
 * Which addresses leave such routes alone. The machine is read once and again when another hand has changed something: many instances
 * become master at one time. What lvsd itself writes makes no difference, as the routes that its addresses make are no reason.
 */
export class PrefixRoutes {
  readonly #socket: RouteSocket;
  readonly #isOurs: (address: string) => boolean;
  #picture: Picture | undefined;
  /** The subnets whose routes our addresses made. One of an address with a lifetime outlasts it when that is released (ipv6_del_addr). */
  readonly #made = new Set<string>();

  /** @param isOurs whether an address is one that lvsd holds */
  constructor(socket: RouteSocket, isOurs: (address: string) => boolean) {
    this.#socket = socket;
    this.#isOurs = isOurs;
  }

  /** Those of the addresses, which are to be put there now, that must leave the route to their subnet alone, for it was made for others. */
  sparedBy(addresses: readonly Placed[]): ReadonlySet<AddressConfig> {
    const wide = addresses.filter(({ config }) => makesRoute(config));
    if (wide.length === 0) return new Set();
    this.#picture ??= takePicture(this.#socket);
    const picture = this.#picture;
    if (picture === undefined) return new Set();
    return new Set(wide.filter((each) => this.#spares(picture, each)).map(({ config }) => config));
  }

  /** What was read is no longer so. */
  forget(): void {
    this.#picture = undefined;
  }

  /** Takes in what happened in the kernel. */
  accept(event: RouteEvent): void {
    if (this.#picture !== undefined && this.#isNews(this.#picture, event)) this.forget();
    if (event.kind === 'overrun') this.#made.clear();
    if (event.kind === 'route' && event.change === 'del' && isSubnetRoute(event.route)) {
      this.#made.delete(keyOf(event.route.to, event.route.interfaceIndex));
    }
  }

  #spares({ makers, routes }: Picture, { config, on }: Placed): boolean {
    const subnet = keyOf(config, on.index);
    const there = makers.get(subnet) ?? [];
    if (there.some((address) => !this.#isOurs(address))) return true;
    const isMade = there.length > 0 || this.#made.has(subnet);
    if (!isMade && this.#led(routes, on).has(subnet)) return true;
    this.#made.add(subnet);
    return false;
  }

  #led(routes: Picture['routes'], on: Interface): ReadonlySet<string> {
    const led = routes.get(on.index) ?? subnetsBy(this.#socket, on);
    routes.set(on.index, led);
    return led;
  }

  #isNews(picture: Picture, event: RouteEvent): boolean {
    switch (event.kind) {
      case 'overrun':
        return true;
      case 'address':
        return event.address.family === 'ipv6' && !this.#isOurs(event.address.address);
      case 'route':
        return isSubnetRoute(event.route) && this.#changes(picture, event.change, event.route);
      case 'link':
      case 'rule':
        return false;
    }
  }

  /** One that came where an address of ours brought it is no news. One that went ends whatever the picture says of its subnet. */
  #changes({ makers, routes }: Picture, change: 'new' | 'del', route: KernelRoute): boolean {
    const led = routes.get(route.interfaceIndex ?? 0);
    const subnet = keyOf(route.to, route.interfaceIndex);
    if (change === 'del') return makers.has(subnet) || led?.has(subnet) === true;
    return led?.has(subnet) === false && !makers.has(subnet) && !this.#made.has(subnet);
  }
}

function takePicture(socket: RouteSocket): Picture | undefined {
  const there = listAddresses(socket);
  if (there instanceof SystemError) return undefined;
  const makers = new Map<string, string[]>();
  for (const each of there.filter(makesRoute)) {
    const subnet = keyOf(each, each.interfaceIndex);
    const same = makers.get(subnet);
    if (same === undefined) makers.set(subnet, [each.address]);
    else same.push(each.address);
  }
  return { makers, routes: new Map() };
}

function makesRoute(each: AddressConfig | InterfaceAddress): boolean {
  if (each.family !== 'ipv6' || each.prefixLength === 128 || each.peer !== undefined) return false;
  return 'flags' in each ? (each.flags & IFA_F.NOPREFIXROUTE) === 0 : !each.noPrefixRoute;
}

function subnetsBy(socket: RouteSocket, on: Interface): ReadonlySet<string> {
  const found = listRoutes(socket, 'ipv6', RT_TABLE_MAIN, on);
  const routes = found instanceof SystemError ? [] : found.filter(isSubnetRoute);
  return new Set(routes.map(({ to }) => keyOf(to, on.index)));
}

function isSubnetRoute({ family, table, metric }: KernelRoute): boolean {
  return family === 'ipv6' && table === RT_TABLE_MAIN && metric === IP6_RT_PRIO_ADDRCONF;
}

function keyOf(prefix: Prefix, index: number | undefined): string {
  return `${index} ${subnetOf(prefix)}`;
}
