/** From which address adverts leave. */
import { IFA_F, type InterfaceAddress } from '../../net/route/address.js';
import type { InstanceConfig } from '../config.js';
import { allAddresses } from './all-addresses.js';
import type { Moving } from './moving.js';

// linux/rtnetlink.h
const RT_SCOPE_LINK = 253;

type Wish = Pick<InstanceConfig, 'family' | 'transport' | 'virtualAddresses' | 'excludedAddresses'>;

/**
 * The configured source, else the interface's first own address: for IPv6 the link-local one (RFC 9568 §5.1.2.1), but a global one
 * to unicast peers that are not on the link. An address that moves is none, whichever instance it moves with: its bearer would be
 * another director tomorrow. Undefined when there is none that can be used yet.
 * @param there what the interface has
 */
export function sourceAddress(
  config: Wish,
  there: readonly InterfaceAddress[],
  moving: Moving,
): string | undefined {
  const { transport, family } = config;
  if (transport.sourceAddress !== undefined) return transport.sourceAddress;
  const usable = there.filter((each) => each.family === family && isUsable(each) && !isVirtual(config, each));
  const own = usable.filter(({ address }) => !moving.all.has(address));
  const owned = usable.filter(({ address }) => moving.owned.has(address));
  return first(config, own) ?? first(config, owned);
}

function first(config: Wish, own: readonly InterfaceAddress[]): string | undefined {
  const isIpv6 = config.family === 'ipv6';
  const near = isIpv6 && isOnLink(config);
  const fitting = own.filter(({ scope }) => !isIpv6 || (scope === RT_SCOPE_LINK) === near);
  const primary = fitting.find(({ flags }) => (flags & IFA_F.SECONDARY) === 0);
  return (primary ?? fitting[0])?.address;
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
