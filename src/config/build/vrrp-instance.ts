/** One vrrp_instance with every default of global_defs worked in. */
import type { Family } from '../../net/address.js';
import type { AuthenticationConfig, InstanceConfig } from '../../vrrp/config.js';
import type { AddressConfig } from '../../vrrp/place/network-config.js';
import { type Entry, isComplete, type Section, setting, type Values } from '../keyword.js';
import type { instance } from '../schema/vrrp.js';
import type { AddressLine } from '../types/address-line.js';
import { errorAt, optional, warnAt } from './values.js';
import { buildAddress } from './vrrp-address.js';
import { electionOf, OWNER } from './vrrp-election.js';
import { garpOf } from './vrrp-garp.js';
import { addressVmacs, ipvlanOf, vmacOf } from './vrrp-link.js';
import { buildNotify } from './vrrp-notify.js';
import { isStrict, strictValues } from './vrrp-strict.js';
import { buildTrack } from './vrrp-track.js';
import { transportOf } from './vrrp-transport.js';
import { syncGroupOf, type VrrpContext } from './vrrp-values.js';

type InstanceEntry = Entry<Section<string, typeof instance>>;
type InstanceValues = Values<typeof instance>;

/** Addresses an advert can carry: its count is one byte, and IPv6 ones must fit an Ethernet frame. */
const MOST_ADDRESSES = { ipv4: 255, ipv6: 90 } as const;

export function buildInstance(entry: InstanceEntry, context: VrrpContext): InstanceConfig | undefined {
  const { head: name, values: asked } = entry.value;
  const { defaults, globals } = context;
  const virtualRouterId = setting(asked.virtual_router_id);
  if (virtualRouterId === undefined) {
    if (asked.virtual_router_id === undefined)
      errorAt(defaults, entry, `vrrp_instance "${name}": expected virtual_router_id in it`);
    return undefined;
  }
  const interfaceName = interfaceOf(asked, context);
  const addresses = addressesOf(entry, interfaceName, context);
  if (addresses === undefined) return undefined;
  const { family } = addresses;
  const numbered = { family, virtualRouterId, interface: interfaceName };
  const version = versionOf(entry, family, context);
  const strict = isStrict(asked, context);
  const values = strict ? strictValues(entry, { family, version }, context) : asked;
  const election = electionOf(values, context);
  return {
    name,
    virtualRouterId,
    ...optional('interface', interfaceName),
    ...optional('vrf', setting(values.vrf)),
    ...addresses,
    ...addressVmacs(values, addresses, numbered),
    version,
    ...election,
    advertIntMs: advertInterval(entry, version, context),
    downTimerAdverts: strict
      ? 3
      : (setting(values.down_timer_adverts) ?? setting(globals.vrrp_down_timer_adverts) ?? 3),
    lowerPrioNoAdvert: strict || choice(values.lower_prio_no_advert, globals.vrrp_lower_prio_no_advert),
    higherPrioSendAdvert:
      !strict && choice(values.higher_prio_send_advert, globals.vrrp_higher_prio_send_advert),
    ownerIgnoreAdverts: choice(values.owner_ignore_adverts, globals.vrrp_owner_ignore_adverts),
    ...optional('authentication', authenticationOf(values, version, context)),
    transport: transportOf(values, family, context),
    v3ChecksumAsV2: choice(values.v3_checksum_as_v2, globals.v3_checksum_as_v2),
    skipCheckAdvAddr: choice(values.skip_check_adv_addr, globals.vrrp_skip_check_adv_addr),
    accept: acceptOf(values, election.priority, strict),
    virtualRoutes: (setting(values.virtual_routes)?.lines ?? []).map(({ value }) => value),
    virtualRules: context.rulesOf(setting(values.virtual_rules)),
    promoteSecondaries: values.promote_secondaries !== undefined,
    vipLifetime: setting(values.vip_lifetime) ?? 'auto',
    garp: garpOf(values, context, strict),
    ...optional('vmac', vmacOf(values, { family, virtualRouterId }, context)),
    ...optional('ipvlan', ipvlanOf(values, { family, virtualRouterId }, context)),
    dontTrackPrimary: values.dont_track_primary !== undefined,
    trackSrcIp: values.track_src_ip !== undefined,
    track: buildTrack(values, context, interfaceName),
    notify: buildNotify(values, context, syncGroupOf(name, context)?.value.values),
    ...optional('receiveBufferBytes', setting(values.kernel_rx_buf_size)),
  };
}

function choice(
  own: readonly Entry<boolean>[] | undefined,
  global: readonly Entry<boolean>[] | undefined,
): boolean {
  return setting(own) ?? setting(global) ?? false;
}

/** Accept_Mode of RFC 9568 is off unless asked for; keepalived's is on. An owner accepts. */
function acceptOf({ accept, no_accept }: InstanceValues, priority: number, strict: boolean): boolean {
  if (priority === OWNER) return true;
  return strict ? accept !== undefined : no_accept === undefined;
}

