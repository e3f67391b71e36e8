/** The kernel's addresses, routes and rules in memory: takes requests in bytes, refuses what it would refuse, tells events. */

import * as linux from '../../src/net/linux.js';
import {
  decodeAddress,
  encodeAddress,
  type InterfaceAddress,
  sameAddress,
} from '../../src/net/route/address.js';
import { decodeEvents, type RouteEvent } from '../../src/net/route/events.js';
import type { Link } from '../../src/net/route/link.js';
import { type LinkTable, NO_INTERFACE } from '../../src/net/route/links.js';
import { encodeRequests } from '../../src/net/route/message.js';
import type { Change, Outcome, RouteSocket } from '../../src/net/route/socket.js';
import { systemError } from '../../src/net/system-error.js';

export type FakeRoutes = {
  readonly socket: RouteSocket;
  readonly links: LinkTable;
  /** What is there now, `10.0.0.1/24 eth0 4s`, in order of adding. */
  readonly addresses: () => readonly string[];
  /** Every change asked for, in its own words. */
  readonly log: string[];
  /** Someone else removes an address. */
  readonly remove: (address: string) => void;
  /** Requests of `changeLater` wait until this is called. */
  readonly later: () => void;
  /** Answers the next change of this operation with an error. */
  readonly refuse: (operation: string, result: number) => void;
};

/** `interfaces`: their names; indexes count from 2. */
export function createFakeRoutes(
  interfaces: readonly string[],
  onEvent: (event: RouteEvent) => void = () => {},
): FakeRoutes {
  const links = fakeLinks(interfaces);
  const log: string[] = [];
  const pending: (() => void)[] = [];
  const refusals = new Map<string, number>();
  let there: InterfaceAddress[] = [];
  const tell = (type: number, body: Uint8Array) => {
    for (const event of decodeEvents(Buffer.from(encodeRequests([{ type, flags: 0, body }], 0)), []))
      onEvent(event);
  };
  const isSame = (a: InterfaceAddress) => (b: InterfaceAddress) =>
    a.interfaceIndex === b.interfaceIndex && sameAddress(a, b);
  const apply = (asked: Change): number => {
    log.push(`${asked.operation} ${asked.operand}`);
    const refused = refusals.get(asked.operation);
    refusals.delete(asked.operation);
    return refused ?? obey(asked);
  };
  const obey = ({ request: { type, body } }: Change): number => {
    const address = type <= linux.RTM_DELADDR ? decodeAddress(Buffer.from(body)) : undefined;
    if (address === undefined) return 0;
    if (links.byIndex(address.interfaceIndex) === undefined) return -ENODEV;
    const known = there.findIndex(isSame(address));
    if (type === linux.RTM_NEWADDR) {
      there[known < 0 ? there.length : known] = asKept(there[known], address);
    } else if (there[known]?.prefixLength !== address.prefixLength) return -linux.EADDRNOTAVAIL;
    else there.splice(known, 1);
    tell(type, body);
    return 0;
  };
  const change = (changes: readonly Change[]): Outcome[] =>
    changes.map((each) => {
      const result = apply(each);
      return result < 0 ? systemError(each.operation, each.operand, result) : undefined;
    });
  return {
    links,
    log,
    addresses: () => there.map((each) => describe(each, links)),
    remove: (address) => {
      const gone = there.filter((each) => each.address === address);
      there = there.filter((each) => each.address !== address);
      for (const each of gone) tell(linux.RTM_DELADDR, encodeAddress(each, each.interfaceIndex));
    },
    later: () => {
      for (const run of pending.splice(0)) run();
    },
    refuse: (operation, result) => void refusals.set(operation, result),
    socket: {
      port: 1,
      change,
      changeLater: (changes, done) => void pending.push(() => done(change(changes))),
      dump: (type, body) => (type === linux.RTM_GETADDR ? dumpAddresses(there, body) : []),
      close: () => {},
    },
  };
}

const ENODEV = 19;

/** An IPv6 address keeps the length it came with (inet6_addr_modify). */
function asKept(before: InterfaceAddress | undefined, asked: InterfaceAddress): InterfaceAddress {
  return before?.family === 'ipv6' ? { ...asked, prefixLength: before.prefixLength } : asked;
}

function dumpAddresses(there: readonly InterfaceAddress[], body: Uint8Array) {
  const view = Buffer.from(body);
  const [family, index] = [view[0] === linux.AF_INET ? 'ipv4' : 'ipv6', view.readInt32LE(4)];
  return there
    .filter((each) => each.family === family && (index === 0 || each.interfaceIndex === index))
    .map((each) => ({
      type: linux.RTM_NEWADDR,
      flags: 0,
      seq: 0,
      port: 0,
      data: Buffer.from(encodeAddress(each, each.interfaceIndex, each.lifetime)),
    }));
}

function describe(
  { address, prefixLength, interfaceIndex, lifetime }: InterfaceAddress,
  links: LinkTable,
): string {
  const seconds = lifetime.valid === 'forever' ? 'forever' : `${lifetime.valid}s`;
  return `${address}/${prefixLength} ${links.byIndex(interfaceIndex)?.name} ${seconds}`;
}

function fakeLinks(names: readonly string[]): LinkTable {
  const links = names.map(
    (name, i): Link => ({
      index: i + 2,
      name,
      mac: `02:00:00:00:00:0${i + 2}`,
      mtu: 1500,
      up: true,
      running: true,
      loopback: name === 'lo',
      multicast: true,
      noArp: false,
      master: undefined,
      parent: undefined,
      kind: undefined,
    }),
  );
  return {
    byName: (name) => links.find((link) => link.name === name),
    byIndex: (index) => links.find((link) => link.index === index),
    all: () => links,
    indexOf: (name) => links.find((link) => link.name === name)?.index ?? NO_INTERFACE,
    accept: () => {},
  };
}
