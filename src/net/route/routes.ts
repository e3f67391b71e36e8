/** Routes and policy rules: made, taken away, listed. */
import * as linux from '../linux.js';
import type { Interface } from '../socket-options.js';
import { SystemError } from '../system-error.js';
import { encodeBody, u32 } from './message.js';
import { decodeRoute, encodeRoute, type KernelRoute, type RouteSpec } from './route.js';
import { decodeRule, encodeRule, type KernelRule, type RuleSpec } from './rule.js';
import type { Change, RouteSocket } from './socket.js';

// linux/rtnetlink.h
const RTA_OIF = 4;

/** Makes a route, or changes the one of the same key in its place, as `ip route replace` does. */
export function addRoute(route: RouteSpec, indexOf: (name: string) => number): Change {
  return newRoute(route, indexOf, linux.NLM_F_REPLACE);
}

/** Makes a route that is not there. That one of its key is there already is the error EEXIST. */
export function addMissingRoute(route: RouteSpec, indexOf: (name: string) => number): Change {
  return newRoute(route, indexOf, linux.NLM_F_EXCL);
}

function newRoute(route: RouteSpec, indexOf: (name: string) => number, flag: number): Change {
  const flags = linux.NLM_F_CREATE | flag;
  const request = { type: linux.RTM_NEWROUTE, flags, body: encodeRoute(route, indexOf) };
  return { operation: 'add route', operand: describeRoute(route), request };
}

/** Removes a route. That it was not there is the error ESRCH. */
export function deleteRoute(route: RouteSpec, indexOf: (name: string) => number): Change {
  const request = { type: linux.RTM_DELROUTE, flags: 0, body: encodeRoute(route, indexOf) };
  return { operation: 'delete route', operand: describeRoute(route), request };
}

/** Makes a rule. That it is there already is the error EEXIST. */
export function addRule(rule: RuleSpec): Change {
  const flags = linux.NLM_F_CREATE | linux.NLM_F_EXCL;
  return {
    operation: 'add rule',
    operand: describeRule(rule),
    request: { type: linux.RTM_NEWRULE, flags, body: encodeRule(rule) },
  };
}

/** Removes a rule. That it was not there is the error ENOENT. */
export function deleteRule(rule: RuleSpec): Change {
  return {
    operation: 'delete rule',
    operand: describeRule(rule),
    request: { type: linux.RTM_DELRULE, flags: 0, body: encodeRule(rule) },
  };
}

/** The routes of one table, or those of it that leave by one interface. */
export function listRoutes(
  socket: RouteSocket,
  family: RouteSpec['family'],
  table: number,
  by?: Interface,
): readonly KernelRoute[] | SystemError {
  const struct = Buffer.alloc(12);
  struct[0] = afOf(family);
  struct[4] = table < 256 ? table : 0;
  const body = by === undefined ? struct : encodeBody(struct, [[RTA_OIF, u32(by.index)]]);
  const replies = socket.dump(linux.RTM_GETROUTE, body);
  if (replies instanceof SystemError) return replies;
  const routes = replies.map(({ data }) => decodeRoute(data)).filter((each) => each !== undefined);
  return routes.filter((route) => route.table === table);
}

/** Every rule of one family. */
export function listRules(
  socket: RouteSocket,
  family: RuleSpec['family'],
): readonly KernelRule[] | SystemError {
  const struct = Buffer.alloc(12);
  struct[0] = afOf(family);
  const replies = socket.dump(linux.RTM_GETRULE, struct);
  if (replies instanceof SystemError) return replies;
  return replies.map(({ data }) => decodeRule(data)).filter((each) => each !== undefined);
}

function afOf(family: RouteSpec['family']): number {
  return family === 'ipv4' ? linux.AF_INET : linux.AF_INET6;
}

/** `10.1.0.0/16 via 10.0.0.254 dev eth0 table 254` */
export function describeRoute({ to, nexthops, table }: RouteSpec): string {
  const hops = nexthops.map(({ via, interface: dev }) =>
    [via === undefined ? '' : ` via ${via}`, dev === undefined ? '' : ` dev ${dev}`].join(''),
  );
  return `${to.address}/${to.prefixLength}${hops.join(',')} table ${table}`;
}

/** `from 10.1.0.0/16 lookup 100` */
export function describeRule({ not, from, to, action, priority }: RuleSpec): string {
  const words = [
    ...(not ? ['not'] : []),
    `from ${from === undefined ? 'all' : `${from.address}/${from.prefixLength}`}`,
    ...(to === undefined ? [] : [`to ${to.address}/${to.prefixLength}`]),
    action.kind === 'lookup' ? `lookup ${action.table}` : action.kind,
    `priority ${priority}`,
  ];
  return words.join(' ');
}
