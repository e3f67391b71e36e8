/** What was put into the kernel, for a successor: it takes out what its file no longer wants and no other hand has made. */
import type { Link } from '../../net/route/link.js';
import { interfaceOf } from '../../net/route/links.js';
import { deleteLink } from '../../net/route/macvlan.js';
import { SystemError } from '../../net/system-error.js';
import type { InstanceConfig, VrrpConfig } from '../config.js';
import { vipLifetimeS } from '../election/timers.js';
import { type Kernel, specOf, VirtualAddresses } from './addresses.js';
import { allAddresses } from './all-addresses.js';
import { takeCensus } from './census.js';
import { describeAddress } from './describe.js';
import { type MadeLink, madeLinks, onMadeLink } from './made-link.js';
import type { AddressConfig, RouteConfig, RuleConfig } from './network-config.js';
import { notIn } from './not-in.js';
import { VirtualRoutes } from './routes.js';

/** An address, and whether the kernel was told to keep it for ever. */
export type PlacedAddress = { readonly line: AddressConfig; readonly forever: boolean };

export type Placed = {
  readonly links: readonly MadeLink[];
  readonly addresses: readonly PlacedAddress[];
  readonly routes: readonly RouteConfig[];
  readonly rules: readonly RuleConfig[];
};

type Statics = Pick<VrrpConfig, 'staticAddresses' | 'staticRoutes' | 'staticRules'>;

export const NOTHING: Placed = { links: [], addresses: [], routes: [], rules: [] };

/** What an instance has put there. @param config with the interfaces its addresses really are on */
export function placedBy(config: InstanceConfig, held: boolean): Placed {
  const links = madeLinks(config);
  if (!held) return { ...NOTHING, links };
  const forever = vipLifetimeS(config) === undefined;
  return {
    links,
    addresses: allAddresses(config).map((line) => ({ line, forever })),
    routes: config.virtualRoutes,
    rules: config.virtualRules,
  };
}

export function placedStatics({ staticAddresses, staticRoutes, staticRules }: Statics): Placed {
  const addresses = staticAddresses.map((line) => ({ line, forever: true }));
  return { links: [], addresses, routes: staticRoutes, rules: staticRules };
}

export function together(all: readonly Placed[]): Placed {
  return {
    links: all.flatMap(({ links }) => links),
    addresses: all.flatMap(({ addresses }) => addresses),
    routes: all.flatMap(({ routes }) => routes),
    rules: all.flatMap(({ rules }) => rules),
  };
}

/** What of it a configuration does not have. */
export function unwanted(left: Placed, next: VrrpConfig | undefined): Placed {
  if (next === undefined) return left;
  const wanted = together([
    placedStatics(next),
    ...next.instances.map((instance) => placedBy(onMadeLink(instance), true)),
  ]);
  const addresses = new Set(wanted.addresses.map(({ line }) => describeAddress(line)));
  const links = new Set(wanted.links.map((link) => JSON.stringify(link)));
  return {
    links: left.links.filter((link) => !links.has(JSON.stringify(link))),
    addresses: left.addresses.filter(({ line }) => !addresses.has(describeAddress(line))),
    routes: left.routes.filter(notIn(wanted.routes)),
    rules: left.rules.filter(notIn(wanted.rules)),
  };
}

/** Takes it out of the kernel, but for what somebody else has made anew: what the kernel refused. */
export function takeOut(kernel: Kernel, { links, addresses, routes, rules }: Placed): readonly SystemError[] {
  const lines = ours(kernel, addresses);
  if (lines instanceof SystemError) return [lines];
  const ignore = { onLost: () => {}, onError: () => {} };
  return [
    ...new VirtualRoutes(kernel, { routes, rules, ...ignore }).release(),
    ...new VirtualAddresses(kernel, { addresses: lines, ...ignore }).release(),
    ...removeLinks(kernel, links),
  ];
}

/** Those that are there as they were put there: one that another hand made has another lifetime. */
function ours(
  { socket, links }: Kernel,
  placed: readonly PlacedAddress[],
): readonly AddressConfig[] | SystemError {
  if (placed.length === 0) return [];
  const census = takeCensus(socket);
  if (census instanceof SystemError) return census;
  const isOurs = ({ line, forever }: PlacedAddress) => {
    const found = census.find(specOf(line), { name: line.interface, index: links.indexOf(line.interface) });
    return found !== undefined && (found.lifetime.valid === 'forever') === forever;
  };
  return placed.filter(isOurs).map(({ line }) => line);
}

function removeLinks({ socket, links }: Kernel, made: readonly MadeLink[]): readonly SystemError[] {
  const gone = made.flatMap((link) => {
    const there = links.byName(link.name);
    return there !== undefined && isAsMade(there, link, links.indexOf(link.base)) ? [there] : [];
  });
  if (gone.length === 0) return [];
  const outcomes = socket.change(gone.map((link) => deleteLink(interfaceOf(link))));
  // The kernel's event comes with the next turn of the event loop; another may be made of that name now.
  links.accept({ kind: 'overrun' });
  return outcomes.filter((outcome) => outcome !== undefined && outcome.code !== 'ENODEV') as SystemError[];
}

function isAsMade(there: Link, link: MadeLink, base: number): boolean {
  if (there.kind !== link.kind || there.parent !== base) return false;
  return link.kind === 'ipvlan' || there.mac?.toLowerCase() === link.of.macAddress.toLowerCase();
}

/** What a predecessor saved; what cannot be read is left out. */
export function parsePlaced(data: unknown): Placed {
  const { links, addresses, routes, rules } = recordOf(data);
  return {
    links: listOf<MadeLink>(links, ({ name, base, kind, of }) => isText(name, base, kind) && isRecord(of)),
    addresses: listOf<PlacedAddress>(addresses, ({ line }) => {
      const { family, address, interface: on, prefixLength } = recordOf(line);
      return isText(family, address, on) && typeof prefixLength === 'number';
    }),
    routes: listOf<RouteConfig>(routes, ({ to, nexthops }) => isRecord(to) && Array.isArray(nexthops)),
    rules: listOf<RuleConfig>(rules, ({ action }) => isRecord(action)),
  };
}

function listOf<T>(data: unknown, is: (each: Record<string, unknown>) => boolean): readonly T[] {
  return Array.isArray(data) ? data.filter((each) => isRecord(each) && is(each)) : [];
}

function recordOf(data: unknown): Record<string, unknown> {
  return isRecord(data) ? data : {};
}

function isRecord(data: unknown): data is Record<string, unknown> {
  return typeof data === 'object' && data !== null;
}

function isText(...all: readonly unknown[]): boolean {
  return all.every((each) => typeof each === 'string');
}
