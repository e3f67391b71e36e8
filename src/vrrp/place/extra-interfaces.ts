/** Which addresses no advert keeps known to the switches. */

import type { InstanceConfig } from '../config.js';
import { allAddresses } from './all-addresses.js';
import { advertInterface, vmacs } from './made-link.js';
import type { AddressConfig } from './network-config.js';

/**
 * garp_extra_if: one address on each interface that sends no adverts, so that switches do not forget where its MAC address is. The
 * interfaces with the virtual router's MAC address alone, or with `all` any.
 * @param config with its own addresses on the interface made for it
 */
export function onOtherInterfaces(config: InstanceConfig): readonly AddressConfig[] {
  const { extraIf } = config.garp;
  const made = vmacs(config);
  const others = allAddresses(config).filter((each) => each.interface !== advertInterface(config));
  const asked = others.filter((each) => extraIf?.all === true || made.includes(each.interface));
  return [...new Map(asked.map((each) => [`${each.family} ${each.interface}`, each])).values()];
}
