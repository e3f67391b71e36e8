/**
 * Gratuitous ARP: an Ethernet frame that tells everyone on the link where an IPv4 address is now (RFC 5227 §3,
 * RFC 9568 §6.4.2).
 *
 *      0        6        12     14     16     18  19  20      22         28        32         38
 *     +--------+--------+------+------+------+---+---+-------+----------+---------+----------+---------+
 *     | to all | sender | 0806 | 0001 | 0800 | 6 | 4 |1 or 2 | sender   | address | target   | address |
 *     +--------+--------+------+------+------+---+---+-------+----------+---------+----------+---------+
 */
import { parseAddress } from '../../net/address.js';
import { BROADCAST_MAC } from '../../net/mac.js';

const FRAME_BYTES = 42;
const OPERATION = { request: 1, reply: 2 } as const;

/**
 * A whole frame, to be sent as it is by a packet socket. keepalived sends requests, and every neighbour listens to those.
 * @param mac six bytes of the interface that has the address
 * @param address dotted decimal
 */
export function encodeGratuitousArp(
  mac: Uint8Array,
  address: string,
  operation: keyof typeof OPERATION = 'request',
): Uint8Array {
  const bytes = parseAddress(address) ?? new Uint8Array(4);
  const frame = new Uint8Array(FRAME_BYTES);
  frame.set(BROADCAST_MAC, 0);
  frame.set(mac, 6);
  frame.set([0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 6, 4, 0, OPERATION[operation]], 12);
  frame.set(mac, 22);
  frame.set(bytes, 28);
  frame.set(BROADCAST_MAC, 32);
  frame.set(bytes, 38);
  return frame;
}
