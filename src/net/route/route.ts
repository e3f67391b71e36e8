/** Routes in rtnetlink's bytes: struct rtmsg, RTA_* and RTAX_* of linux/rtnetlink.h. */
import { type Family, formatAddress, parseAddress } from '../address.js';
import { AF_INET, AF_INET6 } from '../linux.js';
import {
  type Attribute,
  decodeAttributes,
  encodeAttributes,
  encodeBody,
  numberOf,
  u16,
  u32,
} from './message.js';

export type Prefix = { readonly address: string; readonly prefixLength: number };

/** RTN_* by their order. */
export const ROUTE_TYPES = [
  'unspec',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
] as const;
export type RouteType = (typeof ROUTE_TYPES)[number];

/** RTAX_*: their numbers. */
export const ROUTE_METRICS = {
  mtu: 2,
  window: 3,
  rtt: 4,
  rttvar: 5,
  ssthresh: 6,
  cwnd: 7,
  advmss: 8,
  reordering: 9,
  hoplimit: 10,
  initcwnd: 11,
  rto_min: 13,
  initrwnd: 14,
  quickack: 15,
} as const;

export type RouteMetric = keyof typeof ROUTE_METRICS;

export type Nexthop = {
  /** May be of the other family (RTA_VIA). */
  readonly via?: string;
  readonly interface?: string;
  readonly onlink: boolean;
  /** 1–256 */
  readonly weight: number;
};

/** A route to be made. */
export type RouteSpec = {
  readonly family: Family;
  readonly type: RouteType;
  /** Prefix length 0 is the default route. */
  readonly to: Prefix;
  /** Preferred source. */
  readonly source?: string;
  /** One for a plain route, several for a multipath one, none for blackhole and the like. */
  readonly nexthops: readonly Nexthop[];
  readonly table: number;
  readonly protocol: number;
  /** RT_SCOPE_*; absent: what fits the type and the next hops. */
  readonly scope?: number;
  readonly metric?: number;
  readonly tos: number;
  readonly metrics: Readonly<Partial<Record<RouteMetric, number>>>;
};

/** What of a route the kernel tells that is needed to know it again. */
export type KernelRoute = {
  readonly family: Family;
  readonly type: RouteType;
  readonly to: Prefix;
  readonly table: number;
  readonly tos: number;
  readonly metric: number | undefined;
  readonly protocol: number;
  /** Of a route with one next hop. */
  readonly via: string | undefined;
  readonly interfaceIndex: number | undefined;
};

const RTMSG = 12;
const RTA = {
  DST: 1,
  OIF: 4,
  GATEWAY: 5,
  PRIORITY: 6,
  PREFSRC: 7,
  METRICS: 8,
  MULTIPATH: 9,
  TABLE: 15,
  VIA: 18,
};
const RTNH_F_ONLINK = 4;
const [RT_SCOPE_UNIVERSE, RT_SCOPE_LINK, RT_SCOPE_HOST] = [0, 253, 254];
const RTNEXTHOP = 8;

/** The body of RTM_NEWROUTE and RTM_DELROUTE. `indexOf` finds an interface by name. */
export function encodeRoute(route: RouteSpec, indexOf: (name: string) => number): Uint8Array {
  const [only, ...more] = route.nexthops;
  const single = more.length === 0 ? only : undefined;
  const { source, metric } = route;
  return encodeBody(encodeStruct(route, single), [
    [RTA.DST, route.to.prefixLength === 0 ? undefined : bytesOf(route.to.address)],
    [RTA.TABLE, u32(route.table)],
    [RTA.PREFSRC, source === undefined ? undefined : bytesOf(source)],
    [RTA.PRIORITY, metric === undefined ? undefined : u32(metric)],
    [RTA.METRICS, encodeMetrics(route.metrics)],
    ...(single === undefined ? [] : gateway(route.family, single)),
    [RTA.OIF, single?.interface === undefined ? undefined : u32(indexOf(single.interface))],
    [RTA.MULTIPATH, more.length === 0 ? undefined : encodeMultipath(route, indexOf)],
  ]);
}

