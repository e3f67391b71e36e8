/**
 * The route to the subnet of an IPv6 address. The kernel makes one with the address; where one is there already, it gets the lifetime of
 * the address (fib6_add_rt2node, modify_prefix_route), and a host that has it from its own address or from a router would lose it.
 */
import { IFA_F, type InterfaceAddress } from '../../net/route/address.js';
import { listAddresses } from '../../net/route/addresses.js';
import type { KernelRoute } from '../../net/route/route.js';
import { listRoutes } from '../../net/route/routes.js';
import type { RouteSocket } from '../../net/route/socket.js';
import type { Interface } from '../../net/socket-options.js';
import { SystemError } from '../../net/system-error.js';
import type { AddressConfig } from './network-config.js';
import { sameSubnet } from './subnet.js';

// linux/rtnetlink.h, net/ipv6/addrconf.c: where the kernel puts these routes.
const RT_TABLE_MAIN = 254;
const IP6_RT_PRIO_ADDRCONF = 256;

/**
 * Those of the addresses that must leave the route to their subnet alone, for it was made for others.
 * @param isOurs whether an address is one that lvsd holds
 */
export function sparingRoutes(
  socket: RouteSocket,
  addresses: readonly { readonly config: AddressConfig; readonly on: Interface }[],
  isOurs: (address: string) => boolean,
): ReadonlySet<AddressConfig> {
  const wide = addresses.filter(({ config }) => makesRoute(config));
  if (wide.length === 0) return new Set();
  const there = listAddresses(socket);
  if (there instanceof SystemError) return new Set();
  const others = wide.filter(({ config, on }) => {
    const makers = there.filter((each) => each.interfaceIndex === on.index && makesRoute(each));
    const same = makers.filter((each) => sameSubnet(each, config));
    if (same.length > 0) return same.some((each) => !isOurs(each.address));
    return routesBy(socket, on).some((route) => sameSubnet(route.to, config));
  });
  return new Set(others.map(({ config }) => config));
}

function makesRoute(each: AddressConfig | InterfaceAddress): boolean {
  if (each.family !== 'ipv6' || each.prefixLength === 128 || each.peer !== undefined) return false;
  return 'flags' in each ? (each.flags & IFA_F.NOPREFIXROUTE) === 0 : !each.noPrefixRoute;
}

function routesBy(socket: RouteSocket, on: Interface): readonly KernelRoute[] {
  const found = listRoutes(socket, 'ipv6', RT_TABLE_MAIN, on);
  return found instanceof SystemError ? [] : found.filter(({ metric }) => metric === IP6_RT_PRIO_ADDRCONF);
}
