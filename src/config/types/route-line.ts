/** A line of virtual_routes or static_routes. */
import type { Family } from '../../net/address.js';
import {
  type Nexthop,
  type Prefix,
  ROUTE_METRICS,
  ROUTE_TYPES,
  type RouteMetric,
  type RouteType,
} from '../../net/route/route.js';
import type { RouteConfig } from '../../vrrp/place/network-config.js';
import { type Arguments, reject } from '../arguments.js';
import type { Type } from '../keyword.js';
import { type Word, words } from '../lexer.js';
import { lookup } from '../lookup.js';
import { readAddress, readPrefix } from './address.js';
import { Cursor, named, plain } from './cursor.js';
import {
  type Mutable,
  readProtocol,
  readScope,
  readTable,
  readTos,
  trackGroup,
  WORD32,
  wholePrefix,
} from './iproute.js';

/** RTPROT_KEEPALIVED */
const RTPROT = 18;
const RT_TABLE_MAIN = 254;

/** A route line. */
export const routeLine: Type<RouteConfig> = {
  syntax:
    '[TYPE] [to] DESTINATION[/LENGTH] [via ADDRESS] [dev INTERFACE] [src ADDRESS] [table T] [metric N] [scope S] [protocol P] [tos T] [onlink] [mtu N …] [nexthop via ADDRESS dev INTERFACE weight N …] [no_track]',
  parse: (args) => {
    const cursor = new Cursor({ ...args, keyword: 'route' }, words(args.text));
    const type = TYPES.find((name) => name === cursor.peek()?.text);
    if (type !== undefined) cursor.next();
    const state: RouteState = { family: undefined, hop: {}, hops: [], fields: {}, metrics: {} };
    for (let word = cursor.next(); word !== undefined; word = cursor.next())
      readRouteWord(cursor, word, state);
    return cursor.failed ? undefined : route(cursor, state, type ?? 'unicast');
  },
};

/** As a line may begin. */
const TYPES = ROUTE_TYPES.filter((type) => type !== 'unspec');

type RouteState = {
  family: Family | undefined;
  hop: Partial<Mutable<Nexthop>>;
  readonly hops: Partial<Nexthop>[];
  to?: Prefix;
  readonly fields: Partial<Mutable<RouteConfig>>;
  readonly metrics: Partial<Record<RouteMetric, number>>;
};

const METRICS = Object.keys(ROUTE_METRICS) as readonly RouteMetric[];

function readRouteWord(cursor: Cursor, word: Word, state: RouteState): void {
  const metric = METRICS.find((name) => name === word.text);
  if (metric !== undefined) {
    const value = cursor.value(named({}, WORD32), 'a number');
    if (value !== undefined) state.metrics[metric] = value;
    return;
  }
  const read = lookup(ROUTE_WORDS, word.text);
  if (read !== undefined) read(cursor, state);
  else if (state.to === undefined) readDestination(cursor.args, word, state, cursor);
  else cursor.refuse(word, 'is no word of a route line that lvsd knows');
}

const ROUTE_WORDS: Readonly<Record<string, (cursor: Cursor, state: RouteState) => void>> = {
  inet: (_cursor, state) => {
    state.family = 'ipv4';
  },
  inet6: (_cursor, state) => {
    state.family = 'ipv6';
  },
  to: destination,
  dst: destination,
  src: (cursor, { fields }) => {
    const source = cursor.value(readAddress, 'an address');
    if (source !== undefined) fields.source = source.address;
  },
  via: gateway,
  gw: gateway,
  or: (cursor, state) => {
    nextHop(state);
    gateway(cursor, state);
  },
  dev: device,
  oif: device,
  onlink: (_cursor, { hop }) => {
    hop.onlink = true;
  },
  weight: (cursor, { hop }) => {
    const weight = cursor.value(named({}, { min: 1, max: 256 }), 'a number');
    if (weight !== undefined) hop.weight = weight;
  },
  nexthop: (_cursor, state) => nextHop(state),
  table: number('table', readTable),
  metric: number('metric', named({}, WORD32)),
  priority: number('metric', named({}, WORD32)),
  preference: number('metric', named({}, WORD32)),
  scope: number('scope', readScope),
  protocol: number('protocol', readProtocol),
  tos: number('tos', readTos),
  dsfield: number('tos', readTos),
  no_track: (_cursor, { fields }) => {
    fields.track = false;
  },
  track_group: trackGroup,
};

function number(
  key: 'table' | 'metric' | 'scope' | 'protocol' | 'tos',
  read: (args: Arguments, word: Word) => number | undefined,
): (cursor: Cursor, state: RouteState) => void {
  return (cursor, { fields }) => {
    const value = cursor.value(read, 'a number');
    if (value !== undefined) fields[key] = value;
  };
}

function destination(cursor: Cursor, state: RouteState): void {
  const word = cursor.next();
  if (word !== undefined) readDestination(cursor.args, word, state, cursor);
}

function readDestination(args: Arguments, word: Word, state: RouteState, cursor: Cursor): void {
  const family = state.family ?? 'ipv4';
  if (word.text === 'default') {
    state.to = { address: family === 'ipv4' ? '0.0.0.0' : '::', prefixLength: 0 };
    return;
  }
  const prefix = readPrefix(args, word);
  if (prefix === undefined) cursor.failed = true;
  else {
    state.family ??= prefix.family;
    state.to = wholePrefix(prefix);
  }
}

function gateway(cursor: Cursor, state: RouteState): void {
  cursor.accept('inet', 'inet6');
  const via = cursor.value(readAddress, 'an address');
  if (via === undefined) return;
  state.hop.via = via.address;
  // "default" alone does not say of which family it is.
  if (state.family === undefined && via.family === 'ipv6') {
    state.family = 'ipv6';
    if (state.to?.prefixLength === 0) state.to = { address: '::', prefixLength: 0 };
  }
}

function device(cursor: Cursor, { hop }: RouteState): void {
  const name = cursor.value(plain, 'an interface');
  if (name !== undefined) hop.interface = name;
}

function nextHop(state: RouteState): void {
  if (Object.keys(state.hop).length > 0) state.hops.push(state.hop);
  state.hop = {};
}

function route(cursor: Cursor, state: RouteState, type: RouteType): RouteConfig | undefined {
  nextHop(state);
  const { to, hops, fields, metrics } = state;
  if (to === undefined) return reject(cursor.args, undefined, 'expected a destination, or default');
  return {
    track: true,
    table: RT_TABLE_MAIN,
    protocol: RTPROT,
    tos: 0,
    ...fields,
    family: state.family ?? 'ipv4',
    type,
    to,
    nexthops: hops.map((hop) => ({ onlink: false, weight: 1, ...hop })),
    metrics,
  };
}
