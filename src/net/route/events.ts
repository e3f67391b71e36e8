/** What changes in links, addresses, routes and rules, as the kernel multicasts it (rtnetlink(7)). */
import { bind, close } from '../libc.js';
import * as linux from '../linux.js';
import { MessageReader } from '../message-reader.js';
import { encodeNetlinkAddress } from '../sockaddr.js';
import { openSocket, receiveBuffer } from '../socket-options.js';
import { SystemError } from '../system-error.js';
import { watchReadable } from '../watch.js';
import { decodeAddress, type InterfaceAddress } from './address.js';
import { decodeLink, type Link } from './link.js';
import { decodeReplies, type Reply } from './message.js';
import { decodeRoute, type KernelRoute } from './route.js';
import { decodeRule, type KernelRule } from './rule.js';

/** `own`: one of our request sockets did it, as far as the kernel tells; of IPv6 addresses it does not. */
type Doer = { readonly own?: true };

export type RouteEvent =
  | { readonly kind: 'link'; readonly change: Change; readonly link: Link }
  | ({ readonly kind: 'address'; readonly change: Change; readonly address: InterfaceAddress } & Doer)
  | ({ readonly kind: 'route'; readonly change: Change; readonly route: KernelRoute } & Doer)
  | ({ readonly kind: 'rule'; readonly change: Change; readonly rule: KernelRule } & Doer)
  /** Events were lost: whoever keeps a picture must take it anew. */
  | { readonly kind: 'overrun' };

type Change = 'new' | 'del';

export type Subject = 'link' | 'address' | 'route' | 'rule';

export type EventOptions = {
  /** Routes can be many on a machine that runs a routing protocol: leave them out where nobody asks. */
  readonly subjects: readonly Subject[];
  /** Ports of request sockets whose new addresses are no news: renewals would echo. Removals are always told. */
  readonly ownPorts?: readonly number[];
  readonly receiveBufferBytes?: number;
};

export type EventSource = { readonly close: () => void };

const GROUPS: Readonly<Record<Subject, readonly number[]>> = {
  link: [linux.RTNLGRP_LINK],
  address: [linux.RTNLGRP_IPV4_IFADDR, linux.RTNLGRP_IPV6_IFADDR],
  route: [linux.RTNLGRP_IPV4_ROUTE, linux.RTNLGRP_IPV6_ROUTE],
  rule: [linux.RTNLGRP_IPV4_RULE, linux.RTNLGRP_IPV6_RULE],
};

const BATCH = 16;
// NLMSG_GOODSIZE and what a link with many VFs may need on top.
const MESSAGE_BYTES = 32768;
const BUFFER_BYTES = 1 << 20;
const DRAIN_TURNS = 1000;

let reader: MessageReader | undefined;

/**
 * Tells every change from now on. A burst beyond the receive buffer is told as `overrun` rather than lost in silence:
 * ENOBUFS is the kernel's word for it, and is not switched off.
 */
export function watchRoutes(
  options: EventOptions,
  onEvent: (event: RouteEvent) => void,
): EventSource | SystemError {
  const { subjects, ownPorts = [], receiveBufferBytes = BUFFER_BYTES } = options;
  const mask = subjects
    .flatMap((subject) => GROUPS[subject])
    .reduce((all, group) => all | (1 << (group - 1)), 0);
  const fd = openSocket([linux.AF_NETLINK, linux.SOCK_RAW, linux.NETLINK_ROUTE], 'netlink events', [
    ...receiveBuffer(receiveBufferBytes),
    { name: 'bind', run: (socket) => bind(socket, encodeNetlinkAddress(mask >>> 0)) },
  ]);
  if (fd instanceof SystemError) return fd;
  reader ??= new MessageReader(BATCH, MESSAGE_BYTES);
  const shared = reader;
  let open = true;
  const take = (data: Uint8Array) => {
    for (const event of decodeEvents(Buffer.from(data), ownPorts)) if (open) onEvent(event);
  };
  const read = () => shared.read(fd, ({ data }) => take(data));
  const watch = watchReadable(fd, () => {
    if (read().error === 0) return;
    // Until it is read empty the kernel drops what comes, without another error (netlink_overrun, netlink_rcv_wake).
    for (let turn = 0; turn < DRAIN_TURNS; turn += 1) {
      const { error, more } = read();
      if (error === 0 && !more) break;
    }
    if (open) onEvent({ kind: 'overrun' });
  });
  return {
    close: () => {
      if (!open) return;
      open = false;
      watch.close();
      close(fd);
    },
  };
}

/** The events of one datagram. What cannot be read counts as lost. */
export function decodeEvents(datagram: Buffer, ownPorts: readonly number[]): readonly RouteEvent[] {
  try {
    return decodeReplies(datagram)
      .filter((reply) => !(reply.type === linux.RTM_NEWADDR && ownPorts.includes(reply.port)))
      .flatMap((reply) => {
        const event = decodeEvent(reply);
        if (event === undefined) return [];
        return [ownPorts.includes(reply.port) ? { ...event, own: true as const } : event];
      });
  } catch {
    return [{ kind: 'overrun' }];
  }
}

function decodeEvent({ type, data }: Reply): RouteEvent | undefined {
  switch (type) {
    case linux.RTM_NEWLINK:
    case linux.RTM_DELLINK: {
      const link = decodeLink(data);
      return link && { kind: 'link', change: type === linux.RTM_NEWLINK ? 'new' : 'del', link };
    }
    case linux.RTM_NEWADDR:
    case linux.RTM_DELADDR: {
      const address = decodeAddress(data);
      return address && { kind: 'address', change: type === linux.RTM_NEWADDR ? 'new' : 'del', address };
    }
    case linux.RTM_NEWROUTE:
    case linux.RTM_DELROUTE: {
      const route = decodeRoute(data);
      return route && { kind: 'route', change: type === linux.RTM_NEWROUTE ? 'new' : 'del', route };
    }
    case linux.RTM_NEWRULE:
    case linux.RTM_DELRULE: {
      const rule = decodeRule(data);
      return rule && { kind: 'rule', change: type === linux.RTM_NEWRULE ? 'new' : 'del', rule };
    }
    default:
      return undefined;
  }
}
