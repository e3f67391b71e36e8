/**
 * When the first IPv4 address of a subnet leaves an interface, the kernel takes the others of that subnet along, unless
 * promote_secondaries is set. Addresses that are none of ours must not go that way.
 */
import { IFA_F, type InterfaceAddress } from '../../net/route/address.js';
import { listAddresses } from '../../net/route/addresses.js';
import type { LinkTable } from '../../net/route/links.js';
import type { RouteSocket } from '../../net/route/socket.js';
import { interfaceSetting, readSetting, writeSetting } from '../../net/sysctl.js';
import { SystemError } from '../../net/system-error.js';
import type { AddressConfig } from './network-config.js';
import { sameSubnet } from './subnet.js';

/** Runs a removal of our addresses, with promote_secondaries set meanwhile on interfaces where others depend on ours. */
export function sparingNeighbours<T>(
  kernel: { readonly socket: RouteSocket; readonly links: LinkTable },
  ours: readonly AddressConfig[],
  remove: () => T,
): T {
  const settings = dependants(kernel, ours)
    .map((name) => interfaceSetting('ipv4', name, 'promote_secondaries'))
    .filter((path) => readSetting(path) === '0');
  for (const path of settings) writeSetting(path, '1');
  const result = remove();
  for (const path of settings) writeSetting(path, '0');
  return result;
}

/** Names of the interfaces where an address of others stands behind one of ours. */
function dependants(
  { socket, links }: { readonly socket: RouteSocket; readonly links: LinkTable },
  ours: readonly AddressConfig[],
): readonly string[] {
  const wide = ours.filter(({ family, prefixLength }) => family === 'ipv4' && prefixLength < 32);
  const names = [...new Set(wide.map((config) => config.interface))];
  return names.filter((name) => {
    const there = listAddresses(socket, { name, index: links.indexOf(name) });
    if (there instanceof SystemError) return false;
    const isOurs = ({ address }: InterfaceAddress) => wide.some((config) => config.address === address);
    const others = there.filter((each) => (each.flags & IFA_F.SECONDARY) !== 0 && !isOurs(each));
    const first = there.filter((each) => (each.flags & IFA_F.SECONDARY) === 0 && isOurs(each));
    return others.some((other) => first.some((primary) => sameSubnet(primary, other)));
  });
}
