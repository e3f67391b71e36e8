/** Lines of virtual_routes and virtual_rules. */
import type { Nexthop } from '../../src/net/route/route.js';
import type { RouteConfig, RuleConfig } from '../../src/vrrp/place/network-config.js';

/** To a /24 of the main table, by eth0 unless it is changed. */
export function routeLine(to: string, change: Partial<RouteConfig> = {}): RouteConfig {
  return {
    track: true,
    family: 'ipv4',
    type: 'unicast',
    to: { address: to, prefixLength: 24 },
    nexthops: [by('eth0')],
    table: 254,
    protocol: 18,
    tos: 0,
    metrics: {},
    ...change,
  };
}

export function by(name: string, via?: string): Nexthop {
  return { ...(via === undefined ? {} : { via }), interface: name, onlink: false, weight: 1 };
}

/** Of all packets, to table 100, with priority 1000, unless it is changed. */
export function ruleLine(change: Partial<RuleConfig> = {}): RuleConfig {
  return {
    track: true,
    family: 'ipv4',
    not: false,
    tos: 0,
    action: { kind: 'lookup', table: 100 },
    priority: 1000,
    ...change,
  };
}
