/** Interfaces an instance makes for itself. */
import { type Family, familyOf } from '../../net/address.js';
import type { AddressVmacConfig, InstanceConfig, IpvlanConfig, VmacConfig } from '../../vrrp/config.js';
import type { AddressConfig } from '../../vrrp/place/network-config.js';
import { setting, type Values } from '../keyword.js';
import type { instance } from '../schema/vrrp.js';
import { errorAt, optional, warnAt } from './values.js';
import type { VrrpContext } from './vrrp-values.js';

type InstanceValues = Values<typeof instance>;
type Numbered = { readonly family: Family; readonly virtualRouterId: number };

/** RFC 9568 §7.3: 00-00-5E-00-01-{VRID}, and 02 for IPv6. */
export function vmacOf(
  values: InstanceValues,
  { family, virtualRouterId }: Numbered,
  { globals, defaults }: VrrpContext,
): VmacConfig | undefined {
  const line = setting(values.use_vmac);
  const [base] = values.vmac_xmit_base ?? [];
  if (values.use_vmac === undefined && base !== undefined)
    warnAt(defaults, base, 'vmac_xmit_base: ignored, it needs use_vmac');
  if (line === undefined) return undefined;
  const prefix = setting(globals.vmac_prefix) ?? 'vrrp';
  return {
    interface: line.interface ?? `${prefix}${family === 'ipv6' ? '6' : ''}.${virtualRouterId}`,
    macAddress: macAddress(line.macAddress, { family, virtualRouterId }),
    ...optional('group', line.group),
    xmitBase: values.vmac_xmit_base !== undefined,
  };
}

/** Its address is the source of the adverts. */
export function ipvlanOf(
  values: InstanceValues,
  { family, virtualRouterId }: Numbered,
  { defaults }: VrrpContext,
): IpvlanConfig | undefined {
  const entry = values.use_ipvlan?.[0];
  if (entry === undefined) return undefined;
  const line = entry.value;
  const own = line.address?.address;
  if (values.use_vmac !== undefined) errorAt(defaults, entry, 'use_ipvlan: it cannot go with use_vmac');
  if (own !== undefined && familyOf(own) !== family)
    errorAt(defaults, entry, `use_ipvlan "${own}": expected an ${family} address, as the adverts are`);
  return { ...line, interface: line.interface ?? `vrrp.${virtualRouterId}` };
}

type Addresses = Pick<InstanceConfig, 'virtualAddresses' | 'excludedAddresses'>;

/**
 * Macvlans for addresses that ask for one, and by use_vmac_addr for all on other interfaces than the instance's; the addresses moved onto
 * them. There is one for each interface and MAC address, called by both until it gets a name (vrrp-names.ts); what is the instance's own
 * has a name already.
 */
export function addressVmacs(
  values: InstanceValues,
  addresses: Addresses,
  { interface: own, family, virtualRouterId }: Numbered & { readonly interface: string | undefined },
): Addresses & Pick<InstanceConfig, 'addressVmacs'> {
  const line = setting(values.use_vmac);
  const macOf = (of: Family) => macAddress(line?.macAddress, { family: of, virtualRouterId });
  const made = new Map<string, AddressVmacConfig>();
  const place = (address: AddressConfig): AddressConfig => {
    const base = address.interface;
    const mac = macOf(address.family);
    const isAsked =
      address.useVmac || (values.use_vmac_addr !== undefined && !(base === own && line === undefined));
    const isOnOwn = line !== undefined && base === own && mac === macOf(family);
    if (!isAsked || isOnOwn) return address;
    const name = `${base} ${mac}`;
    made.set(name, { interface: name, base, macAddress: mac, ...optional('group', line?.group) });
    return { ...address, useVmac: true, interface: name };
  };
  return {
    virtualAddresses: addresses.virtualAddresses.map(place),
    excludedAddresses: addresses.excludedAddresses.map(place),
    addressVmacs: [...made.values()],
  };
}

/** Five octets get the number behind them. */
function macAddress(asked: string | undefined, { family, virtualRouterId }: Numbered): string {
  const last = virtualRouterId.toString(16).padStart(2, '0');
  const octets = (asked ?? `00:00:5e:00:${family === 'ipv4' ? '01' : '02'}`).split(':');
  return (octets.length === 5 ? [...octets, last] : octets).map((octet) => octet.padStart(2, '0')).join(':');
}
