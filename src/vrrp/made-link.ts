/** The interface that is made for an instance: a macvlan with the virtual router's MAC address, or an ipvlan. */
import { interfaceOf } from '../net/route/links.js';
import { deleteLink, makeIpvlan, makeMacvlan } from '../net/route/macvlan.js';
import { interfaceSetting, writeSetting } from '../net/sysctl.js';
import type { SystemError } from '../net/system-error.js';
import type { Kernel } from './addresses.js';
import type { InstanceConfig } from './config.js';
import type { AddressConfig } from './network-config.js';

/** Its name; undefined where the instance has none. */
export function madeLinkName({ vmac, ipvlan }: Pick<InstanceConfig, 'vmac' | 'ipvlan'>): string | undefined {
  return vmac?.interface ?? ipvlan?.interface;
}

/** The instance with its own addresses on the interface made for it. */
export function onMadeLink(config: InstanceConfig): InstanceConfig {
  const made = madeLinkName(config);
  if (made === undefined) return config;
  const move = (each: AddressConfig) =>
    each.interface === config.interface ? { ...each, interface: made } : each;
  return {
    ...config,
    virtualAddresses: config.virtualAddresses.map(move),
    excludedAddresses: config.excludedAddresses.map(move),
  };
}

/**
 * Where adverts leave and arrive: a peer with the same virtual MAC address is heard only on the macvlan that has it too, for the
 * kernel gives frames from an address of its own to its owner (macvlan_handle_frame). Unicast is for the base's address.
 */
export function advertInterface(config: InstanceConfig): string | undefined {
  const { vmac, transport } = config;
  const onVmac = vmac !== undefined && !vmac.xmitBase && transport.kind === 'multicast';
  return onVmac ? vmac.interface : config.interface;
}

/** Makes it, unless it is there or its base is not. */
export function makeLink({ socket, links }: Kernel, config: InstanceConfig): readonly SystemError[] {
  const { vmac, ipvlan, interface: baseName } = config;
  const link = baseName === undefined ? undefined : links.byName(baseName);
  const name = madeLinkName(config);
  if (link === undefined || name === undefined || links.byName(name) !== undefined) return [];
  const base = interfaceOf(link);
  const more = optionalGroup(vmac?.group ?? ipvlan?.group);
  const errors =
    vmac === undefined
      ? makeIpvlan(socket, { name, base, mode: ipvlan?.mode ?? 'bridge', ...more })
      : makeMacvlan(socket, { name, base, mac: vmac.macAddress, ...more });
  // The kernel's event comes with the next turn of the event loop; whoever asked wants to use it now.
  links.accept({ kind: 'overrun' });
  return [...errors.filter(({ code }) => code !== 'EEXIST'), ...withoutClaims(base.name)];
}

/**
 * Replies of a virtual address may leave by the base. Its ARP requests must not name that address, or the neighbours would learn
 * it with the base's MAC address (arp_announce of ip-sysctl).
 */
function withoutClaims(base: string): readonly SystemError[] {
  const refused = writeSetting(interfaceSetting('ipv4', base, 'arp_announce'), '2');
  return refused === undefined ? [] : [refused];
}

/** Removes it; that it is gone already is no error. */
export function removeLink({ socket, links }: Kernel, config: InstanceConfig): void {
  const name = madeLinkName(config);
  const link = name === undefined ? undefined : links.byName(name);
  if (link !== undefined) socket.change([deleteLink(interfaceOf(link))]);
}

function optionalGroup(group: number | undefined): { readonly group?: number } {
  return group === undefined ? {} : { group };
}
