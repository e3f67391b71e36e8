/** The interfaces that are made for an instance: macvlans with the virtual router's MAC address, or an ipvlan. */

import { familyOf } from '../../net/address.js';
import { FOREVER, IFA_F } from '../../net/route/address.js';
import { holdAddress } from '../../net/route/addresses.js';
import type { Link } from '../../net/route/link.js';
import { interfaceOf } from '../../net/route/links.js';
import { deleteLink, makeIpvlan, makeMacvlan, setLinkUp } from '../../net/route/macvlan.js';
import type { Interface } from '../../net/socket-options.js';
import { interfaceSetting } from '../../net/sysctl.js';
import type { SystemError } from '../../net/system-error.js';
import type { AddressVmacConfig, InstanceConfig, IpvlanConfig, VmacConfig } from '../config.js';
import type { Kernel } from './addresses.js';
import type { AddressConfig } from './network-config.js';

/** One of them: where it is made upon, and what it is. */
type MadeLink = { readonly name: string; readonly base: string } & (
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

/**
 * Settings of what its macvlans are made upon, beside those of makeMacvlan: it answers ARP for its own addresses alone. Replies of a
 * virtual address may leave by it. Its ARP requests must not name that address, or the neighbours would learn it with the wrong MAC
 * address (arp_announce of ip-sysctl).
 */
export function settingsBelow(config: InstanceConfig): readonly (readonly [path: string, value: string])[] {
  return madeLinks(config).flatMap(({ kind, base }) => [
    [interfaceSetting('ipv4', base, 'arp_announce'), '2'] as const,
    ...(kind === 'macvlan'
      ? [
          [interfaceSetting('ipv4', base, 'arp_ignore'), '1'] as const,
          [interfaceSetting('ipv4', base, 'arp_filter'), '1'] as const,
        ]
      : []),
  ]);
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

/** What was found of one of them, and done about it. */
export type Making = {
  readonly name: string;
  /** It waits for its base, stands as it ought to, or stands now. */
  readonly found: 'baseless' | 'well' | 'missing' | 'down';
  readonly errors: readonly SystemError[];
};

/** Makes those that are not there and whose base is, and sets up those that are down. */
export function makeLinks(kernel: Kernel, config: InstanceConfig): readonly Making[] {
  return madeLinks(config).map((link) => {
    const { name } = link;
    const there = asItIs(kernel, name);
    const base = kernel.links.byName(link.base);
    const own = () => holdOwn(kernel, link);
    if (there?.up === true) return { name, found: 'well', errors: own() };
    // A macvlan follows its base down and up; one that is down alone was set down by another hand.
    if (base === undefined || (there !== undefined && !base.up))
      return { name, found: 'baseless', errors: [] };
    const raised = there === undefined ? undefined : raise(kernel, there);
    // One that is being deleted is down first, and gone when the kernel answers.
    const isGone = raised === undefined || raised.some(({ code }) => code === 'ENODEV');
    if (!isGone) return { name, found: 'down', errors: [...raised, ...own()] };
    const errors = make(kernel, link, interfaceOf(base));
    // The kernel's event comes with the next turn of the event loop; whoever asked wants to use it now.
    kernel.links.accept({ kind: 'overrun' });
    if (errors.some(({ code }) => code === 'EEXIST')) return { name, found: 'well', errors: own() };
    return { name, found: 'missing', errors: [...errors, ...own()] };
  });
}

/** An event that it is down may be older than what set it up. */
function asItIs({ links }: Kernel, name: string): Link | undefined {
  if (links.byName(name)?.up === false) links.accept({ kind: 'overrun' });
  return links.byName(name);
}

function raise({ socket }: Kernel, link: Link): readonly SystemError[] {
  return socket.change([setLinkUp(interfaceOf(link), true)]).filter((each) => each !== undefined);
}

/** What another hand did to one of them. */
export type Undone = { readonly name: string; readonly text: string };

/**
 * Tells, of those that stood and had to be put back, what another hand did to each. One that followed its base, or was never there, is
 * passed over; one that could not be put back is told of when it is.
 */
export function createLinkWatch(isThere: (name: string) => boolean) {
  let stood: ReadonlySet<string> = new Set();
  return (
    putBack: () => readonly Making[],
  ): { readonly makings: readonly Making[]; readonly undone: readonly Undone[] } => {
    const before = stood;
    // Making one is an event, which leads here again before it returns.
    const makings = putBack();
    const stand = makings.filter(({ found }) => found !== 'baseless').map(({ name }) => name);
    stood = new Set(stand.filter((name) => stood.has(name) || isThere(name)));
    const undone = makings.filter(({ name }) => before.has(name) && isThere(name)).flatMap(whatWasDone);
    return { makings, undone };
  };
}

function whatWasDone({ name, found }: Making): Undone[] {
  if (found === 'missing') return [{ name, text: `interface ${name} was deleted` }];
  return found === 'down' ? [{ name, text: `interface ${name} was set down` }] : [];
}

/** The address an ipvlan has of its own, also while the director is no master. */
function holdOwn({ socket, links }: Kernel, link: MadeLink): readonly SystemError[] {
  const made = links.byName(link.name);
  if (link.kind !== 'ipvlan' || link.of.address === undefined || made === undefined) return [];
  const family = familyOf(link.of.address.address) ?? 'ipv4';
  // It is as much a virtual router's as its others: duplicate address detection would only put it off.
  const spec = { ...link.of.address, family, scope: 0, flags: family === 'ipv6' ? IFA_F.NODAD : 0 };
  return socket.change([holdAddress(spec, interfaceOf(made), FOREVER)]).filter((each) => each !== undefined);
}

/** Removes them, but for those that `heir` has as well; that one is gone already is no error. */
export function removeLinks({ socket, links }: Kernel, config: InstanceConfig, heir?: InstanceConfig): void {
  const kept = new Set(heir === undefined ? [] : madeLinks(heir).map(({ name }) => name));
  for (const { name } of madeLinks(config)) {
    const link = links.byName(name);
    if (link !== undefined && !kept.has(name)) socket.change([deleteLink(interfaceOf(link))]);
  }
}

function madeLinks({ vmac, ipvlan, interface: base, addressVmacs }: InstanceConfig): readonly MadeLink[] {
  const more = addressVmacs.map(
    (of) => ({ kind: 'macvlan', of, name: of.interface, base: of.base }) as const,
  );
  if (base === undefined) return more;
  if (vmac !== undefined) return [{ kind: 'macvlan', of: vmac, name: vmac.interface, base }, ...more];
  if (ipvlan !== undefined) return [{ kind: 'ipvlan', of: ipvlan, name: ipvlan.interface, base }, ...more];
  return more;
}

function make({ socket }: Kernel, link: MadeLink, base: Interface): readonly SystemError[] {
  const { name } = link;
  switch (link.kind) {
    case 'macvlan':
      return makeMacvlan(socket, { name, base, mac: link.of.macAddress, ...optionalGroup(link.of.group) });
    case 'ipvlan':
      return makeIpvlan(socket, { name, base, mode: link.of.mode, ...optionalGroup(link.of.group) });
  }
}

function optionalSource(own: IpvlanConfig['address']): { readonly sourceAddress?: string } {
  return own === undefined ? {} : { sourceAddress: own.address };
}

function optionalGroup(group: number | undefined): { readonly group?: number } {
  return group === undefined ? {} : { group };
}
