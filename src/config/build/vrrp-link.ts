/** Interfaces an instance makes for itself. */
import type { Family } from '../../net/address.js';
import type { IpvlanConfig, VmacConfig } from '../../vrrp/config.js';
import { setting, type Values } from '../keyword.js';
import type { instance } from '../schema/vrrp.js';
import { optional } from './values.js';
import type { VrrpContext } from './vrrp-values.js';

type InstanceValues = Values<typeof instance>;
type Numbered = { readonly family: Family; readonly virtualRouterId: number };

/** RFC 9568 §7.3: 00-00-5E-00-01-{VRID}, and 02 for IPv6. */
export function vmacOf(
  values: InstanceValues,
  { family, virtualRouterId }: Numbered,
  { globals }: VrrpContext,
): VmacConfig | undefined {
  const line = setting(values.use_vmac);
  if (line === undefined) return undefined;
  const last = virtualRouterId.toString(16).padStart(2, '0');
  const octets = (line.macAddress ?? `00:00:5e:00:${family === 'ipv4' ? '01' : '02'}`).split(':');
  const prefix = setting(globals.vmac_prefix) ?? 'vrrp';
  return {
    interface: line.interface ?? `${prefix}${family === 'ipv6' ? '6' : ''}.${virtualRouterId}`,
    macAddress: (octets.length === 5 ? [...octets, last] : octets)
      .map((octet) => octet.padStart(2, '0'))
      .join(':'),
    ...optional('group', line.group),
    netlinkNotifyMsg: line.netlinkNotifyMsg,
    vmacAddr: values.use_vmac_addr !== undefined,
    xmitBase: values.vmac_xmit_base !== undefined,
  };
}

export function ipvlanOf(values: InstanceValues, virtualRouterId: number): IpvlanConfig | undefined {
  const line = setting(values.use_ipvlan);
  if (line === undefined) return undefined;
  return { ...line, interface: line.interface ?? `vrrp.${virtualRouterId}` };
}
