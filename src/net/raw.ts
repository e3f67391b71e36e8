/**
 * Raw IP sockets (raw(7), RFC 3542), which Node lacks: received whole with what the IP layer knows about the packet,
 * sent with a header of our own. A socket lives and dies with its interface: after the interface came back with another
 * index, open a new one.
 */
import type { Family } from './address.js';
import { decodeIpv6Control } from './control.js';
import { encodeIpPacket, type IpHeader } from './ip-packet.js';
import { bind, close, sendto } from './libc.js';
import * as linux from './linux.js';
import { type Message, MessageReader } from './message-reader.js';
import { encodeSockaddr } from './sockaddr.js';
import {
  bindToInterface,
  type Interface,
  ignoreForeignGroups,
  intOption,
  joinGroup,
  openSocket,
  receiveBuffer,
} from './socket-options.js';
import { SystemError, systemError } from './system-error.js';
import { watchReadable } from './watch.js';

/** A received packet; its bytes hold only until the callback returns. */
export type RawPacket =
  /** With its IP header. */
  | { readonly family: 'ipv4'; readonly packet: Uint8Array }
  /** IPv6 raw sockets give no header but tell what stood in it; 16 bytes each. */
  | {
      readonly family: 'ipv6';
      readonly payload: Uint8Array;
      readonly source: Uint8Array;
      readonly destination: Uint8Array;
      readonly hopLimit: number;
    };

export type ReceiverOptions = {
  readonly family: Family;
  /** IP protocol number: 112 is VRRP. */
  readonly protocol: number;
  /** Absent: any interface. */
  readonly interface?: Interface | undefined;
  /** Multicast group to join, and to take packets of alone; needs an interface. */
  readonly group?: string | undefined;
  /** Takes only packets sent to this address: of ours, or the group. */
  readonly localAddress?: string | undefined;
  readonly receiveBufferBytes?: number | undefined;
};

export type Receiver = {
  /** Hands over what the kernel already has, now and at once: for a timer that must not overtake packets. */
  readonly drain: () => void;
  readonly close: () => void;
};

export type Sender = {
  /** Sends one packet; undefined, or the kernel's refusal (ENETDOWN, ENOBUFS, EMSGSIZE …). */
  readonly send: (header: IpHeader, payload: Uint8Array) => SystemError | undefined;
  readonly close: () => void;
};

// Packets a turn of the event loop: timers run between turns, so a flood cannot hold them up.
const BATCH = 32;
// 255 IPv6 addresses and two headers.
const PACKET_BYTES = 4200;
// Turns a drain may take: what arrives meanwhile is for the event loop.
const DRAIN_TURNS = 16;

let reader: MessageReader | undefined;

/** Receives packets of one protocol. Errors of the socket (ENETDOWN …) are told and reception goes on. */
export function openRawReceiver(
  options: ReceiverOptions,
  onPacket: (packet: RawPacket) => void,
  onError: (error: SystemError) => void,
): Receiver | SystemError {
  const operand = describe(options);
  const fd = openSocket(socketOf(options.family, options.protocol), operand, receiverSteps(options));
  if (fd instanceof SystemError) return fd;
  reader ??= new MessageReader(BATCH, PACKET_BYTES);
  const shared = reader;
  const take = options.family === 'ipv4' ? takeIpv4 : takeIpv6;
  let open = true;
  const readBatch = (): boolean => {
    if (!open) return false;
    const { error, more } = shared.read(fd, (message) => open && take(message, onPacket));
    if (error < 0 && open) onError(systemError('receive', operand, error));
    return more;
  };
  const watch = watchReadable(fd, readBatch);
  return {
    drain: () => {
      for (let turn = 0; turn < DRAIN_TURNS && readBatch(); turn += 1);
    },
    close: () => {
      if (!open) return;
      open = false;
      watch.close();
      close(fd);
    },
  };
}

