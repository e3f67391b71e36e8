/** A UDP socket that sends to one multicast group by one interface, and does not hear itself. */
import { familyOf } from './address.js';
import { close, sendto } from './libc.js';
import * as linux from './linux.js';
import type { Sender } from './raw-sender.js';
import { encodeSockaddr } from './sockaddr.js';
import { bindToInterface, type Interface, intOption, openSocket } from './socket-options.js';
import { SystemError, systemError } from './system-error.js';

export type MulticastOptions = {
  /** Of either family. */
  readonly group: string;
  readonly port: number;
  readonly on: Interface;
  /** Routers a packet may pass, and one more. */
  readonly ttl: number;
};

export type MulticastSender = Pick<Sender, 'close'> & {
  /** Never waits: ENOBUFS and EAGAIN ask to try again later. */
  readonly send: (payload: Uint8Array) => SystemError | undefined;
};

export function openMulticastSender({
  group,
  port,
  on,
  ttl,
}: MulticastOptions): MulticastSender | SystemError {
  const operand = `udp to ${group} by ${on.name}`;
  const six = familyOf(group) === 'ipv6';
  const kind = [six ? linux.AF_INET6 : linux.AF_INET, linux.SOCK_DGRAM, 0] as const;
  const steps = [...bindToInterface(on), ...(six ? ipv6Steps(on, ttl) : ipv4Steps(ttl))];
  const fd = openSocket(kind, operand, steps);
  if (fd instanceof SystemError) return fd;
  const to = encodeSockaddr(group, port, on.index);
  return {
    send: (payload) => {
      const result = sendto(fd, payload, linux.MSG_DONTWAIT, to);
      return result < 0 ? systemError('send', operand, result) : undefined;
    },
    close: () => void close(fd),
  };
}

function ipv4Steps(ttl: number) {
  return [
    intOption('set ttl', linux.IPPROTO_IP, linux.IP_MULTICAST_TTL, ttl),
    intOption('silence loop', linux.IPPROTO_IP, linux.IP_MULTICAST_LOOP, 0),
  ];
}

function ipv6Steps(on: Interface, ttl: number) {
  const { IPPROTO_IPV6 } = linux;
  return [
    intOption('choose interface', IPPROTO_IPV6, linux.IPV6_MULTICAST_IF, on.index),
    intOption('set hop limit', IPPROTO_IPV6, linux.IPV6_MULTICAST_HOPS, ttl),
    intOption('silence loop', IPPROTO_IPV6, linux.IPV6_MULTICAST_LOOP, 0),
  ];
}
