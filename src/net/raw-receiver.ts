/**
 * Raw IP sockets that receive (raw(7), RFC 3542), which Node lacks: each packet with what the IP layer knows about it. A
 * socket lives and dies with its interface: after the interface came back with another index, open a new one.
 */
import type { Family } from './address.js';
import { decodeIpv6Control } from './control.js';
import { bind, close } from './libc.js';
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
  socketOf,
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
  /** What comes close together, a burst of adverts or a flood, is left to gather for so long (see `watch.ts`); `drain` reads at once. */
  readonly restMs?: (() => number) | undefined;
};

export type Receiver = {
  /** Hands over what the kernel already has, now and at once: for a timer that must not overtake packets. */
  readonly drain: () => void;
  /** Gives it a receive buffer of at least so many bytes; undefined: of as many as usual. */
  readonly enlarge: (bytes: number | undefined) => void;
  readonly close: () => void;
};

// Packets a turn of the event loop: timers run between turns, so a flood cannot hold them up.
const BATCH = 32;
// 255 IPv6 addresses and two headers.
const PACKET_BYTES = 4200;
// A thousand packets: what a flood of 20,000 a second brings while the process waits 50 ms for a CPU.
const RECEIVE_BUFFER_BYTES = 1 << 20;
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
  let bufferBytes = options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES;
  const readBatch = (): boolean => {
    if (!open) return false;
    const { error, more } = shared.read(fd, (message) => open && take(message, onPacket));
    if (error < 0 && open) onError(systemError('receive', operand, error));
    return more;
  };
  const watch = watchReadable(fd, readBatch, options.restMs === undefined ? {} : { restMs: options.restMs });
  return {
    drain: () => {
      for (let turn = 0; turn < DRAIN_TURNS && readBatch(); turn += 1);
    },
    enlarge: (bytes = RECEIVE_BUFFER_BYTES) => {
      if (!open || bytes <= bufferBytes) return;
      bufferBytes = bytes;
      for (const { run } of receiveBuffer(bytes)) run(fd);
    },
    close: () => {
      if (!open) return;
      open = false;
      watch.close();
      close(fd);
    },
  };
}

function receiverSteps(options: ReceiverOptions) {
  const { family, group } = options;
  const localAddress = options.localAddress ?? group;
  return [
    ...bindToInterface(options.interface),
    ...receiveBuffer(options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES),
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