/** Sends packets of any protocol with headers of our own, which are not heard on this machine. */
export function openRawSender(family: Family, on: Interface | undefined): Sender | SystemError {
  const operand = `raw ${family} to ${on?.name ?? 'any interface'}`;
  const steps = [...bindToInterface(on), ...senderSteps(family, on)];
  const fd = openSocket(socketOf(family, linux.IPPROTO_RAW), operand, steps);
  if (fd instanceof SystemError) return fd;
  const destinations = new Map<string, Uint8Array>();
  return {
    send: (header, payload) => {
      const to = remembered(destinations, header.destination, () =>
        encodeSockaddr(header.destination, 0, on?.index),
      );
      const result = sendto(fd, encodeIpPacket(header, payload), linux.MSG_DONTWAIT, to);
      return result < 0
        ? systemError('send', `to ${header.destination} by ${on?.name ?? 'any'}`, result)
        : undefined;
    },
    close: () => void close(fd),
  };
}

function socketOf(family: Family, protocol: number): readonly [number, number, number] {
  return [family === 'ipv4' ? linux.AF_INET : linux.AF_INET6, linux.SOCK_RAW, protocol];
}

function receiverSteps(options: ReceiverOptions) {
  const { family, group } = options;
  const localAddress = options.localAddress ?? group;
  return [
    ...bindToInterface(options.interface),
    ...receiveBuffer(options.receiveBufferBytes),
    ...(family === 'ipv6' ? headerFacts : []),
    ignoreForeignGroups(family),
    ...(group === undefined || options.interface === undefined ? [] : joinGroup(group, options.interface)),
    ...(localAddress === undefined ? [] : bindTo(localAddress, options.interface)),
  ];
}

const headerFacts = [
  intOption('ask for hop limits', linux.IPPROTO_IPV6, linux.IPV6_RECVHOPLIMIT, 1),
  intOption('ask for destinations', linux.IPPROTO_IPV6, linux.IPV6_RECVPKTINFO, 1),
];

function bindTo(address: string, on: Interface | undefined) {
  const name = encodeSockaddr(address, 0, on?.index);
  return [{ name: `bind to ${address}`, run: (fd: number) => bind(fd, name) }];
}

// linux/pkt_sched.h: TC_PRIO_CONTROL, the band that goes first in the default queueing discipline.
const PRIORITY_CONTROL = 7;

function senderSteps(family: Family, on: Interface | undefined) {
  const priority = intOption('set priority', linux.SOL_SOCKET, linux.SO_PRIORITY, PRIORITY_CONTROL);
  if (family === 'ipv4') {
    return [priority, intOption('silence loop', linux.IPPROTO_IP, linux.IP_MULTICAST_LOOP, 0)];
  }
  const { IPPROTO_IPV6, IPV6_MULTICAST_IF, IPV6_MULTICAST_LOOP } = linux;
  return [
    priority,
    intOption('silence loop', IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0),
    ...(on === undefined ? [] : [intOption('choose interface', IPPROTO_IPV6, IPV6_MULTICAST_IF, on.index)]),
  ];
}

function takeIpv4({ data }: Message, onPacket: (packet: RawPacket) => void): void {
  onPacket({ family: 'ipv4', packet: data });
}

function takeIpv6({ data, name, control }: Message, onPacket: (packet: RawPacket) => void): void {
  const { destination, hopLimit } = decodeIpv6Control(control);
  // struct sockaddr_in6: the address begins at byte 8.
  if (destination === undefined || hopLimit === undefined || name.length < 24) return;
  onPacket({ family: 'ipv6', payload: data, source: name.subarray(8, 24), destination, hopLimit });
}

function describe({ family, protocol, group, localAddress, interface: on }: ReceiverOptions): string {
  const to = group ?? localAddress ?? 'any address';
  return `raw ${family} protocol ${protocol} to ${to} on ${on?.name ?? 'any interface'}`;
}

const MOST_REMEMBERED = 1024;

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= MOST_REMEMBERED) known.clear();
  const made = make();
  known.set(key, made);
  return made;
}
