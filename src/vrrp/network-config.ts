/** Addresses, routes and rules as the configuration names them; numbers are those of the kernel (linux/rtnetlink.h). */
import type { Family } from '../net/address.js';

/** What all three have. */
type Held = {
  /** Put back, and its loss told, when someone removes it; `no_track` is false. */
  readonly track: boolean;
};

/** A line of virtual_ipaddress, virtual_ipaddress_excluded or static_ipaddress. */
export type AddressConfig = Held & {
  readonly family: Family;
  readonly address: string;
  /** 32 or 128 unless given. */
  readonly prefixLength: number;
  /** `dev`, or the instance's own. */
  readonly interface: string;
  /** IFA_LABEL, IPv4 only. */
  readonly label?: string;
  /** An address already worked out from `+` or `-`. */
  readonly broadcast?: string;
  /** RT_SCOPE_*: 0 global, 200 site, 253 link, 254 host. */
  readonly scope: number;
  readonly peer?: Prefix;
  readonly home: boolean;
  /** IPv6: with duplicate address detection: `-nodad`. Until it has ended, a second, the address does not answer. */
  readonly dad: boolean;
  readonly mngTmpAddr: boolean;
  readonly noPrefixRoute: boolean;
  readonly autoJoin: boolean;
  /** Seconds, 0 is deprecated from the start. */
  readonly preferredLft: number | 'forever';
  /** A macvlan of its own on that interface. */
  readonly useVmac: boolean;
};

export type Prefix = { readonly address: string; readonly prefixLength: number };

export type RouteType =
  | 'unicast'
  | 'local'
  | 'broadcast'
  | 'anycast'
  | 'multicast'
  | 'blackhole'
  | 'unreachable'
  | 'prohibit'
  | 'throw';

/** A line of virtual_routes or static_routes. */
export type RouteConfig = Held & {
  readonly family: Family;
  readonly type: RouteType;
  /** Prefix length 0 is the default route. */
  readonly to: Prefix;
  /** Preferred source: src. */
  readonly source?: string;
  /** One for a plain route, several for a multipath one, none for blackhole and the like. */
  readonly nexthops: readonly NexthopConfig[];
  /** 254 is main. */
  readonly table: number;
  /** RTPROT_*; 18 is keepalived's and ours. */
  readonly protocol: number;
  /** RT_SCOPE_*; absent: the kernel's choice for the type. */
  readonly scope?: number;
  /** metric, priority or preference. */
  readonly metric?: number;
  readonly tos: number;
  /** RTAX_*: mtu, advmss, initcwnd … */
  readonly metrics: Readonly<Partial<Record<RouteMetric, number>>>;
};

export type RouteMetric =
  | 'mtu'
  | 'hoplimit'
  | 'advmss'
  | 'rtt'
  | 'rttvar'
  | 'reordering'
  | 'window'
  | 'cwnd'
  | 'ssthresh'
  | 'rto_min'
  | 'initcwnd'
  | 'initrwnd'
  | 'quickack';

export type NexthopConfig = {
  /** May be of the other family (RTA_VIA). */
  readonly via?: string;
  readonly interface?: string;
  readonly onlink: boolean;
  /** 1–256, multipath only. */
  readonly weight: number;
};

export type RuleAction =
  | { readonly kind: 'lookup'; readonly table: number }
  | { readonly kind: 'goto'; readonly priority: number }
  | { readonly kind: 'nop' | 'blackhole' | 'unreachable' | 'prohibit' };

/** A line of virtual_rules or static_rules. */
export type RuleConfig = Held & {
  readonly family: Family;
  readonly not: boolean;
  readonly from?: Prefix;
  readonly to?: Prefix;
  readonly iif?: string;
  readonly oif?: string;
  readonly fwmark?: { readonly mark: number; readonly mask: number };
  readonly tos: number;
  readonly action: RuleAction;
  /** preference, order or priority; absent: the kernel's choice. */
  readonly priority?: number;
  readonly suppressPrefixLength?: number;
  readonly ipProto?: number;
  /** Inclusive. */
  readonly sourcePorts?: PortRange;
  readonly destinationPorts?: PortRange;
};

export type PortRange = { readonly from: number; readonly to: number };
