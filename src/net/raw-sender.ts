/** Raw IP sockets that send packets with a header of our own (raw(7), IP_HDRINCL): see `ip-packet.ts`. */
import type { Family } from './address.js';
import { close, sendto } from './libc.js';
import * as linux from './linux.js';
import { encodeSockaddr } from './sockaddr.js';
import { bindToInterface, type Interface, intOption, openSocket, socketOf } from './socket-options.js';
import { SystemError, systemError } from './system-error.js';

export type Sender = {
  /** Sends one whole packet to where its header says; undefined, or the kernel's refusal (ENETDOWN, ENOBUFS, EMSGSIZE …). */
  readonly send: (packet: Uint8Array, destination: string) => SystemError | undefined;
  readonly close: () => void;
};

/** Sends packets of any protocol with headers of our own, which are not heard on this machine. */
export function openRawSender(family: Family, on: Interface | undefined): Sender | SystemError {
  const operand = `raw ${family} to ${on?.name ?? 'any interface'}`;
  const steps = [...bindToInterface(on), ...senderSteps(family, on)];
  const fd = openSocket(socketOf(family, linux.IPPROTO_RAW), operand, steps);
  if (fd instanceof SystemError) return fd;
  const destinations = new Map<string, Uint8Array>();
  return {
    send: (packet, destination) => {
      const to = remembered(destinations, destination, () => encodeSockaddr(destination, 0, on?.index));
      const result = sendto(fd, packet, linux.MSG_DONTWAIT, to);
      if (result >= 0) return undefined;
      return systemError('send', `to ${destination} by ${on?.name ?? 'any'}`, result);
    },
    close: () => void close(fd),
  };
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

const MOST_REMEMBERED = 1024;

function remembered<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  if (known.size >= MOST_REMEMBERED) known.clear();
  const made = make();
  known.set(key, made);
  return made;
}
