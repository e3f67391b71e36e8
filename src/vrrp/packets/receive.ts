/** Which packets are believed (RFC 9568 §7.1, RFC 3768 §7.1, and keepalived's rules for unicast). */
import { isMulticast } from '../../net/address.js';
import type { InstanceConfig, UnicastConfig } from '../config.js';
import type { Advert } from '../election/state.js';
import type { DropReason, Warning } from './drop-reasons.js';
import { type OtherAddresses, otherAddresses } from './other-addresses.js';
import {
  AUTH_AH,
  AUTH_BYTES,
  AUTH_NONE,
  AUTH_PASS,
  authenticationData,
  checksumHolds,
  type Fields,
  HEADER_BYTES,
  packetBytes,
  readAddresses,
  readFields,
  type Sender,
  TYPE_ADVERTISEMENT,
  VRRP_GROUP4,
  VRRP_TTL,
} from './packet.js';

/** Where a payload came from, as the IP layer tells. */
export type Envelope = {
  readonly source: string;
  readonly destination: string;
  /** TTL or hop limit. */
  readonly ttl: number;
};

/** The virtual router a packet is meant for. */
export type Receiver = Sender &
  Pick<InstanceConfig, 'skipCheckAdvAddr'> & {
    /** Source of our own adverts. */
    readonly primaryAddress?: string | undefined;
    /** The sender whose addresses were compared last: with skip_check_adv_addr they are not compared again. */
    readonly knownSource?: string | undefined;
  };

export type Received =
  | {
      readonly kind: 'advert';
      readonly advert: Advert;
      readonly warnings: readonly Warning[];
      /** Absent where its addresses are those configured here. */
      readonly addresses?: OtherAddresses | 'not compared';
    }
  | { readonly kind: 'drop'; readonly reason: DropReason; readonly detail: string };

export type BelievedAdvert = Extract<Received, { kind: 'advert' }>;

type ChecksumForm = 'plain' | 'pseudo' | 'old';
type Drop = Extract<Received, { kind: 'drop' }>;

/** Believes a packet or names the reason not to. Any bytes may come; nothing is thrown. */
export function receiveAdvert(receiver: Receiver, payload: Uint8Array, envelope: Envelope): Received {
  if (payload.length < HEADER_BYTES) {
    return drop('packet_len_err', `${payload.length} bytes, expected at least ${HEADER_BYTES}`);
  }
  const fields = readFields(payload);
  const stranger = refuseSender(receiver, envelope) ?? refuseHeader(receiver, fields, payload.length);
  if (stranger !== undefined) return stranger;
  const form = checksumForm(receiver, payload, envelope);
  if (form === undefined) return drop('chk_err', 'the checksum is wrong');
  return (
    refuseAuthentication(receiver, fields, payload) ??
    refuseContents(receiver, fields) ??
    believe(receiver, payload, envelope, form)
  );
}

function refuseSender(receiver: Receiver, envelope: Envelope): Drop | undefined {
  const { transport } = receiver;
  if (envelope.source === receiver.primaryAddress) return drop('own_source', 'it is our own address');
  const multicast = isMulticast(envelope.destination);
  if (multicast !== (transport.kind === 'multicast')) {
    return drop('destination_err', `sent to ${envelope.destination}, expected ${transport.kind}`);
  }
  if (transport.kind === 'unicast') return refusePeer(transport, envelope);
  // "MUST verify that the IPv4 TTL/IPv6 hop limit is 255" (RFC 9568 §7.1)
  return envelope.ttl === VRRP_TTL
    ? undefined
    : drop('ip_ttl_err', `TTL ${envelope.ttl}, expected ${VRRP_TTL}`);
}

function refusePeer(transport: UnicastConfig, { source, ttl }: Envelope): Drop | undefined {
  const peer = transport.peers.find(({ address }) => address === source);
  if (peer === undefined) {
    return transport.checkSource ? drop('unicast_src_err', 'it is no unicast peer') : undefined;
  }
  const { minTtl = 0, maxTtl = 255 } = peer;
  if (ttl >= minTtl && ttl <= maxTtl) return undefined;
  return drop('ip_ttl_err', `TTL ${ttl}, expected ${minTtl} to ${maxTtl}`);
}

