/** Sockets with options, where the first option that is refused closes the socket and is the answer. */
import { type Family, parseAddress } from './address.js';
import { close, setIntOption, setsockopt, socket } from './libc.js';
import * as linux from './linux.js';
import { type SystemError, systemError } from './system-error.js';

/** An interface by name and by the index it has now. */
export type Interface = { readonly name: string; readonly index: number };

/** One step after socket(2): its name for errors, and a call that answers minus errno on failure. */
export type SocketStep = { readonly name: string; readonly run: (fd: number) => number };

/** A non-blocking, close-on-exec socket on which every step succeeded, or the error of the one that failed. */
export function openSocket(
  [domain, type, protocol]: readonly [domain: number, type: number, protocol: number],
  operand: string,
  steps: readonly SocketStep[],
): number | SystemError {
  const fd = socket(domain, type | linux.SOCK_NONBLOCK | linux.SOCK_CLOEXEC, protocol);
  if (fd < 0) return systemError('open socket', operand, fd);
  for (const { name, run } of steps) {
    const result = run(fd);
    if (result < 0) {
      close(fd);
      return systemError(name, operand, result);
    }
  }
  return fd;
}

/** Domain, type and protocol of a raw IP socket. */
export function socketOf(family: Family, protocol: number): readonly [number, number, number] {
  return [family === 'ipv4' ? linux.AF_INET : linux.AF_INET6, linux.SOCK_RAW, protocol];
}

/** An option whose value is an int. */
export function intOption(name: string, level: number, option: number, value: number): SocketStep {
  return { name, run: (fd) => setIntOption(fd, level, option, value) };
}

/** SO_BINDTODEVICE: only packets of this interface, in both directions. */
export function bindToInterface(to: Interface | undefined): SocketStep[] {
  if (to === undefined) return [];
  const name = Buffer.from(`${to.name}\0`);
  const run = (fd: number) => setsockopt(fd, linux.SOL_SOCKET, linux.SO_BINDTODEVICE, name);
  return [{ name: 'bind to interface', run }];
}

/** The receive buffer in bytes, beyond net.core.rmem_max where the process may. */
export function receiveBuffer(bytes: number | undefined): SocketStep[] {
  if (bytes === undefined) return [];
  const run = (fd: number) => {
    const forced = setIntOption(fd, linux.SOL_SOCKET, linux.SO_RCVBUFFORCE, bytes);
    return forced < 0 ? setIntOption(fd, linux.SOL_SOCKET, linux.SO_RCVBUF, bytes) : forced;
  };
  return [{ name: 'set receive buffer', run }];
}

/** Takes no packets of multicast groups that only other sockets of the machine joined. */
export function ignoreForeignGroups(family: Family): SocketStep {
  return family === 'ipv4'
    ? intOption('ignore foreign groups', linux.IPPROTO_IP, linux.IP_MULTICAST_ALL, 0)
    : intOption('ignore foreign groups', linux.IPPROTO_IPV6, linux.IPV6_MULTICAST_ALL, 0);
}

/** Joins a multicast group on one interface. */
export function joinGroup(group: string, on: Interface): SocketStep[] {
  const address = parseAddress(group) ?? new Uint8Array(4);
  const [level, join, request] =
    address.length === 4
      ? [linux.IPPROTO_IP, linux.IP_ADD_MEMBERSHIP, encodeMreqn(address, on.index)]
      : [linux.IPPROTO_IPV6, linux.IPV6_JOIN_GROUP, encodeMreq6(address, on.index)];
  return [{ name: `join ${group}`, run: (fd) => setsockopt(fd, level, join, request) }];
}

/** struct ip_mreqn of ip(7): group, any address, interface. */
function encodeMreqn(group: Uint8Array, index: number): Uint8Array {
  const bytes = new Uint8Array(12);
  bytes.set(group);
  new DataView(bytes.buffer).setInt32(8, index, true);
  return bytes;
}

/** struct ipv6_mreq of ipv6(7): group, interface. */
function encodeMreq6(group: Uint8Array, index: number): Uint8Array {
  const bytes = new Uint8Array(20);
  bytes.set(group);
  new DataView(bytes.buffer).setInt32(16, index, true);
  return bytes;
}
