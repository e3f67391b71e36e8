/**
 * Unsolicited neighbour advertisement: an Ethernet frame that tells everyone on the link where an IPv6 address is now
 * (RFC 4861 §4.4 and §7.2.6, RFC 9568 §6.4.2).
 *
 *      0               14            54                   62       78                    86
 *     +---------------+-------------+--------------------+--------+---------------------+
 *     | Ethernet 86dd | IPv6, 58    | 88 00 sum, flags   | target | 02 01 link address  |
 *     +---------------+-------------+--------------------+--------+---------------------+
 */
import { parseAddress } from '../../net/address.js';
import { checksum, pseudoHeaderSum } from '../../net/checksum.js';

const ICMPV6 = 58;
const ICMP_BYTES = 32;
const ICMP_OFFSET = 14 + 40;
const ALL_NODES = Uint8Array.of(0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);
const ALL_NODES_MAC = Uint8Array.of(0x33, 0x33, 0, 0, 0, 1);
const ROUTER = 0x80;
const OVERRIDE = 0x20;

/**
 * A whole frame, to be sent as it is by a packet socket: to all nodes, from the address itself.
 * @param mac six bytes of the interface that has the address
 * @param router whether the interface forwards IPv6; a wrong no makes hosts drop their default route
 */
export function encodeNeighbourAdvert(mac: Uint8Array, address: string, router: boolean): Uint8Array {
  const target = parseAddress(address) ?? new Uint8Array(16);
  const frame = new Uint8Array(ICMP_OFFSET + ICMP_BYTES);
  frame.set(ALL_NODES_MAC, 0);
  frame.set(mac, 6);
  frame.set([0x86, 0xdd, 0x60, 0, 0, 0, 0, ICMP_BYTES, ICMPV6, 255], 12);
  frame.set(target, 22);
  frame.set(ALL_NODES, 38);
  const icmp = frame.subarray(ICMP_OFFSET);
  icmp.set([136, 0, 0, 0, OVERRIDE | (router ? ROUTER : 0)]);
  icmp.set(target, 8);
  icmp.set([2, 1], 24);
  icmp.set(mac, 26);
  const sum = checksum(icmp, pseudoHeaderSum(target, ALL_NODES, ICMPV6, ICMP_BYTES));
  icmp.set([sum >> 8, sum & 0xff], 2);
  return frame;
}
