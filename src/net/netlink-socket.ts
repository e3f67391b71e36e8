/** The descriptor of a netlink socket whose owner keeps it to itself, as the netlink package does: for options it does not know. */
import { readdirSync } from 'node:fs';
import { getsockname, getsockopt } from './libc.js';
import { AF_NETLINK, SO_PROTOCOL, SOL_SOCKET } from './linux.js';

/** struct sockaddr_nl (linux/netlink.h): family u16, padding, port u32, groups u32. */
const SOCKADDR_NL = 12;
const PORT = 4;

/**
 * This process's descriptor for the socket of a protocol (NETLINK_*) that has this port: within its network namespace no other
 * has both. Undefined where /proc does not tell. Looks at every open descriptor, so it is for once a socket.
 */
export function findNetlinkSocket(protocol: number, port: number): number | undefined {
  return descriptors().find((fd) => portOf(fd) === port && protocolOf(fd) === protocol);
}

function descriptors(): number[] {
  try {
    return readdirSync('/proc/self/fd').map(Number);
  } catch {
    return [];
  }
}

function portOf(fd: number): number | undefined {
  const name = Buffer.alloc(SOCKADDR_NL);
  const named = getsockname(fd, name) === SOCKADDR_NL && name.readUInt16LE() === AF_NETLINK;
  return named ? name.readUInt32LE(PORT) : undefined;
}

function protocolOf(fd: number): number | undefined {
  const value = Buffer.alloc(4);
  return getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, value) === 4 ? value.readInt32LE() : undefined;
}
