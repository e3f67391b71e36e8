/** The interfaces a configuration names: there, up, and with a carrier. Pure. */
import type { Config } from '../../config/config.js';
import type { Link } from '../../net/route/link.js';
import type { InstanceConfig } from '../../vrrp/config.js';
import { allAddresses } from '../../vrrp/place/all-addresses.js';
import type { Finding } from './finding.js';
import { instancesOf, syncDaemonOf } from './needs.js';

export type LinkState = Pick<Link, 'name' | 'index' | 'up' | 'running' | 'loopback'>;

/** What keeps an interface from being used. */
export function linkFindings(config: Config, links: readonly LinkState[]): readonly Finding[] {
  return neededLinks(config).flatMap((needed) => {
    const found = fault(needed.name, links);
    if (found === undefined) return [];
    const severity = needed.fatal ? 'error' : 'warning';
    return [
      {
        severity,
        check: 'interface',
        ...found,
        meaning: `${needed.by} needs it${needed.fatal ? ' and does not work without' : ''}.`,
      },
    ];
  });
}

function fault(name: string, links: readonly LinkState[]): Pick<Finding, 'what' | 'mend'> | undefined {
  const link = links.find((each) => each.name === name);
  if (link === undefined) return { what: `there is no interface ${name}`, mend: 'ip -br link' };
  if (!link.up) return { what: `interface ${name} is down`, mend: `ip link set ${name} up` };
  if (!link.running) return { what: `interface ${name} has no carrier`, mend: `ethtool ${name}` };
  return undefined;
}

/** An interface that must be there, and for whom. `fatal`: without it that one cannot work at all. */
type NeededLink = { readonly name: string; readonly by: string; readonly fatal: boolean };

/** Those that lvsd makes by itself are not among them. */
function neededLinks(config: Config): readonly NeededLink[] {
  const made = new Set(instancesOf(config).flatMap(madeNames));
  const { vrrp, checkers } = config;
  const daemon = syncDaemonOf(config);
  const needed = [
    ...instancesOf(config).flatMap(instanceLinks),
    ...(vrrp?.syncGroups ?? []).flatMap(({ name, track }) =>
      track.interfaces.map((each) => ({ name: each.name, by: `vrrp_sync_group ${name}`, fatal: false })),
    ),
    ...(daemon === undefined ? [] : [{ name: daemon.interface, by: 'lvs_sync_daemon', fatal: true }]),
    ...checkers.flatMap(({ realServer, connection: { bindInterface } }) =>
      bindInterface === undefined
        ? []
        : [{ name: bindInterface, by: `checks of ${realServer}`, fatal: true }],
    ),
  ];
  return firstOfEach(needed.filter(({ name }) => !made.has(name)));
}

function instanceLinks(instance: InstanceConfig): readonly NeededLink[] {
  const { dontTrackPrimary, track, addressVmacs } = instance;
  const by = `vrrp_instance ${instance.name}`;
  const own = instance.interface === undefined ? [] : [instance.interface];
  const held = [
    ...allAddresses(instance).map((address) => address.interface),
    ...addressVmacs.map(({ base }) => base),
  ];
  return [
    ...own.map((name) => ({ name, by, fatal: !dontTrackPrimary })),
    ...held.map((name) => ({ name, by, fatal: true })),
    ...track.interfaces.map(({ name, weight }) => ({ name, by, fatal: weight === 0 })),
  ];
}

function firstOfEach(links: readonly NeededLink[]): readonly NeededLink[] {
  const found = new Map<string, NeededLink>();
  for (const link of links) {
    const known = found.get(link.name);
    if (known === undefined || (link.fatal && !known.fatal)) found.set(link.name, link);
  }
  return [...found.values()];
}

function madeNames({ vmac, ipvlan, addressVmacs }: InstanceConfig): readonly string[] {
  return [vmac, ipvlan, ...addressVmacs].flatMap((made) => (made === undefined ? [] : [made.interface]));
}
