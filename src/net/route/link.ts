/** Network interfaces as rtnetlink describes them: struct ifinfomsg and IFLA_* of linux/if_link.h. */
import { formatMac } from '../mac.js';
import { type Attribute, decodeAttributes, encodeBody, numberOf, textOf } from './message.js';

/** An interface. */
export type Link = {
  readonly index: number;
  readonly name: string;
  /** Undefined where there is no Ethernet address. */
  readonly mac: string | undefined;
  readonly mtu: number;
  /** Set up by the administrator: IFF_UP. */
  readonly up: boolean;
  /** Up and with a carrier: IFF_RUNNING. What VRRP calls up is both. */
  readonly running: boolean;
  readonly loopback: boolean;
  readonly multicast: boolean;
  /** No ARP: point to point, tunnels. */
  readonly noArp: boolean;
  /** Index of the bridge, bond or VRF it belongs to. */
  readonly master: number | undefined;
  /** Index of the interface it is built on (VLAN, macvlan). */
  readonly parent: number | undefined;
  /** `macvlan`, `veth`, `vrf` …; undefined for hardware. */
  readonly kind: string | undefined;
};

const IFINFOMSG = 16;
const [IFF_UP, IFF_LOOPBACK, IFF_RUNNING, IFF_NOARP, IFF_MULTICAST] = [0x1, 0x8, 0x40, 0x80, 0x1000];
const ARPHRD_ETHER = 1;

export const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  LINKINFO: 18,
  GROUP: 27,
  EXT_MASK: 29,
} as const;

export const IFLA_INFO = { KIND: 1, DATA: 2 } as const;

/** The interface of an RTM_NEWLINK or RTM_DELLINK; undefined for messages of other families (bridge ports). */
export function decodeLink(data: Buffer): Link | undefined {
  if (data.length < IFINFOMSG || data[0] !== 0) return undefined;
  const attributes = decodeAttributes(data.subarray(IFINFOMSG));
  const flags = data.readUInt32LE(8);
  const has = (flag: number) => (flags & flag) !== 0;
  const mac = attributes.get(IFLA.ADDRESS);
  return {
    index: data.readInt32LE(4),
    name: textOf(attributes.get(IFLA.IFNAME) ?? Buffer.alloc(0)),
    mac: data.readUInt16LE(2) === ARPHRD_ETHER && mac?.length === 6 ? formatMac(mac) : undefined,
    mtu: numberOf(attributes.get(IFLA.MTU)) ?? 0,
    up: has(IFF_UP),
    running: has(IFF_RUNNING),
    loopback: has(IFF_LOOPBACK),
    multicast: has(IFF_MULTICAST),
    noArp: has(IFF_NOARP),
    master: numberOf(attributes.get(IFLA.MASTER)),
    parent: numberOf(attributes.get(IFLA.LINK)),
    kind: kindOf(attributes.get(IFLA.LINKINFO)),
  };
}

/** The body of a request about an interface. `up` sets it up or down; left out, the state stays as it is. */
export function encodeLink(
  { index = 0, up }: { readonly index?: number; readonly up?: boolean },
  attributes: readonly Attribute[],
): Uint8Array {
  const struct = Buffer.alloc(IFINFOMSG);
  struct.writeInt32LE(index, 4);
  struct.writeUInt32LE(up === true ? IFF_UP : 0, 8);
  struct.writeUInt32LE(up === undefined ? 0 : IFF_UP, 12);
  return encodeBody(struct, attributes);
}

function kindOf(info: Buffer | undefined): string | undefined {
  const kind = info === undefined ? undefined : decodeAttributes(info).get(IFLA_INFO.KIND);
  return kind === undefined ? undefined : textOf(kind);
}
