/** Packets of a neighbour that do not belong to a virtual router: one or more for each reason to drop one, as whole IPv4 packets. */
import { encodeIpPacket } from '../../src/net/ip-packet.js';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import type { DropReason } from '../../src/vrrp/drop-reasons.js';
import { encodeAdvert, VRRP_TTL } from '../../src/vrrp/packet.js';
import { instance } from './instances.js';

export type Hostile = { readonly reason: DropReason; readonly packet: Uint8Array };

const GROUP = '224.0.0.18';

/**
 * @param target VRRPv2 with a password: the receiver that has the most reasons
 * @param source of the packets
 */
export function hostilePackets(target: InstanceConfig, source: string): readonly Hostile[] {
  const good = encodeAdvert(target, 254, source, GROUP);
  const whole = (payload: Uint8Array, ttl = VRRP_TTL) =>
    encodeIpPacket({ source, destination: GROUP, protocol: 112, ttl, tos: 0xc0 }, payload);
  const other = (change: Partial<InstanceConfig>) =>
    whole(encodeAdvert({ ...target, ...change }, 254, source, GROUP));
  const { authentication: _, ...open } = target;
  const three = instance({ version: 3, virtualRouterId: target.virtualRouterId });
  return [
    { reason: 'ip_header_err', packet: whole(new Uint8Array()) },
    { reason: 'packet_len_err', packet: whole(good.subarray(0, 7)) },
    { reason: 'packet_len_err', packet: whole(Uint8Array.of(...good, 0)) },
    { reason: 'vrid_err', packet: other({ virtualRouterId: 99 }) },
    { reason: 'ip_ttl_err', packet: whole(good, 254) },
    { reason: 'vers_err', packet: whole(encodeAdvert(three, 254, source, GROUP)) },
    { reason: 'invalid_type_rcvd', packet: whole(changed(good, 0, 0x22)) },
    { reason: 'chk_err', packet: whole(changed(good, 6, (good[6] ?? 0) ^ 0xff)) },
    { reason: 'invalid_authtype', packet: whole(withSum(changed(good, 4, 7))) },
    { reason: 'authtype_mismatch', packet: whole(encodeAdvert(open, 254, source, GROUP)) },
    { reason: 'auth_failure', packet: other({ authentication: { type: 'PASS', password: 'guess' } }) },
    { reason: 'advert_interval_err', packet: other({ advertIntMs: 7000 }) },
  ];
}

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = value;
  return copy;
}

/** With the checksum of RFC 1071 that makes it right again. */
function withSum(bytes: Uint8Array): Uint8Array {
  const copy = changed(changed(bytes, 6, 0), 7, 0);
  let sum = 0;
  for (let i = 0; i < copy.length; i += 2) sum += ((copy[i] ?? 0) << 8) | (copy[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return changed(changed(copy, 6, ~(sum >> 8) & 0xff), 7, ~sum & 0xff);
}
