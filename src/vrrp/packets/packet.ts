/**
 * VRRP packets to bytes and back.
 *
 *     VRRPv3 (RFC 9568 §5.1)                          VRRPv2 (RFC 3768 §5.1, authentication as RFC 2338 §5.3)
 *      0        1        2        3                    0        1        2        3
 *     +--------+--------+--------+--------+           +--------+--------+--------+--------+
 *     |3 | type|  VRID  |priority| count  |           |2 | type|  VRID  |priority| count  |
 *     +--------+--------+--------+--------+           +--------+--------+--------+--------+
 *     |0| interval, 12 b|    checksum     |           |authtype|interval|    checksum     |
 *     +--------+--------+--------+--------+           +--------+--------+--------+--------+
 *     | addresses, 4 or 16 bytes each …   |           | addresses, 4 bytes each …         |
 *     +--------+--------+--------+--------+           | authentication data, 8 bytes      |
 *                                                     +--------+--------+--------+--------+
 */

import { formatAddress, parseAddress } from '../../net/address.js';
import { checksum, pseudoHeaderSum } from '../../net/checksum.js';
import type { InstanceConfig } from '../config.js';
import { advertIntFromWire, advertIntToWire } from '../election/timers.js';

export const VRRP_PROTOCOL = 112;
export const TYPE_ADVERTISEMENT = 1;
/** RFC 9568 §5.1.1.3: senders use it and receivers insist on it. */
export const VRRP_TTL = 255;
/** The IPv4 type of service of what is sent: internetwork control. */
export const VRRP_TOS = 0xc0;
export const VRRP_GROUP4 = '224.0.0.18';
/** Header and nothing else. */
export const HEADER_BYTES = 8;
export const AUTH_BYTES = 8;
export const AUTH_NONE = 0;
export const AUTH_PASS = 1;
export const AUTH_AH = 2;

/** A packet's fields as they are, before anyone judged them. */
export type Fields = {
  readonly version: number;
  readonly type: number;
  readonly virtualRouterId: number;
  readonly priority: number;
  readonly addressCount: number;
  /** VRRPv2 only; 0 otherwise. */
  readonly authType: number;
  readonly advertIntMs: number;
};

/** What the sender's configuration puts into a packet. */
export type Sender = Pick<
  InstanceConfig,
  | 'family'
  | 'version'
  | 'virtualRouterId'
  | 'advertIntMs'
  | 'authentication'
  | 'virtualAddresses'
  | 'v3ChecksumAsV2'
  | 'transport'
>;

/** An advert of one priority to one destination: the payload of an IP packet of protocol 112. */
export function encodeAdvert(
  sender: Sender,
  priority: number,
  source: string,
  destination: string,
): Uint8Array {
  const addresses = sender.virtualAddresses.map(({ address }) => addressBytes(address));
  const bytes = new Uint8Array(packetBytes(sender.version, sender.family, addresses.length));
  bytes.set([(sender.version << 4) | TYPE_ADVERTISEMENT, sender.virtualRouterId, priority, addresses.length]);
  const interval = advertIntToWire(sender.version, sender.advertIntMs);
  const authType = sender.authentication === undefined ? AUTH_NONE : AUTH_PASS;
  bytes.set(sender.version === 2 ? [authType, interval] : [interval >> 8, interval & 0xff], 4);
  let offset = HEADER_BYTES;
  for (const address of addresses) {
    bytes.set(address, offset);
    offset += address.length;
  }
  if (sender.version === 2) bytes.set(authenticationData(sender), offset);
  const sum = checksum(bytes, coverSum(sender, source, destination, bytes.length));
  bytes.set([sum >> 8, sum & 0xff], 6);
  return bytes;
}

/** The number by which a packet is given to its virtual router; undefined when there is none. */
export function virtualRouterIdOf(payload: Uint8Array): number | undefined {
  return payload[1];
}

/** The fields of at least HEADER_BYTES. */
export function readFields(payload: Uint8Array): Fields {
  const [first = 0, virtualRouterId = 0, priority = 0, addressCount = 0, fourth = 0, fifth = 0] = payload;
  const version = first >> 4;
  return {
    version,
    type: first & 0x0f,
    virtualRouterId,
    priority,
    addressCount,
    authType: version === 2 ? fourth : AUTH_NONE,
    advertIntMs:
      version === 2 ? advertIntFromWire(2, fifth) : advertIntFromWire(3, ((fourth & 0x0f) << 8) | fifth),
  };
}

/** The whole length of a packet of so many addresses. */
export function packetBytes(version: 2 | 3, family: 'ipv4' | 'ipv6', addressCount: number): number {
  const each = family === 'ipv4' ? 4 : 16;
  return HEADER_BYTES + addressCount * each + (version === 2 ? AUTH_BYTES : 0);
}

/** The advertised addresses of a packet whose length is right, in its order. */
export function readAddresses(payload: Uint8Array, family: 'ipv4' | 'ipv6'): string[] {
  const each = family === 'ipv4' ? 4 : 16;
  return Array.from({ length: payload[3] ?? 0 }, (_, index) => {
    const offset = HEADER_BYTES + index * each;
    return formatAddress(payload.subarray(offset, offset + each));
  });
}

/** The password as it is on the wire: 8 bytes, cut or padded with zeros; all zeros without one. */
export function authenticationData(sender: Pick<InstanceConfig, 'authentication'>): Uint8Array {
  const data = new Uint8Array(AUTH_BYTES);
  const password = Buffer.from(sender.authentication?.password ?? '', 'utf8');
  data.set(password.subarray(0, AUTH_BYTES));
  return data;
}

/** Whether a packet's checksum is right for these addresses in its pseudo header, or for none. */
export function checksumHolds(
  payload: Uint8Array,
  pseudo?: { readonly source: string; readonly destination: string },
): boolean {
  const seed = pseudo === undefined ? 0 : pseudoSum(pseudo.source, pseudo.destination, payload.length);
  return checksum(payload, seed) === 0;
}

/** RFC 9568 §5.2.8 has a pseudo header for IPv6 only; keepalived has it in IPv4 VRRPv3 too unless v3_checksum_as_v2. */
function coverSum(sender: Sender, source: string, destination: string, length: number): number {
  if (sender.version === 2) return 0;
  if (sender.family === 'ipv4' && sender.v3ChecksumAsV2) return 0;
  const { transport } = sender;
  const old = sender.family === 'ipv4' && transport.kind === 'unicast' && transport.oldChecksum === 'always';
  return pseudoSum(source, old ? VRRP_GROUP4 : destination, length);
}

function pseudoSum(source: string, destination: string, length: number): number {
  return pseudoHeaderSum(addressBytes(source), addressBytes(destination), VRRP_PROTOCOL, length);
}

/** Addresses of a configuration and of a received packet are well-formed; others would count as nothing. */
function addressBytes(address: string): Uint8Array {
  return parseAddress(address) ?? new Uint8Array();
}
