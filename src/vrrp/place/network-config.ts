/** Addresses, routes and rules as the configuration names them; numbers are those of the kernel (linux/rtnetlink.h). */
import type { Family } from '../../net/address.js';
import type { Prefix, RouteSpec } from '../../net/route/route.js';
import type { RuleSpec } from '../../net/route/rule.js';

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

/** A line of virtual_routes or static_routes; the table 254 is main, the protocol 18 keepalived's and ours. */
export type RouteConfig = Held & RouteSpec;

/** A line of virtual_rules or static_rules. */
export type RuleConfig = Held & RuleSpec;
