/** The machine's interfaces, kept up to date by events: who is called what, and who is up. */
import * as linux from '../linux.js';
import type { Interface } from '../socket-options.js';
import { SystemError } from '../system-error.js';
import type { RouteEvent } from './events.js';
import { decodeLink, encodeLink, IFLA, type Link } from './link.js';
import { u32 } from './message.js';
import type { RouteSocket } from './socket.js';

/** An index that no interface has: what is asked for by an unknown name is refused with ENODEV. */
export const NO_INTERFACE = 0x7fffffff;

/** What became of an interface: undefined before it is there and after it is gone. */
export type LinkChange = { readonly before: Link | undefined; readonly after: Link | undefined };

export type LinkTable = {
  readonly byName: (name: string) => Link | undefined;
  readonly byIndex: (index: number) => Link | undefined;
  readonly all: () => readonly Link[];
  /** The index of a name, NO_INTERFACE when there is none. */
  readonly indexOf: (name: string) => number;
  /** Takes in an event; an `overrun` reads all interfaces anew. Other events are passed over. */
  readonly accept: (event: RouteEvent) => void;
};

// linux/rtnetlink.h: RTEXT_FILTER_SKIP_STATS
const SKIP_STATISTICS = 8;

/** Every interface of the machine. */
export function listLinks(socket: RouteSocket): readonly Link[] | SystemError {
  const body = encodeLink({}, [[IFLA.EXT_MASK, u32(SKIP_STATISTICS)]]);
  const replies = socket.dump(linux.RTM_GETLINK, body);
  if (replies instanceof SystemError) return replies;
  return replies.map(({ data }) => decodeLink(data)).filter((each) => each !== undefined);
}

/**
 * A table of what is there now. `onChange` is called for each interface that appears, disappears, or changes in name,
 * state, MAC or membership, after the table has it. Open the event source first, so that nothing falls in between.
 */
export function openLinkTable(
  socket: RouteSocket,
  onChange: (change: LinkChange) => void,
): LinkTable | SystemError {
  const first = listLinks(socket);
  if (first instanceof SystemError) return first;
  const links = new Map(first.map((link) => [link.index, link]));
  const put = (link: Link) => {
    const before = links.get(link.index);
    if (before !== undefined && same(before, link)) return;
    links.set(link.index, link);
    onChange({ before, after: link });
  };
  const remove = (index: number) => {
    const before = links.get(index);
    if (links.delete(index)) onChange({ before, after: undefined });
  };
  const reread = () => {
    const now = listLinks(socket);
    if (now instanceof SystemError) return;
    for (const index of [...links.keys()]) if (!now.some((link) => link.index === index)) remove(index);
    now.forEach(put);
  };
  return {
    byName: (name) => find(links, name),
    byIndex: (index) => links.get(index),
    all: () => [...links.values()],
    indexOf: (name) => find(links, name)?.index ?? NO_INTERFACE,
    accept: (event) => {
      if (event.kind === 'overrun') reread();
      else if (event.kind === 'link' && event.change === 'new') put(event.link);
      else if (event.kind === 'link') remove(event.link.index);
    },
  };
}

/** What sockets and requests want of an interface. */
export function interfaceOf({ name, index }: Link): Interface {
  return { name, index };
}

function find(links: ReadonlyMap<number, Link>, name: string): Link | undefined {
  for (const link of links.values()) if (link.name === name) return link;
  return undefined;
}

function same(a: Link, b: Link): boolean {
  return (Object.keys(a) as (keyof Link)[]).every((key) => a[key] === b[key]);
}
