/** Sockets of other processes, which pidfd_getfd(2) lends: what the kernel says of them. */
import { readdirSync, readlinkSync } from 'node:fs';
import koffi from 'koffi';
import type { VrrpProcess } from './vrrp-process.js';

const library = koffi.load(null);
const syscall = library.func('long syscall(long number, long first, long second, long third)');
const getsockopt = library.func('int getsockopt(int, int, int, _Out_ uint8_t *, _Inout_ int *)');
const close = library.func('int close(int)');
// The same on every architecture: asm-generic/unistd.h.
const [PIDFD_OPEN, PIDFD_GETFD] = [434, 438];
const SOL_SOCKET = 1;

export const SOCKET_OPTIONS = { SO_RCVBUF: 8, SO_BINDTODEVICE: 25 } as const;

/**
 * An option of each raw IPv4 socket of the process with this local address and protocol, as /proc/net/raw has it: `120000E0:0070` is
 * 224.0.0.18 and 112.
 */
export function rawSocketOptions(
  { host, pid }: VrrpProcess,
  local: string,
  option: keyof typeof SOCKET_OPTIONS,
): readonly Buffer[] {
  const lines = host.run('cat /proc/net/raw').split('\n');
  const inodes = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address]) => address === local)
    .map((fields) => `socket:[${fields[9]}]`);
  return readdirSync(`/proc/${pid}/fd`)
    .filter((fd) => inodes.includes(linkOf(`/proc/${pid}/fd/${fd}`)))
    .map((fd) => optionOf(pid, Number(fd), SOCKET_OPTIONS[option]));
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile.
    return '';
  }
}

function optionOf(pid: number, fd: number, option: number): Buffer {
  const process = Number(syscall(PIDFD_OPEN, pid, 0, 0));
  const lent = Number(syscall(PIDFD_GETFD, process, fd, 0));
  const value = Buffer.alloc(16);
  const length = [value.length];
  getsockopt(lent, SOL_SOCKET, option, value, length);
  for (const each of [process, lent]) close(each);
  return value.subarray(0, length[0]);
}
