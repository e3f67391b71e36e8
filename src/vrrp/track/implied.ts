/** What an instance follows without being told to. Pure. */

import type { InstanceConfig } from '../config.js';
import { allAddresses } from '../place/all-addresses.js';
import { baseIn } from '../place/made-link.js';
import type { TrackedConfig } from './config.js';

/**
 * The instance with the interfaces of its addresses and routes among its trackers: while one of them is down, the peer serves better.
 * Left out are its own, lines with `no_track`, and multipath routes, which have other ways. A weight of its own for one counts beside.
 */
export function following<T extends InstanceConfig>(config: T): T {
  const { track } = config;
  const known = new Set([config.interface, ...track.interfaces.filter(isFault).map(({ name }) => name)]);
  const more = [...new Set(interfacesOf(config))].filter((name) => !known.has(name));
  if (more.length === 0) return config;
  return { ...config, track: { ...track, interfaces: [...track.interfaces, ...more.map(asFault)] } };
}

/** What is made for the instance is as well as what it is made upon. */
function interfacesOf(config: InstanceConfig): readonly string[] {
  const addresses = allAddresses(config)
    .filter(({ track }) => track)
    .map((each) => each.interface);
  const routes = config.virtualRoutes
    .filter(({ track, nexthops }) => track && nexthops.length === 1)
    .flatMap(({ nexthops }) => nexthops.map((each) => each.interface))
    .filter((name) => name !== undefined);
  return [...addresses, ...routes].map(baseIn(config));
}

function isFault({ weight, reverse }: TrackedConfig): boolean {
  return weight === 0 && !reverse;
}

function asFault(name: string): TrackedConfig {
  return { name, weight: 0, reverse: false };
}
