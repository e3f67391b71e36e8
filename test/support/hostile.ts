/** Packets of a neighbour that do not belong to a virtual router: all that can be wrong with one, alone or together. */
import { parseAddress } from '../../src/net/address.js';
import { checksum, pseudoHeaderSum } from '../../src/net/checksum.js';
import { encodeIpPacket } from '../../src/net/ip-packet.js';
import type { DropReason } from '../../src/vrrp/packets/drop-reasons.js';
import {
  encodeAdvert,
  HEADER_BYTES,
  VRRP_PROTOCOL,
  VRRP_TOS,
  VRRP_TTL,
} from '../../src/vrrp/packets/packet.js';
import type { Envelope, Receiver } from '../../src/vrrp/packets/receive.js';

export type Packet = Envelope & { readonly payload: Uint8Array };

/** What is wrong with a packet, and the reason for which it is to be dropped where nothing else is wrong. */
export type Fault = { readonly reason: DropReason; readonly spoil: (packet: Packet) => Packet };

/** Packets dropped, by whom and for which reason. */
export class Tally {
  readonly counts: Record<string, Partial<Record<DropReason, number>>> = {};

  add(whom: string, reason: DropReason, packets = 1): void {
    const counts = this.counts[whom] ?? {};
    counts[reason] = (counts[reason] ?? 0) + packets;
    this.counts[whom] = counts;
  }
}

/** No virtual router of the tests. */
const FOREIGN_VRID = 99;

/** An advert as the receiver expects it: from a neighbour, or from its first peer. */
export function goodPacket(target: Receiver, source: string, priority = 254): Packet {
  const { transport, primaryAddress = '' } = target;
  const destination = transport.kind === 'multicast' ? transport.group : primaryAddress;
  return { payload: encodeAdvert(target, priority, source, destination), source, destination, ttl: VRRP_TTL };
}

/**
 * The packet with these faults, and its checksum right but where that is the fault.
 * @param faults of `faultsOf` for the same receiver, in its order
 */
export function spoiled(target: Receiver, good: Packet, faults: readonly Fault[]): Packet {
  const bad = faults.reduce((packet, { spoil }) => spoil(packet), good);
  const mended = withSum(target, bad);
  return faults.some(({ reason }) => reason === 'chk_err') ? flip(mended, 6, 0xff) : mended;
}

/**
 * @param stranger an address that is neither the receiver's nor a peer's
 */
export function faultsOf(target: Receiver, stranger: string): readonly Fault[] {
  const { transport, primaryAddress = '' } = target;
  const unicast = transport.kind === 'unicast';
  const elsewhere = unicast ? (target.family === 'ipv4' ? '224.0.0.18' : 'ff02::12') : primaryAddress;
  return [
    fault('packet_len_err', (packet) => ({ ...packet, payload: packet.payload.subarray(0, 7) })),
    fault('packet_len_err', (packet) => ({ ...packet, payload: Uint8Array.of(...packet.payload, 0) })),
    fault('packet_len_err', (packet) => flip(packet, 3, 0x40)),
    fault('vrid_err', (packet) => put(packet, 1, [FOREIGN_VRID])),
    fault('ip_ttl_err', (packet) => ({ ...packet, ttl: VRRP_TTL - 1 })),
    fault('vers_err', (packet) => flip(packet, 0, 0x10)),
    fault('invalid_type_rcvd', (packet) => flip(packet, 0, 0x03)),
    fault('chk_err', (packet) => packet),
    fault('destination_err', (packet) => ({ ...packet, destination: elsewhere })),
    ...(unicast ? [fault('unicast_src_err', (packet) => ({ ...packet, source: stranger }))] : []),
    fault('own_source', (packet) => ({ ...packet, source: primaryAddress })),
    ...(target.version === 2 ? faultsOfVersion2(target) : faultsOfVersion3),
  ];
}

/** With its IP header. */
export function ipPacket({ payload, ...envelope }: Packet): Uint8Array {
  return encodeIpPacket({ ...envelope, protocol: VRRP_PROTOCOL, tos: VRRP_TOS }, payload);
}

function faultsOfVersion2({ authentication }: Receiver): readonly Fault[] {
  const otherType = authentication === undefined ? 1 : 0;
  const failures = [
    fault('invalid_authtype', (packet) => put(packet, 4, [7])),
    fault('authtype_mismatch', (packet) => put(packet, 4, [otherType])),
    fault('advert_interval_err', (packet) => flip(packet, 5, 0x08)),
  ];
  if (authentication === undefined) return failures;
  const guess = (packet: Packet) => flip(packet, packet.payload.length - 1, 0x20);
  return [...failures, fault('auth_failure', guess)];
}

const faultsOfVersion3: readonly Fault[] = [
  fault('advert_interval_err', (packet) => put(packet, 4, [0, 0])),
  fault('addr_list_err', (packet) => {
    const empty = put(packet, 3, [0]);
    return { ...empty, payload: empty.payload.subarray(0, HEADER_BYTES) };
  }),
];

function fault(reason: DropReason, spoil: Fault['spoil']): Fault {
  return { reason, spoil };
}

/** Bytes beyond the end stay away. */
function put(packet: Packet, at: number, bytes: readonly number[]): Packet {
  const payload = Uint8Array.from(packet.payload);
  for (const [i, byte] of bytes.entries()) payload[at + i] = byte;
  return { ...packet, payload };
}

function flip(packet: Packet, at: number, bits: number): Packet {
  return put(packet, at, [(packet.payload[at] ?? 0) ^ bits]);
}

function withSum(target: Receiver, packet: Packet): Packet {
  const { payload, source, destination } = put(packet, 6, [0, 0]);
  const sum = checksum(payload, target.version === 2 ? 0 : pseudoSum(source, destination, payload.length));
  return put(packet, 6, [sum >> 8, sum & 0xff]);
}

function pseudoSum(source: string, destination: string, length: number): number {
  const [from, to] = [source, destination].map((text) => parseAddress(text) ?? new Uint8Array());
  return from === undefined || to === undefined ? 0 : pseudoHeaderSum(from, to, VRRP_PROTOCOL, length);
}
