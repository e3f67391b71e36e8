/** How adverts travel: to a multicast group, or to peers one by one. */
import type { Family } from '../../net/address.js';
import type { MulticastConfig, TransportConfig, UnicastConfig } from '../../vrrp/config.js';
import { rejectFirst } from '../arguments.js';
import { isComplete, setting, type Values } from '../keyword.js';
import type { instance } from '../schema/vrrp.js';
import { errorAt, optional, warnAt } from './values.js';
import type { VrrpContext } from './vrrp-values.js';

type InstanceValues = Values<typeof instance>;

export function transportOf(values: InstanceValues, family: Family, context: VrrpContext): TransportConfig {
  refuseOtherFamily(values, family, context);
  return isUnicast(values, context)
    ? unicastOf(values, family, context)
    : multicastOf(values, family, context);
}

function refuseOtherFamily(values: InstanceValues, family: Family, { defaults }: VrrpContext): void {
  for (const keyword of ['mcast_src_ip', 'unicast_src_ip', 'mcast_dst_ip'] as const) {
    const [entry] = values[keyword] ?? [];
    if (entry !== undefined && entry.value.family !== family)
      rejectFirst(entry.statement, defaults.report, `expected an ${family} address, as the adverts are`);
  }
}

/** A list without peers is multicast, as with keepalived, unless that is to be a fault. */
function isUnicast(values: InstanceValues, { defaults }: VrrpContext): boolean {
  if (values.unicast_fault_no_peer !== undefined) return true;
  const [entry] = values.unicast_peer ?? [];
  if (entry === undefined) return false;
  const { lines } = entry.value;
  if (lines.length > 0 || !isComplete(lines)) return true;
  const what = 'there is no peer in it, so adverts are multicast: unicast_fault_no_peer makes it FAULT';
  warnAt(defaults, entry, `unicast_peer: ${what}`);
  return false;
}

/** Either of the two is the source, however adverts travel; where both are, the one made for that counts. */
function sourceOf(first: InstanceValues['mcast_src_ip'], second: InstanceValues['mcast_src_ip']) {
  return optional('sourceAddress', (setting(first) ?? setting(second))?.address);
}

function multicastOf(values: InstanceValues, family: Family, { globals }: VrrpContext): MulticastConfig {
  const global = setting(family === 'ipv4' ? globals.vrrp_mcast_group4 : globals.vrrp_mcast_group6);
  const group = setting(values.mcast_dst_ip) ?? global;
  return {
    kind: 'multicast',
    group: group?.address ?? (family === 'ipv4' ? '224.0.0.18' : 'ff02::12'),
    ...sourceOf(values.mcast_src_ip, values.unicast_src_ip),
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
    ...sourceOf(values.unicast_src_ip, values.mcast_src_ip),
    ttl: setting(values.unicast_ttl) ?? 255,
    checkSource: bounded || asked,
    faultNoPeer: values.unicast_fault_no_peer !== undefined,
    oldChecksum: OLD_CHECKSUM[setting(values.old_unicast_checksum) ?? 'absent'],
  };
}
