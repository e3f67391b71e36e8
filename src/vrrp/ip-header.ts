/**
 * The IPv4 header (RFC 791 §3.1) before what a raw socket receives. IPv6 raw sockets give no header; they tell the
 * same by recvmsg.
 */
import { formatAddress } from '../net/address.js';
import { VRRP_PROTOCOL } from './packet.js';
import type { Envelope } from './receive.js';

const LEAST_BYTES = 20;

/** Envelope and payload of a whole VRRP packet, or undefined when the bytes are none. */
export function splitIpv4(
  packet: Uint8Array,
): { readonly envelope: Envelope; readonly payload: Uint8Array } | undefined {
  const [first = 0] = packet;
  const headerBytes = (first & 0x0f) * 4;
  if (packet.length < LEAST_BYTES || first >> 4 !== 4 || headerBytes < LEAST_BYTES) return undefined;
  const totalBytes = word(packet, 2);
  if (totalBytes < headerBytes || totalBytes > packet.length) return undefined;
  // More Fragments, or an offset: a part of a packet.
  if ((word(packet, 6) & 0x3fff) !== 0 || packet[9] !== VRRP_PROTOCOL) return undefined;
  return {
    envelope: {
      source: formatAddress(packet.subarray(12, 16)),
      destination: formatAddress(packet.subarray(16, 20)),
      ttl: packet[8] ?? 0,
    },
    payload: packet.subarray(headerBytes, totalBytes),
  };
}

function word(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}
