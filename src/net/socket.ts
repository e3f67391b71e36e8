/** Sockets that never block, bound and marked as an operator asks. */
import type { Family } from './address.js';
import * as libc from './libc.js';
import {
  AF_INET,
  AF_INET6,
  IP_BIND_ADDRESS_NO_PORT,
  IPPROTO_IP,
  SO_BINDTODEVICE,
  SO_LINGER,
  SO_MARK,
  SO_REUSEADDR,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
} from './linux.js';
import { encodeSockaddr } from './sockaddr.js';

export type SocketOptions = {
  readonly family: Family;
  /** SO_MARK; 0 is none. */
  readonly fwmark: number;
  readonly bindAddress?: string;
  readonly bindPort?: number;
  readonly bindInterface?: string;
};

/** A call that failed: what was tried, and the errno (above 0). */
export type Fault = { readonly operation: string; readonly errno: number };

/** A fault in words: `bind 10.0.0.5: address not available`. */
export function faultText({ operation, errno }: Fault): string {
  return `${operation}: ${libc.errorText(-errno)}`;
}

/** Opens a non-blocking socket; nothing stays open after a fault. */
export function openSocket(type: number, protocol: number, options: SocketOptions): number | Fault {
  const domain = options.family === 'ipv4' ? AF_INET : AF_INET6;
  const fd = libc.socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  if (fd < 0) return { operation: 'open socket', errno: -fd };
  const fault = mark(fd, options) ?? bindDevice(fd, options) ?? bindAddress(fd, type, options);
  if (fault === undefined) return fd;
  libc.close(fd);
  return fault;
}

/** The address in bytes; that of a link-local IPv6 address holds the interface's index, looked up now. */
export function sockaddrOf(address: string, port: number, options: SocketOptions): Uint8Array {
  const scoped =
    options.family === 'ipv6' && options.bindInterface !== undefined && /^fe[89ab]/i.test(address);
  return encodeSockaddr(address, port, scoped ? Math.max(0, libc.interfaceIndex(options.bindInterface)) : 0);
}

function mark(fd: number, { fwmark }: SocketOptions): Fault | undefined {
  if (fwmark === 0) return undefined;
  return fault(`mark packets with ${fwmark}`, libc.setIntOption(fd, SOL_SOCKET, SO_MARK, fwmark));
}

function bindDevice(fd: number, { bindInterface: name }: SocketOptions): Fault | undefined {
  if (name === undefined) return undefined;
  return fault(
    `bind to interface ${name}`,
    libc.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${name}\0`)),
  );
}

function bindAddress(fd: number, type: number, options: SocketOptions): Fault | undefined {
  const { family, bindPort: port } = options;
  if (options.bindAddress === undefined && port === undefined) return undefined;
  const address = options.bindAddress ?? (family === 'ipv4' ? '0.0.0.0' : '::');
  if (port !== undefined) reusePort(fd, type);
  // The kernel then chooses the port at connect, where it knows the peer and so has far more to choose from.
  else if (type === SOCK_STREAM) libc.setIntOption(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  const result = libc.bind(fd, sockaddrOf(address, port ?? 0, options));
  return fault(port === undefined ? `bind to ${address}` : `bind to ${address} port ${port}`, result);
}

/** struct linger: a close resets the connection. */
export const NO_LINGER = new Uint8Array(Int32Array.of(1, 0).buffer);

/** A fixed port must be free again at the next check: it is shared between peers, and closed without TIME_WAIT. */
function reusePort(fd: number, type: number): void {
  libc.setIntOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (type !== SOCK_STREAM) return;
  libc.setsockopt(fd, SOL_SOCKET, SO_LINGER, NO_LINGER);
}

function fault(operation: string, result: number): Fault | undefined {
  return result < 0 ? { operation, errno: -result } : undefined;
}
