/** Addresses of interfaces in rtnetlink's bytes: struct ifaddrmsg and IFA_* of linux/if_addr.h. */
import { type Family, formatAddress, parseAddress } from '../address.js';
import { AF_INET, AF_INET6 } from '../linux.js';
import { decodeAttributes, encodeBody, numberOf, text, textOf, u32 } from './message.js';

/** Seconds, from now, until the kernel removes an address (`valid`) or stops using it as a source (`preferred`). */
export type Lifetime = { readonly valid: number | 'forever'; readonly preferred: number | 'forever' };

export const FOREVER: Lifetime = { valid: 'forever', preferred: 'forever' };

/** An address to be put on an interface. */
export type AddressSpec = {
  readonly family: Family;
  readonly address: string;
  readonly prefixLength: number;
  /** The far end of a point-to-point link, with its own prefix length. */
  readonly peer?: { readonly address: string; readonly prefixLength: number };
  readonly broadcast?: string;
  readonly label?: string;
  /** RT_SCOPE_*: 0 global, 253 link, 254 host. IPv6 has its own mind. */
  readonly scope: number;
  /** IFA_F_* */
  readonly flags: number;
};

/** An address as the kernel has it. */
export type InterfaceAddress = AddressSpec & {
  readonly interfaceIndex: number;
  readonly lifetime: Lifetime;
};

/** linux/if_addr.h: IFA_F_* */
export const IFA_F = {
  SECONDARY: 0x01,
  NODAD: 0x02,
  HOMEADDRESS: 0x10,
  DEPRECATED: 0x20,
  TENTATIVE: 0x40,
  MANAGETEMPADDR: 0x100,
  NOPREFIXROUTE: 0x200,
  MCAUTOJOIN: 0x400,
} as const;

const IFA = { ADDRESS: 1, LOCAL: 2, LABEL: 3, BROADCAST: 4, CACHEINFO: 6, FLAGS: 8 } as const;
const IFADDRMSG = 8;
// INFINITY_LIFE_TIME of linux/if_addr.h's users.
const INFINITE = 0xffffffff;

/** The body of RTM_NEWADDR and RTM_DELADDR. Throws on an address that is none: the configuration has checked it. */
export function encodeAddress(spec: AddressSpec, interfaceIndex: number, lifetime?: Lifetime): Uint8Array {
  const local = bytesOf(spec.address);
  const struct = Buffer.alloc(IFADDRMSG);
  struct.set([
    spec.family === 'ipv4' ? AF_INET : AF_INET6,
    spec.peer?.prefixLength ?? spec.prefixLength,
    spec.flags & 0xff,
    spec.scope,
  ]);
  struct.writeInt32LE(interfaceIndex, 4);
  return encodeBody(struct, [
    [IFA.LOCAL, local],
    [IFA.ADDRESS, spec.peer === undefined ? local : bytesOf(spec.peer.address)],
    [IFA.BROADCAST, spec.broadcast === undefined ? undefined : bytesOf(spec.broadcast)],
    [IFA.LABEL, spec.label === undefined ? undefined : text(spec.label)],
    [IFA.FLAGS, u32(spec.flags)],
    [IFA.CACHEINFO, lifetime === undefined ? undefined : encodeLifetime(lifetime)],
  ]);
}

/** The address of an RTM_NEWADDR or RTM_DELADDR; undefined when it is of no IP family. */
export function decodeAddress(data: Buffer): InterfaceAddress | undefined {
  const family = data[0] === AF_INET ? 'ipv4' : data[0] === AF_INET6 ? 'ipv6' : undefined;
  if (family === undefined || data.length < IFADDRMSG) return undefined;
  const attributes = decodeAttributes(data.subarray(IFADDRMSG));
  const address = attributes.get(IFA.LOCAL) ?? attributes.get(IFA.ADDRESS);
  if (address === undefined) return undefined;
  const far = attributes.get(IFA.ADDRESS) ?? address;
  const prefixLength = data[1] ?? 0;
  const [broadcast, label] = [attributes.get(IFA.BROADCAST), attributes.get(IFA.LABEL)];
  return {
    family,
    address: formatAddress(address),
    prefixLength,
    ...(far.equals(address) ? {} : { peer: { address: formatAddress(far), prefixLength } }),
    ...(broadcast === undefined ? {} : { broadcast: formatAddress(broadcast) }),
    ...(label === undefined ? {} : { label: textOf(label) }),
    scope: data[3] ?? 0,
    flags: numberOf(attributes.get(IFA.FLAGS)) ?? data[2] ?? 0,
    interfaceIndex: data.readInt32LE(4),
    lifetime: decodeLifetime(attributes.get(IFA.CACHEINFO)),
  };
}

/** Whether two are one to the kernel: the same address and prefix length; where there is a peer, the prefix is its. */
export function sameAddress(a: AddressSpec, b: AddressSpec): boolean {
  const length = ({ peer, prefixLength }: AddressSpec) => peer?.prefixLength ?? prefixLength;
  const far = ({ peer, address }: AddressSpec) => peer?.address ?? address;
  // IPv6 knows an address by itself alone (ipv6_get_ifaddr).
  if (a.family === 'ipv6') return b.family === 'ipv6' && a.address === b.address;
  return a.address === b.address && length(a) === length(b) && far(a) === far(b);
}

/** struct ifa_cacheinfo: preferred and valid lifetimes, two timestamps of the kernel. */
function encodeLifetime({ preferred, valid }: Lifetime): Uint8Array {
  const seconds = (lifetime: number | 'forever') => (lifetime === 'forever' ? INFINITE : lifetime);
  // A longer preference than validity is EINVAL.
  const most = seconds(valid);
  return Buffer.concat([u32(Math.min(seconds(preferred), most)), u32(most), u32(0), u32(0)]);
}

function decodeLifetime(bytes: Buffer | undefined): Lifetime {
  if (bytes === undefined || bytes.length < 8) return FOREVER;
  const at = (offset: number) => {
    const seconds = bytes.readUInt32LE(offset);
    return seconds === INFINITE ? ('forever' as const) : seconds;
  };
  return { preferred: at(0), valid: at(4) };
}

function bytesOf(address: string): Uint8Array {
  const bytes = parseAddress(address);
  if (bytes === undefined) throw new RangeError(`encode address "${address}": not a numeric IP address`);
  return bytes;
}
