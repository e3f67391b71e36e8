/**
 * When the first IPv4 address of a subnet leaves an interface, the kernel takes the others of that subnet along, unless
 * promote_secondaries is set. Addresses that are none of ours must not go that way.
 */
import { interfaceSetting, readSetting, writeSetting } from '../../net/sysctl.js';
import type { AddressConfig } from './network-config.js';

/**
 * Runs a removal of our addresses, with promote_secondaries set meanwhile on interfaces where others may depend on ours. Whether they
 * do is not asked: that takes longer than the setting, and many instances let go at one time.
 */
export function sparingNeighbours<T>(ours: readonly AddressConfig[], remove: () => T): T {
  const wide = ours.filter(({ family, prefixLength }) => family === 'ipv4' && prefixLength < 32);
  const settings = [...new Set(wide.map((config) => config.interface))]
    .map((name) => interfaceSetting('ipv4', name, 'promote_secondaries'))
    .filter((path) => readSetting(path) === '0');
  for (const path of settings) writeSetting(path, '1');
  const result = remove();
  for (const path of settings) writeSetting(path, '0');
  return result;
}
