/**
 * no_accept: packets to the addresses are for IPVS alone. nftables drops what is left of them on its way to this host, behind the
 * place where IPVS takes its own (NF_IP_PRI_NAT_SRC - 1, 99), which a chain before that place would starve.
 */

import type { InstanceConfig } from '../config.js';
import { allAddresses } from './all-addresses.js';

const TABLE = 'inet lvsd_vrrp';
const BEHIND_IPVS = 110;

/** Addresses that accept nothing; an address that another instance accepts for is none of them. */
export function closedAddresses(instances: readonly InstanceConfig[]): readonly string[] {
  const of = (accept: boolean) =>
    instances
      .filter((each) => each.accept === accept)
      .flatMap((each) => allAddresses(each).map(({ address }) => address));
  const open = new Set(of(true));
  return [...new Set(of(false))].filter((address) => !open.has(address)).sort();
}

/** What nft has to be told, as one transaction: the table as it should be, or none where nothing is closed. */
export function acceptRules(closed: readonly string[]): string {
  // Without the first, deleting a table that is not there is an error.
  const fresh = `add table ${TABLE}; delete table ${TABLE};`;
  if (closed.length === 0) return fresh;
  const [six, four] = [closed.filter(isIpv6), closed.filter((address) => !isIpv6(address))];
  return `${fresh} table ${TABLE} {
${set('closed4', 'ipv4_addr', four)}${set('closed6', 'ipv6_addr', six)}  chain input {
    type filter hook input priority ${BEHIND_IPVS}; policy accept;
    ip daddr @closed4 drop
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    ip6 daddr @closed6 drop
  }
}`;
}

function set(name: string, type: string, elements: readonly string[]): string {
  const filled = elements.length === 0 ? '' : `; elements = { ${elements.join(', ')} }`;
  return `  set ${name} { type ${type}${filled}; }\n`;
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}
