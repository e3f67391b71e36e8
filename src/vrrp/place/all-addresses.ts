/** Every address of an instance. */
import type { InstanceConfig } from '../config.js';
import type { AddressConfig } from './network-config.js';

/** Advertised addresses, then excluded ones. */
export function allAddresses({
  virtualAddresses,
  excludedAddresses,
}: Pick<InstanceConfig, 'virtualAddresses' | 'excludedAddresses'>): readonly AddressConfig[] {
  return [...virtualAddresses, ...excludedAddresses];
}
