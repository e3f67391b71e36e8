/**
 * Every reason for which a packet is not believed: log word and counter label in one. The words are keepalived's
 * statistics where it has one.
 */
export const DROP_REASONS = [
  /** No IPv4 header of a whole VRRP packet, or nothing behind it that names a virtual router. */
  'ip_header_err',
  /** Shorter or longer than its own fields say. */
  'packet_len_err',
  /** No virtual router of that number here. */
  'vrid_err',
  'ip_ttl_err',
  'vers_err',
  'invalid_type_rcvd',
  'chk_err',
  /** Authentication of no known kind. */
  'invalid_authtype',
  /** Not the kind configured here. */
  'authtype_mismatch',
  'auth_failure',
  /** VRRPv2: not the interval configured here. VRRPv3: zero. */
  'advert_interval_err',
  /** VRRPv3 without any address. */
  'addr_list_err',
  /** Multicast where unicast is configured, or the reverse. */
  'destination_err',
  /** Unicast from a router that is no peer. */
  'unicast_src_err',
  /** From our own address. */
  'own_source',
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

/** Oddities of packets that are believed nonetheless, as keepalived does. */
export const WARNINGS = [
  /** The addresses are not those configured here. */
  'addr_list_mismatch',
  /** VRRPv3: the sender's interval is not ours. It is learned. */
  'advert_interval_mismatch',
  /** The checksum is of keepalived before 1.3.7. */
  'old_checksum',
] as const;

export type Warning = (typeof WARNINGS)[number];
