/**
 * ICMP echo in bytes (RFC 792, RFC 4443 §4):
 *
 *    0                   1                   2                   3
 *   |     type      |     code      |           checksum            |
 *   |          identifier           |        sequence number        |
 *   |  data …
 */
import type { Family } from './address.js';

const REQUEST: Readonly<Record<Family, number>> = { ipv4: 8, ipv6: 128 };
const REPLY: Readonly<Record<Family, number>> = { ipv4: 0, ipv6: 129 };

export type Echo = { readonly id: number; readonly sequence: number; readonly data: Uint8Array };

/**
 * An echo request, with its checksum for IPv4; that of IPv6 covers addresses, and the kernel fills it in. `bytes` has room for
 * 8 bytes and the data.
 */
export function encodeEcho(
  family: Family,
  { id, sequence, data }: Echo,
  bytes = new Uint8Array(8 + data.length),
): Uint8Array {
  bytes[0] = REQUEST[family];
  put16(bytes, 2, 0);
  put16(bytes, 4, id);
  put16(bytes, 6, sequence);
  bytes.set(data, 8);
  if (family === 'ipv4') put16(bytes, 2, internetChecksum(bytes));
  return bytes;
}

/**
 * An echo reply in the first `size` bytes of `packet`, or undefined when they are none. `ipHeader`: an IPv4 header comes
 * first, as raw sockets have it.
 */
export function decodeEchoReply(
  family: Family,
  packet: Uint8Array,
  size: number,
  ipHeader: boolean,
): Echo | undefined {
  const start = ipHeader ? ((packet[0] ?? 0) & 0x0f) * 4 : 0;
  if (size < start + 8 || packet[start] !== REPLY[family] || packet[start + 1] !== 0) return undefined;
  return {
    id: get16(packet, start + 4),
    sequence: get16(packet, start + 6),
    data: packet.subarray(start + 8, size),
  };
}

/** RFC 1071: the ones' complement of the ones' complement sum. */
function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += get16(bytes, at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function get16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
}
