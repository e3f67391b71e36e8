/** Lines of the configuration in words, for those who are told what became of them. Pure. */
import type { AddressConfig, RouteConfig, RuleConfig } from './network-config.js';

export function describeAddress({ address, prefixLength, interface: name }: AddressConfig): string {
  return `${address}/${prefixLength} on ${name}`;
}

export function describeLine(line: RouteConfig | RuleConfig): string {
  return 'nexthops' in line
    ? `route to ${line.to.address}/${line.to.prefixLength}`
    : `rule of priority ${line.priority}`;
}