/** The route of an RTM_NEWROUTE or RTM_DELROUTE; undefined when it is of no IP family. */
export function decodeRoute(data: Buffer): KernelRoute | undefined {
  const [af, prefixLength = 0, , tos = 0, table = 0, protocol = 0, , type = 0] = data;
  const family = af === AF_INET ? 'ipv4' : af === AF_INET6 ? 'ipv6' : undefined;
  if (family === undefined || data.length < RTMSG) return undefined;
  const attributes = decodeAttributes(data.subarray(RTMSG));
  const [to, via] = [attributes.get(RTA.DST), attributes.get(RTA.GATEWAY)];
  return {
    family,
    type: ROUTE_TYPES[type] ?? 'unspec',
    to: { address: to === undefined ? unspecified(family) : formatAddress(to), prefixLength },
    table: numberOf(attributes.get(RTA.TABLE)) ?? table,
    tos,
    metric: numberOf(attributes.get(RTA.PRIORITY)),
    protocol,
    via: via === undefined ? undefined : formatAddress(via),
    interfaceIndex: numberOf(attributes.get(RTA.OIF)),
  };
}

// net/ipv6/route.c: IP6_RT_PRIO_USER, what no metric means.
const IPV6_METRIC = 1024;

/** Whether the kernel's route is the one asked for: the same key in the same table. */
export function isRoute(found: KernelRoute, wanted: RouteSpec): boolean {
  const metric = wanted.metric ?? (wanted.family === 'ipv6' ? IPV6_METRIC : 0);
  return (
    found.family === wanted.family &&
    found.to.prefixLength === wanted.to.prefixLength &&
    (found.to.prefixLength === 0 || found.to.address === wanted.to.address) &&
    found.table === wanted.table &&
    found.tos === wanted.tos &&
    (found.metric ?? 0) === metric
  );
}

function encodeStruct(route: RouteSpec, single: Nexthop | undefined): Uint8Array {
  const struct = Buffer.alloc(RTMSG);
  struct.set([route.family === 'ipv4' ? AF_INET : AF_INET6, route.to.prefixLength, 0, route.tos]);
  // Tables above 255 stand in RTA_TABLE alone.
  struct.set([route.table < 256 ? route.table : 0, route.protocol, scopeOf(route)], 4);
  struct[7] = ROUTE_TYPES.indexOf(route.type);
  struct.writeUInt32LE(single?.onlink === true ? RTNH_F_ONLINK : 0, 8);
  return struct;
}

/** As iproute2 chooses: what is reached without a gateway is on the link. */
function scopeOf({ scope, type, nexthops }: RouteSpec): number {
  if (scope !== undefined) return scope;
  if (type === 'local') return RT_SCOPE_HOST;
  if (type === 'broadcast' || type === 'multicast' || type === 'anycast') return RT_SCOPE_LINK;
  const direct = nexthops.length > 0 && nexthops.every(({ via }) => via === undefined);
  return type === 'unicast' && direct ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
}

function gateway(family: Family, { via }: Nexthop): Attribute[] {
  if (via === undefined) return [];
  const address = bytesOf(via);
  const own = address.length === (family === 'ipv4' ? 4 : 16);
  if (own) return [[RTA.GATEWAY, address]];
  return [[RTA.VIA, Buffer.concat([u16(address.length === 4 ? AF_INET : AF_INET6), address])]];
}

function encodeMetrics(metrics: RouteSpec['metrics']): Uint8Array | undefined {
  const entries = Object.entries(metrics) as [keyof typeof ROUTE_METRICS, number][];
  if (entries.length === 0) return undefined;
  return encodeAttributes(entries.map(([name, value]) => [ROUTE_METRICS[name], u32(value)]));
}

/** struct rtnexthop each: length, flags, weight less one, interface; then its gateway. */
function encodeMultipath({ family, nexthops }: RouteSpec, indexOf: (name: string) => number): Uint8Array {
  const parts = nexthops.map((hop) => {
    const attributes = encodeAttributes(gateway(family, hop));
    const struct = Buffer.alloc(RTNEXTHOP);
    struct.writeUInt16LE(RTNEXTHOP + attributes.length, 0);
    struct.set([hop.onlink ? RTNH_F_ONLINK : 0, hop.weight - 1], 2);
    struct.writeInt32LE(hop.interface === undefined ? 0 : indexOf(hop.interface), 4);
    return Buffer.concat([struct, attributes]);
  });
  return Buffer.concat(parts);
}

function unspecified(family: Family): string {
  return family === 'ipv4' ? '0.0.0.0' : '::';
}

function bytesOf(address: string): Uint8Array {
  const bytes = parseAddress(address);
  if (bytes === undefined) throw new RangeError(`encode route: "${address}" is no numeric IP address`);
  return bytes;
}
