/** The kernel settings that a configuration needs: of the network namespace, and of interfaces. */
import { interfaceSetting } from '../../net/sysctl.js';
import type { InstanceConfig, VrrpConfig } from '../config.js';
import { allAddresses } from './all-addresses.js';
import { madeLinks, onMadeLink } from './made-link.js';

/** Whether IGMP reports are sent of 224.0.0.0/24 (ip-sysctl). */
const LOCAL_REPORTS = '/proc/sys/net/ipv4/igmp_link_local_mcast_reports';

/** By path. */
export function neededSettings({ process, instances }: VrrpConfig): ReadonlyMap<string, string> {
  const quiet = process.disableLocalIgmp || instances.some(listensOnVmac);
  return new Map([
    ...(quiet ? [[LOCAL_REPORTS, '0'] as const] : []),
    ...instances.flatMap(settingsBelow),
    ...instances.filter(({ promoteSecondaries }) => promoteSecondaries).flatMap(promotions),
  ]);
}

/** promote_secondaries on the interfaces of its addresses. */
function promotions(instance: InstanceConfig): readonly (readonly [path: string, value: string])[] {
  return allAddresses(onMadeLink(instance))
    .filter(({ family }) => family === 'ipv4')
    .map(({ interface: name }) => [interfaceSetting('ipv4', name, 'promote_secondaries'), '1']);
}

/**
 * Settings of what its macvlans are made upon, beside those of makeMacvlan (`macvlan.ts`): it answers ARP for its own addresses alone.
 * Replies of a virtual address may leave by it. Its ARP requests must not name that address, or the neighbours would learn it with the
 * wrong MAC address (arp_announce of ip-sysctl).
 */
function settingsBelow(config: InstanceConfig): readonly (readonly [path: string, value: string])[] {
  return madeLinks(config).flatMap(({ kind, base }) => [
    [interfaceSetting('ipv4', base, 'arp_announce'), '2'] as const,
    ...(kind === 'macvlan'
      ? [
          [interfaceSetting('ipv4', base, 'arp_ignore'), '1'] as const,
          [interfaceSetting('ipv4', base, 'arp_filter'), '1'] as const,
        ]
      : []),
  ]);
}

/**
 * Joining and leaving the group there would be reported from the virtual router's MAC address, also by a backup: switches would send
 * the master's packets to it until the next advert.
 */
function listensOnVmac({ vmac, transport, family }: InstanceConfig): boolean {
  return vmac !== undefined && !vmac.xmitBase && transport.kind === 'multicast' && family === 'ipv4';
}
