/**
 * The IPv4 header (RFC 791 §3.1) before what a raw socket receives. IPv6 raw sockets give no header; they tell the
 * same by recvmsg.
 */
import { formatAddress } from '../../net/address.js';
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
      source: sourceText(packet, 12),
      destination: destinationText(packet, 16),
      ttl: packet[8] ?? 0,
    },
    payload: packet.subarray(headerBytes, totalBytes),
  };
}

const sourceText = createAddressText();
const destinationText = createAddressText();

/** Adverts come from few addresses: the last one's text is kept, since making and comparing another costs more than the rest of a header. */
function createAddressText(): (packet: Uint8Array, offset: number) => string {
  let last = Number.NaN;
  let text = '';
  return (packet, offset) => {
    const bits = word(packet, offset) * 0x10000 + word(packet, offset + 2);
    if (bits !== last) text = formatAddress(packet.subarray(offset, offset + 4));
    last = bits;
    return text;
  };
}

function word(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}
