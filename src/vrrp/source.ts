/** From which address adverts leave. */
import { IFA_F, type InterfaceAddress } from '../net/route/address.js';
import { allAddresses } from './all-addresses.js';
import type { InstanceConfig } from './config.js';

// linux/rtnetlink.h
const RT_SCOPE_LINK = 253;

type Wish = Pick<InstanceConfig, 'family' | 'transport' | 'virtualAddresses' | 'excludedAddresses'>;

/**
 * The configured source, else the interface's first own address: for IPv6 the link-local one (RFC 9568 §5.1.2.1), but a global one
 * to unicast peers that are not on the link. Undefined when there is none that can be used yet.
 * @param there what the interface has
 */
export function sourceAddress(config: Wish, there: readonly InterfaceAddress[]): string | undefined {
  const { transport, family } = config;
  if (transport.sourceAddress !== undefined) return transport.sourceAddress;
  const own = there.filter((each) => each.family === family && isUsable(each) && !isVirtual(config, each));
  const near = family === 'ipv6' && isOnLink(config);
  const fitting = own.filter(({ scope }) => (family === 'ipv6' ? (scope === RT_SCOPE_LINK) === near : true));
  const first = fitting.find(({ flags }) => (flags & IFA_F.SECONDARY) === 0);
  return (first ?? fitting[0])?.address;
}

function isOnLink({ transport }: Wish): boolean {
  return transport.kind === 'multicast' || transport.peers.every(({ address }) => /^fe[89ab]/i.test(address));
}

/** An IPv6 address under duplicate address detection is refused as a source. */
function isUsable({ flags }: InterfaceAddress): boolean {
  return (flags & IFA_F.TENTATIVE) === 0;
}

function isVirtual(config: Wish, { address }: InterfaceAddress): boolean {
  return allAddresses(config).some((each) => each.address === address);
}