/** Unicast needs none: the kernel routes. */
function interfaceOf(values: InstanceValues, { globals }: VrrpContext): string | undefined {
  const own = setting(values.interface) ?? setting(globals.default_interface);
  return own ?? (setting(values.unicast_peer)?.lines.length ? undefined : 'eth0');
}

type Addresses = Pick<InstanceConfig, 'family' | 'virtualAddresses' | 'excludedAddresses'>;

/** The first address tells the family; others cannot be advertised with it and are held only, as are those that do not fit. */
function addressesOf(
  entry: InstanceEntry,
  interfaceName: string | undefined,
  { defaults }: VrrpContext,
): Addresses | undefined {
  const { head: name, values } = entry.value;
  const lines = setting(values.virtual_ipaddress)?.lines ?? [];
  const excludedLines = setting(values.virtual_ipaddress_excluded)?.lines ?? [];
  if (lines.length === 0 && values.no_virtual_ipaddress === undefined) {
    if (isComplete(setting(values.virtual_ipaddress)?.lines ?? []))
      errorAt(
        defaults,
        entry,
        `vrrp_instance "${name}": expected virtual_ipaddress { … } or no_virtual_ipaddress in it`,
      );
    return undefined;
  }
  const family = familyOfAdverts(values, lines[0] ?? excludedLines[0]);
  const place = (line: Entry<AddressLine>): AddressConfig[] => {
    const address = buildAddress(line.value, interfaceName);
    if (address === undefined)
      errorAt(defaults, line, 'address: expected dev INTERFACE, for the instance has none');
    return address === undefined ? [] : [address];
  };
  const fitting = lines
    .filter((line) => line.value.prefix.family === family)
    .slice(0, MOST_ADDRESSES[family]);
  const others = lines.filter((line) => !fitting.includes(line));
  for (const line of others)
    warnAt(defaults, line, `address: held but not advertised: ${unfit(line, family)}`);
  return {
    family,
    virtualAddresses: fitting.flatMap(place),
    excludedAddresses: [...excludedLines, ...others].flatMap(place),
  };
}

function familyOfAdverts(values: InstanceValues, first: Entry<AddressLine> | undefined): Family {
  return values.native_ipv6 !== undefined ? 'ipv6' : (first?.value.prefix.family ?? 'ipv4');
}

function unfit({ value }: Entry<AddressLine>, family: Family): string {
  if (value.prefix.family !== family) return `the adverts of this instance are ${family}`;
  return `an advert carries at most ${MOST_ADDRESSES[family]}`;
}

function versionOf(entry: InstanceEntry, family: Family, { defaults, globals }: VrrpContext): 2 | 3 {
  const own = entry.value.values.version?.[0];
  const asked = own?.value ?? setting(globals.vrrp_version);
  if (family === 'ipv4') return asked === '3' ? 3 : 2;
  if (own?.value === '2') warnAt(defaults, own, 'version 2: 3 is used, for VRRPv2 has no IPv6');
  return 3;
}

/** v2 counts whole seconds in a byte, v3 hundredths in 12 bits (RFC 3768 §5.3.7, RFC 9568 §5.2.7). */
function advertInterval(entry: InstanceEntry, version: 2 | 3, { defaults }: VrrpContext): number {
  const own = entry.value.values.advert_int?.[0];
  const askedMs = own?.value ?? 1000;
  const ms =
    version === 2
      ? Math.max(1000, Math.round(askedMs / 1000) * 1000)
      : Math.min(40_950, Math.max(10, Math.round(askedMs / 10) * 10));
  if (own !== undefined && ms !== askedMs)
    warnAt(defaults, own, `advert_int: ${ms / 1000} s is used, VRRPv${version} has no ${askedMs / 1000} s`);
  return ms;
}

function authenticationOf(
  values: InstanceValues,
  version: 2 | 3,
  { defaults }: VrrpContext,
): AuthenticationConfig | undefined {
  const block = values.authentication?.[0];
  if (block === undefined) return undefined;
  const type = block.value.values.auth_type?.[0];
  const password = setting(block.value.values.auth_pass);
  if (version === 3) {
    warnAt(defaults, block, 'authentication: ignored, VRRPv3 has none');
    return undefined;
  }
  if (type?.value === 'AH')
    errorAt(defaults, type, 'auth_type AH: not supported by lvsd: expected PASS, or no authentication');
  if (type === undefined || password === undefined) {
    errorAt(defaults, block, 'authentication: expected auth_type and auth_pass in it');
    return undefined;
  }
  if (password.includes(NO_CHARACTER)) errorAt(defaults, block, 'auth_pass: expected UTF-8');
  if (Buffer.byteLength(password) > 8) warnAt(defaults, block, 'auth_pass: only its first 8 bytes count');
  return { type: 'PASS', password };
}

/** What bytes are read as that are no UTF-8: which they were is lost. */
const NO_CHARACTER = '\ufffd';
