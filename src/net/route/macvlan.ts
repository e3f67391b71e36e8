/** Interfaces made upon others: macvlans that answer with a virtual router's MAC address, and ipvlans. */
import * as linux from '../linux.js';
import { parseMac } from '../mac.js';
import type { Interface } from '../socket-options.js';
import { interfaceSetting, writeSetting } from '../sysctl.js';
import type { SystemError } from '../system-error.js';
import { encodeLink, IFLA, IFLA_INFO } from './link.js';
import { type Attribute, encodeAttributes, text, u16, u32 } from './message.js';
import type { Change, RouteSocket } from './socket.js';

export type MacvlanSpec = {
  readonly name: string;
  readonly base: Interface;
  /** Six octets as text. */
  readonly mac: string;
  /** Link group of `ip link`. */
  readonly group?: number;
};

export type IpvlanSpec = {
  readonly name: string;
  readonly base: Interface;
  readonly mode: 'bridge' | 'private' | 'vepa';
  readonly group?: number;
};

// linux/if_link.h
const IFLA_MACVLAN_MODE = 1;
const MACVLAN_MODE_PRIVATE = 1;
const IFLA_IPVLAN = { MODE: 1, FLAGS: 2 } as const;
const IPVLAN_MODE_L2 = 0;
const IPVLAN_FLAGS = { bridge: 0, private: 1, vepa: 2 } as const;
// in6_addr_gen_mode: none
const ADDR_GEN_MODE_NONE = '1';

/**
 * Makes a macvlan in private mode that answers ARP for its own addresses alone and has none of its own making, and sets it
 * up. That the name is taken is EEXIST. Settings the kernel refuses are errors too, but the interface is there then.
 */
export function makeMacvlan(socket: RouteSocket, spec: MacvlanSpec): readonly SystemError[] {
  const { name, base } = spec;
  const [refused] = socket.change([addMacvlan(spec)]);
  if (refused !== undefined) return [refused];
  const unset = settleMacvlan(name, base.name);
  return [...unset, ...socket.change([setUpByName(name)]).filter((each) => each !== undefined)];
}

/** Makes an ipvlan (layer 2) and sets it up. */
export function makeIpvlan(socket: RouteSocket, spec: IpvlanSpec): readonly SystemError[] {
  return socket.change([addIpvlan(spec)]).filter((each) => each !== undefined);
}

function addMacvlan({ name, base, mac, group }: MacvlanSpec): Change {
  const data = encodeAttributes([[IFLA_MACVLAN_MODE, u32(MACVLAN_MODE_PRIVATE)]]);
  const hardware: Attribute = [IFLA.ADDRESS, parseMac(mac)];
  const attributes = [hardware, ...common(name, base, group)];
  return addLink('macvlan', `${name} on ${base.name}`, data, { up: false, attributes });
}

function addIpvlan({ name, base, mode, group }: IpvlanSpec): Change {
  const data = encodeAttributes([
    [IFLA_IPVLAN.MODE, u16(IPVLAN_MODE_L2)],
    [IFLA_IPVLAN.FLAGS, u16(IPVLAN_FLAGS[mode])],
  ]);
  const attributes = common(name, base, group);
  return addLink('ipvlan', `${name} on ${base.name}`, data, { up: true, attributes });
}

/** Removes an interface that was made. */
export function deleteLink(link: Interface): Change {
  return {
    operation: 'delete interface',
    operand: link.name,
    request: { type: linux.RTM_DELLINK, flags: 0, body: encodeLink({ index: link.index }, []) },
  };
}

/** Sets an interface up or down. */
export function setLinkUp(link: Interface, up: boolean): Change {
  return {
    operation: up ? 'set up' : 'set down',
    operand: link.name,
    request: { type: linux.RTM_NEWLINK, flags: 0, body: encodeLink({ index: link.index, up }, []) },
  };
}

/**
 * Settings with which the macvlan alone answers ARP for its addresses, and replies may leave by another interface
 * (Documentation/networking/ip-sysctl: arp_ignore, arp_filter, accept_local, rp_filter). What cannot be set is returned.
 */
function settleMacvlan(name: string, base: string): readonly SystemError[] {
  const settings: readonly (readonly [on: string, setting: string, value: string])[] = [
    [name, 'arp_ignore', '1'],
    [name, 'arp_filter', '0'],
    // Packets from an address of the base, which is local too.
    [name, 'accept_local', '1'],
    [name, 'rp_filter', '0'],
    [base, 'arp_ignore', '1'],
    [base, 'arp_filter', '1'],
  ];
  const ipv4 = settings.map(([on, setting, value]) =>
    writeSetting(interfaceSetting('ipv4', on, setting), value),
  );
  return [...ipv4, withoutOwnAddress(name)].filter((failed) => failed !== undefined);
}

/** A machine without IPv6 has no such setting, and no such address. */
function withoutOwnAddress(name: string): SystemError | undefined {
  const failed = writeSetting(interfaceSetting('ipv6', name, 'addr_gen_mode'), ADDR_GEN_MODE_NONE);
  return failed?.code === 'ENOENT' ? undefined : failed;
}

function common(name: string, base: Interface, group: number | undefined): Attribute[] {
  return [
    [IFLA.IFNAME, text(name)],
    [IFLA.LINK, u32(base.index)],
    [IFLA.GROUP, group === undefined ? undefined : u32(group)],
  ];
}

function setUpByName(name: string): Change {
  const body = encodeLink({ up: true }, [[IFLA.IFNAME, text(name)]]);
  return { operation: 'set up', operand: name, request: { type: linux.RTM_NEWLINK, flags: 0, body } };
}

function addLink(
  kind: string,
  operand: string,
  data: Uint8Array,
  { up, attributes }: { readonly up: boolean; readonly attributes: readonly Attribute[] },
): Change {
  const info = encodeAttributes([
    [IFLA_INFO.KIND, text(kind)],
    [IFLA_INFO.DATA, data],
  ]);
  return {
    operation: `add ${kind}`,
    operand,
    request: {
      type: linux.RTM_NEWLINK,
      flags: linux.NLM_F_CREATE | linux.NLM_F_EXCL,
      body: encodeLink({ up }, [...attributes, [IFLA.LINKINFO, info]]),
    },
  };
}