function refuseHeader(receiver: Receiver, fields: Fields, length: number): Drop | undefined {
  if (fields.virtualRouterId !== receiver.virtualRouterId) {
    return drop('vrid_err', `VRID ${fields.virtualRouterId}, expected ${receiver.virtualRouterId}`);
  }
  if (fields.version !== receiver.version) {
    return drop('vers_err', `version ${fields.version}, expected ${receiver.version}`);
  }
  if (fields.type !== TYPE_ADVERTISEMENT) {
    return drop('invalid_type_rcvd', `type ${fields.type}, expected ${TYPE_ADVERTISEMENT}`);
  }
  const expected = packetBytes(receiver.version, receiver.family, fields.addressCount);
  if (length !== expected) return drop('packet_len_err', `${length} bytes, expected ${expected}`);
  return undefined;
}

/**
 * Which of the accepted forms a checksum has. VRRPv3 over IPv4 is believed with the pseudo header and without it: RFC 9568 §5.2.8 has
 * none, RFC 5798 is read both ways, and a keepalived leaves it out for `v3_checksum_as_v2 off` too.
 */
function checksumForm(
  receiver: Receiver,
  payload: Uint8Array,
  { source, destination }: Envelope,
): ChecksumForm | undefined {
  const { version, family } = receiver;
  if ((version === 2 || family === 'ipv4') && checksumHolds(payload)) return 'plain';
  if (version === 2) return undefined;
  if (checksumHolds(payload, { source, destination })) return 'pseudo';
  if (family !== 'ipv4' || receiver.transport.kind !== 'unicast') return undefined;
  if (receiver.transport.oldChecksum === 'never') return undefined;
  return checksumHolds(payload, { source, destination: VRRP_GROUP4 }) ? 'old' : undefined;
}

function refuseAuthentication(receiver: Receiver, fields: Fields, payload: Uint8Array): Drop | undefined {
  if (receiver.version === 3) return undefined;
  const { authType } = fields;
  if (authType > AUTH_AH) return drop('invalid_authtype', `authentication type ${authType}`);
  const expected = receiver.authentication === undefined ? AUTH_NONE : AUTH_PASS;
  if (authType !== expected) {
    return drop('authtype_mismatch', `authentication type ${authType}, expected ${expected}`);
  }
  if (authType === AUTH_NONE) return undefined;
  return equal(payload.subarray(payload.length - AUTH_BYTES), authenticationData(receiver))
    ? undefined
    : drop('auth_failure', 'the password is wrong');
}

function refuseContents(receiver: Receiver, fields: Fields): Drop | undefined {
  const { advertIntMs, addressCount } = fields;
  // RFC 3768 §7.1; and RFC 9568 §7.1 with erratum 8301, as an interval of zero would be a takeover at once.
  if (receiver.version === 2 && advertIntMs !== wholeSeconds(receiver.advertIntMs)) {
    return drop('advert_interval_err', `interval ${advertIntMs} ms, expected ${receiver.advertIntMs} ms`);
  }
  if (advertIntMs === 0) return drop('advert_interval_err', 'the interval is 0');
  // RFC 9568 §5.2.5: "If the received count is 0, the VRRP advertisement MUST be ignored."
  if (receiver.version === 3 && addressCount === 0 && receiver.virtualAddresses.length > 0) {
    return drop('addr_list_err', 'it has no address');
  }
  return undefined;
}

function believe(
  receiver: Receiver,
  payload: Uint8Array,
  { source }: Envelope,
  form: ChecksumForm,
): Received {
  const { priority, advertIntMs } = readFields(payload);
  const warnings: Warning[] = [];
  const addresses = compareAddresses(receiver, payload, source);
  if (typeof addresses === 'object') warnings.push('addr_list_mismatch');
  if (receiver.version === 3 && advertIntMs !== receiver.advertIntMs)
    warnings.push('advert_interval_mismatch');
  if (form === 'old') warnings.push('old_checksum');
  return {
    kind: 'advert',
    advert: { kind: 'advert', source, priority, maxAdverIntMs: advertIntMs },
    warnings,
    ...(addresses && { addresses }),
  };
}

function compareAddresses(receiver: Receiver, payload: Uint8Array, source: string) {
  if (receiver.skipCheckAdvAddr && receiver.knownSource === source) return 'not compared' as const;
  const own = receiver.virtualAddresses.map(({ address }) => address);
  return otherAddresses(own, readAddresses(payload, receiver.family));
}

function wholeSeconds(ms: number): number {
  return Math.round(ms / 1000) * 1000;
}

/** In a time that does not tell where they differ. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

function drop(reason: DropReason, detail: string): Drop {
  return { kind: 'drop', reason, detail };
}
