/** How adverts travel: to a multicast group, or to peers one by one. */
import type { Family } from '../../net/address.js';
import type { MulticastConfig, TransportConfig, UnicastConfig } from '../../vrrp/config.js';
import { setting, type Values } from '../keyword.js';
import type { instance } from '../schema/vrrp.js';
import { errorAt, optional } from './values.js';
import type { VrrpContext } from './vrrp-values.js';

type InstanceValues = Values<typeof instance>;

export function transportOf(values: InstanceValues, family: Family, context: VrrpContext): TransportConfig {
  const unicast = values.unicast_peer !== undefined || values.unicast_fault_no_peer !== undefined;
  return unicast ? unicastOf(values, family, context) : multicastOf(values, family, context);
}

function multicastOf(values: InstanceValues, family: Family, { globals }: VrrpContext): MulticastConfig {
  const global = setting(family === 'ipv4' ? globals.vrrp_mcast_group4 : globals.vrrp_mcast_group6);
  const group = setting(values.mcast_dst_ip) ?? global;
  return {
    kind: 'multicast',
    group: group?.address ?? (family === 'ipv4' ? '224.0.0.18' : 'ff02::12'),
    ...optional('sourceAddress', setting(values.mcast_src_ip)?.address),
  };
}

const OLD_CHECKSUM = { absent: 'auto', bare: 'always', never: 'never' } as const;

/** A bound on a peer's TTL means nothing for packets of others, so with one only peers are heard. */
function unicastOf(
  values: InstanceValues,
  family: Family,
  { globals, defaults }: VrrpContext,
): UnicastConfig {
  const lines = setting(values.unicast_peer)?.lines ?? [];
  for (const line of lines) {
    const { address } = line.value;
    if (address.includes(':') !== (family === 'ipv6'))
      errorAt(defaults, line, `unicast_peer "${address}": expected an ${family} address, as the adverts are`);
  }
  const peers = lines.map(({ value }) => value);
  const bounded = peers.some(({ minTtl, maxTtl }) => minTtl !== undefined || maxTtl !== undefined);
  const asked = setting(values.check_unicast_src) ?? globals.vrrp_check_unicast_src !== undefined;
  return {
    kind: 'unicast',
    peers,
    ...optional('sourceAddress', setting(values.unicast_src_ip)?.address),
    ttl: setting(values.unicast_ttl) ?? 255,
    checkSource: bounded || asked,
    faultNoPeer: values.unicast_fault_no_peer !== undefined,
    oldChecksum: OLD_CHECKSUM[setting(values.old_unicast_checksum) ?? 'absent'],
  };
}
