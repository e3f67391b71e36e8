/** Which interfaces are made for an instance, and what that means for it: macvlans with the virtual router's MAC address, or an ipvlan. Pure. */

import type { Link } from '../../net/route/link.js';
import type { AddressVmacConfig, InstanceConfig, IpvlanConfig, VmacConfig } from '../config.js';
import type { AddressConfig } from './network-config.js';

/** One of them: where it is made upon, and what it is. */
export type MadeLink = { readonly name: string; readonly base: string } & (
  | { readonly kind: 'macvlan'; readonly of: VmacConfig | AddressVmacConfig }
  | { readonly kind: 'ipvlan'; readonly of: IpvlanConfig }
);

/** The name of the one its own interface has; undefined where it has none. */
export function madeLinkName({ vmac, ipvlan }: Pick<InstanceConfig, 'vmac' | 'ipvlan'>): string | undefined {
  return vmac?.interface ?? ipvlan?.interface;
}

/** Interfaces an instance depends on beside its own: those made for it, and those they are made upon. */
export function madeUpon(config: InstanceConfig): readonly string[] {
  return madeLinks(config).flatMap(({ name, base }) => [name, base]);
}

/** What an interface is made upon; itself where it is not made for the instance. */
export function baseIn(config: InstanceConfig): (name: string) => string {
  const bases = new Map(madeLinks(config).map(({ name, base }) => [name, base]));
  return (name) => bases.get(name) ?? name;
}

/** Those with the virtual router's MAC address. */
export function vmacs({ vmac, addressVmacs }: InstanceConfig): readonly string[] {
  const own = vmac === undefined ? [] : [vmac.interface];
  return [...own, ...addressVmacs.map(({ interface: name }) => name)];
}

/** What an interface is that has the name of one: that one, one like it of an earlier life, or something else. */
export function whatIs(there: Link, link: MadeLink, base: Link): 'wanted' | 'outdated' | 'foreign' {
  if (!isMade(there)) return 'foreign';
  // One upon another of its kind is upon that one's base (macvlan_common_newlink, ipvlan_link_new).
  const parent = base.kind === link.kind ? base.parent : base.index;
  const hasMac = link.kind === 'ipvlan' || there.mac === link.of.macAddress.toLowerCase();
  return there.kind === link.kind && there.parent === parent && hasMac ? 'wanted' : 'outdated';
}

/** Whether an interface may be one that was made for an instance. */
export function isMade({ kind }: Link): boolean {
  return kind === 'macvlan' || kind === 'ipvlan';
}

/** Whether two instances want different interfaces of one name. */
export function clash(a: InstanceConfig, b: InstanceConfig): boolean {
  const theirs = new Map(madeLinks(b).map((link) => [link.name, JSON.stringify(link)]));
  return madeLinks(a).some(
    (link) => (theirs.get(link.name) ?? JSON.stringify(link)) !== JSON.stringify(link),
  );
}

/** The instance with its own addresses on the interface made for it, and an ipvlan's own address as the source of its adverts. */
export function onMadeLink(config: InstanceConfig): InstanceConfig {
  const made = madeLinkName(config);
  if (made === undefined) return config;
  const move = (each: AddressConfig) =>
    each.interface === config.interface ? { ...each, interface: made } : each;
  return {
    ...config,
    transport: { ...optionalSource(config.ipvlan?.address), ...config.transport },
    virtualAddresses: config.virtualAddresses.map(move),
    excludedAddresses: config.excludedAddresses.map(move),
  };
}

/**
 * Where adverts leave and arrive: a peer with the same virtual MAC address is heard only on the macvlan that has it too, for the
 * kernel gives frames from an address of its own to its owner (macvlan_handle_frame). Unicast is for the base's address, or for that of
 * an ipvlan, which hears it alone. Without an interface a VRF is what sockets are bound to.
 */
export function advertInterface(config: InstanceConfig): string | undefined {
  const { vmac, ipvlan, transport } = config;
  const onVmac = vmac !== undefined && !vmac.xmitBase && transport.kind === 'multicast';
  if (ipvlan?.address !== undefined && transport.kind === 'unicast') return ipvlan.interface;
  return onVmac ? vmac.interface : (config.interface ?? config.vrf);
}

/** All that are made for an instance; none of its own while it has no interface. */
export function madeLinks({
  vmac,
  ipvlan,
  interface: base,
  addressVmacs,
}: InstanceConfig): readonly MadeLink[] {
  const more = addressVmacs.map(
    (of) => ({ kind: 'macvlan', of, name: of.interface, base: of.base }) as const,
  );
  if (base === undefined) return more;
  if (vmac !== undefined) return [{ kind: 'macvlan', of: vmac, name: vmac.interface, base }, ...more];
  if (ipvlan !== undefined) return [{ kind: 'ipvlan', of: ipvlan, name: ipvlan.interface, base }, ...more];
  return more;
}

function optionalSource(own: IpvlanConfig['address']): { readonly sourceAddress?: string } {
  return own === undefined ? {} : { sourceAddress: own.address };
}
