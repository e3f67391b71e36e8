/**
 * IP packets with the header written here (IP_HDRINCL), so that source, TTL and type of service are exactly as wanted.
 *
 *      0        4        8        12       16       20           0        4        8                24               40
 *     +--------+--------+--------+--------+--------+-            +--------+--------+----------------+----------------+-
 *     |45 tos n| id, DF | ttl p c| source | dest.  | payload     |6 tc fl |n  p hop| source         | destination    | payload
 *     +--------+--------+--------+--------+--------+-            +--------+--------+----------------+----------------+-
 */
import { parseAddress } from './address.js';

export type IpHeader = {
  /** Numeric, of one family. An IPv4 source of 0.0.0.0 is filled in by the kernel. */
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  /** TTL or hop limit. */
  readonly ttl: number;
  /** Type of service or traffic class. */
  readonly tos: number;
};

/** A whole packet. The kernel fills in the IPv4 identification and checksum (raw(7)). Throws on an address that is none. */
export function encodeIpPacket(header: IpHeader, payload: Uint8Array): Uint8Array {
  const source = bytesOf(header.source);
  const destination = bytesOf(header.destination);
  if (source.length !== destination.length) {
    throw new RangeError(`encode IP packet from ${header.source} to ${header.destination}: two families`);
  }
  return source.length === 4
    ? encodeIpv4(header, source, destination, payload)
    : encodeIpv6(header, source, destination, payload);
}

function encodeIpv4(
  header: IpHeader,
  source: Uint8Array,
  destination: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  const packet = new Uint8Array(20 + payload.length);
  packet.set([0x45, header.tos, packet.length >> 8, packet.length & 0xff]);
  packet.set([header.ttl, header.protocol], 8);
  packet.set(source, 12);
  packet.set(destination, 16);
  packet.set(payload, 20);
  return packet;
}

function encodeIpv6(
  header: IpHeader,
  source: Uint8Array,
  destination: Uint8Array,
  payload: Uint8Array,
): Uint8Array {
  const packet = new Uint8Array(40 + payload.length);
  packet.set([0x60 | (header.tos >> 4), (header.tos & 0x0f) << 4]);
  packet.set([payload.length >> 8, payload.length & 0xff, header.protocol, header.ttl], 4);
  packet.set(source, 8);
  packet.set(destination, 24);
  packet.set(payload, 40);
  return packet;
}

function bytesOf(address: string): Uint8Array {
  const bytes = parseAddress(address);
  if (bytes === undefined) throw new RangeError(`encode IP packet: "${address}" is no numeric IP address`);
  return bytes;
}
