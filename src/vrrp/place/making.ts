/** Makes the interfaces of an instance, keeps them as they ought to be, and removes them. */
import { familyOf } from '../../net/address.js';
import { FOREVER, IFA_F } from '../../net/route/address.js';
import { holdAddress } from '../../net/route/addresses.js';
import type { Link } from '../../net/route/link.js';
import { interfaceOf } from '../../net/route/links.js';
import { deleteLink, makeIpvlan, makeMacvlan, setLinkUp } from '../../net/route/macvlan.js';
import type { Interface } from '../../net/socket-options.js';
import type { SystemError } from '../../net/system-error.js';
import type { InstanceConfig } from '../config.js';
import type { Kernel } from './addresses.js';
import { isMade, type MadeLink, madeLinks, whatIs } from './made-link.js';

/** What was found of one of them, and done about it. */
export type Making = {
  readonly name: string;
  /** It waits for its base, its name is taken by something else, it stands as it ought to, or stands now. */
  readonly found: 'baseless' | 'taken' | 'well' | 'missing' | 'down';
  readonly errors: readonly SystemError[];
};

/**
 * Makes those that are not there and whose base is, and sets up those that are down. What is there is made anew where it is upon another
 * base, or has another MAC address.
 * @param known names of those that were looked at before: another look might not end
 */
export function makeLinks(
  kernel: Kernel,
  config: InstanceConfig,
  known: ReadonlySet<string> = new Set(),
): readonly Making[] {
  return madeLinks(config).map((link) => {
    const what = known.has(link.name) ? 'wanted' : look(kernel, link);
    return what === 'foreign' ? { name: link.name, found: 'taken', errors: [] } : makeOne(kernel, link);
  });
}

function makeOne(kernel: Kernel, link: MadeLink): Making {
  const { name } = link;
  const there = asItIs(kernel, name);
  const base = kernel.links.byName(link.base);
  const own = () => holdOwn(kernel, link);
  if (there?.up === true) return { name, found: 'well', errors: own() };
  // A macvlan follows its base down and up; one that is down alone was set down by another hand.
  if (base === undefined || (there !== undefined && !base.up)) return { name, found: 'baseless', errors: [] };
  const raised = there === undefined ? undefined : raise(kernel, there);
  // One that is being deleted is down first, and gone when the kernel answers.
  const isGone = raised === undefined || raised.some(({ code }) => code === 'ENODEV');
  if (!isGone) return { name, found: 'down', errors: [...raised, ...own()] };
  const errors = make(kernel, link, interfaceOf(base));
  // The kernel's event comes with the next turn of the event loop; whoever asked wants to use it now.
  kernel.links.accept({ kind: 'overrun' });
  if (errors.some(({ code }) => code === 'EEXIST')) return { name, found: 'well', errors: own() };
  return { name, found: 'missing', errors: [...errors, ...own()] };
}

/** What an earlier life left of another base or MAC address is removed. */
function look(kernel: Kernel, link: MadeLink): ReturnType<typeof whatIs> {
  const there = kernel.links.byName(link.name);
  const base = kernel.links.byName(link.base);
  if (there === undefined || base === undefined) return 'wanted';
  const what = whatIs(there, link, base);
  if (what === 'outdated') remove(kernel, there);
  return what;
}

/** An event that it is down may be older than what set it up. */
function asItIs({ links }: Kernel, name: string): Link | undefined {
  if (links.byName(name)?.up === false) links.accept({ kind: 'overrun' });
  return links.byName(name);
}

function raise({ socket }: Kernel, link: Link): readonly SystemError[] {
  return socket.change([setLinkUp(interfaceOf(link), true)]).filter((each) => each !== undefined);
}

/** What another hand did to one of them. */
export type Undone = { readonly name: string; readonly text: string };

/**
 * Tells, of those that stood and had to be put back, what another hand did to each. One that followed its base, or was never there, is
 * passed over; one that could not be put back is told of when it is.
 */
export function createLinkWatch(isThere: (name: string) => boolean) {
  let stood: ReadonlySet<string> = new Set();
  return (
    putBack: (stood: ReadonlySet<string>) => readonly Making[],
  ): { readonly makings: readonly Making[]; readonly undone: readonly Undone[] } => {
    const before = stood;
    // Making one is an event, which leads here again before it returns.
    const makings = putBack(before);
    const stand = makings
      .filter(({ found }) => found !== 'baseless' && found !== 'taken')
      .map(({ name }) => name);
    stood = new Set(stand.filter((name) => stood.has(name) || isThere(name)));
    const undone = makings.filter(({ name }) => before.has(name) && isThere(name)).flatMap(whatWasDone);
    return { makings, undone };
  };
}

function whatWasDone({ name, found }: Making): Undone[] {
  if (found === 'missing') return [{ name, text: `interface ${name} was deleted` }];
  return found === 'down' ? [{ name, text: `interface ${name} was set down` }] : [];
}

/** The address an ipvlan has of its own, also while the director is no master. */
function holdOwn({ socket, links }: Kernel, link: MadeLink): readonly SystemError[] {
  const made = links.byName(link.name);
  if (link.kind !== 'ipvlan' || link.of.address === undefined || made === undefined) return [];
  const family = familyOf(link.of.address.address) ?? 'ipv4';
  // It is as much a virtual router's as its others: duplicate address detection would only put it off.
  const spec = { ...link.of.address, family, scope: 0, flags: family === 'ipv6' ? IFA_F.NODAD : 0 };
  return socket.change([holdAddress(spec, interfaceOf(made), FOREVER)]).filter((each) => each !== undefined);
}

/** Removes them, but for those that `heir` has as well; that one is gone already is no error. */
export function removeLinks(kernel: Kernel, config: InstanceConfig, heir?: InstanceConfig): void {
  const kept = new Set(heir === undefined ? [] : madeLinks(heir).map(({ name }) => name));
  for (const { name } of madeLinks(config)) {
    const link = kernel.links.byName(name);
    if (link !== undefined && isMade(link) && !kept.has(name)) remove(kernel, link);
  }
}

/** Whoever wants to make one of that name looks before the kernel's event comes. */
function remove({ socket, links }: Kernel, link: Link): void {
  socket.change([deleteLink(interfaceOf(link))]);
  links.accept({ kind: 'link', change: 'del', link });
}

function make({ socket }: Kernel, link: MadeLink, base: Interface): readonly SystemError[] {
  const { name } = link;
  switch (link.kind) {
    case 'macvlan':
      return makeMacvlan(socket, { name, base, mac: link.of.macAddress, ...optionalGroup(link.of.group) });
    case 'ipvlan':
      return makeIpvlan(socket, { name, base, mode: link.of.mode, ...optionalGroup(link.of.group) });
  }
}

function optionalGroup(group: number | undefined): { readonly group?: number } {
  return group === undefined ? {} : { group };
}
