/** kernel_rx_buf_size, as the kernel tells it of the socket. */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import koffi from 'koffi';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import { instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, withNetwork } from '../../../support/namespaces.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const MEGABYTE = 1 << 20;
/** 224.0.0.18 as /proc/net/raw has it. */
const GROUP = '120000E0';

const first = (receiveBufferBytes?: number) => named('A', 51, receiveBufferBytes);
const second = (receiveBufferBytes?: number) => named('B', 52, receiveBufferBytes);

function named(name: string, virtualRouterId: number, receiveBufferBytes?: number): InstanceConfig {
  const addresses = [`10.77.0.${virtualRouterId}`];
  const buffer = receiveBufferBytes === undefined ? {} : { receiveBufferBytes };
  return instance({ name, virtualRouterId, addresses, advertIntMs: 100, ...buffer });
}

const library = koffi.load(null);
const syscall = library.func('long syscall(long number, long first, long second, long third)');
const getsockopt = library.func('int getsockopt(int, int, int, _Out_ int *, _Inout_ int *)');
const close = library.func('int close(int)');
// The same on every architecture: asm-generic/unistd.h.
const [PIDFD_OPEN, PIDFD_GETFD] = [434, 438];
const [SOL_SOCKET, SO_RCVBUF] = [1, 8];

/** Bytes of the sockets of the process that hear adverts; the kernel counts twice what was asked for (socket(7)). */
function buffers({ host, pid }: VrrpProcess): readonly number[] {
  const lines = host.run('cat /proc/net/raw').split('\n');
  const inodes = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local]) => local === `${GROUP}:0070`)
    .map((fields) => `socket:[${fields[9]}]`);
  return readdirSync(`/proc/${pid}/fd`)
    .filter((fd) => inodes.includes(linkOf(`/proc/${pid}/fd/${fd}`)))
    .map((fd) => receiveBuffer(pid, Number(fd)) / 2);
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile.
    return '';
  }
}

/** Of a socket of another process, which pidfd_getfd(2) lends. */
function receiveBuffer(pid: number, fd: number): number {
  const process = Number(syscall(PIDFD_OPEN, pid, 0, 0));
  const lent = Number(syscall(PIDFD_GETFD, process, fd, 0));
  const [value, length] = [[0], [4]];
  getsockopt(lent, SOL_SOCKET, SO_RCVBUF, value, length);
  for (const each of [process, lent]) close(each);
  return value[0] ?? 0;
}

describe('kernel_rx_buf_size', function () {
  this.timeout(40_000);

  it('of instances on one interface: the largest, where one says nothing the usual; and as a reload says', () =>
    withNetwork(['a'], async ({ host }) => {
      const director = new VrrpProcess(host('a'));
      const until = (bytes: number) =>
        eventually(`${bytes} bytes`, () => buffers(director).join() === String(bytes), 10_000).catch(
          (error) => {
            throw new Error(`${(error as Error).message}: ${buffers(director)}\n${director.log}`);
          },
        );
      try {
        await director.start(vrrpConfig([first(65_536), second(3 * MEGABYTE)]));
        await until(3 * MEGABYTE);
        director.configure(vrrpConfig([first(65_536), second(4 * MEGABYTE)]));
        await until(4 * MEGABYTE);
        director.configure(vrrpConfig([first(5 * MEGABYTE), second(65_536)]));
        await until(5 * MEGABYTE);
        director.configure(vrrpConfig([first(5 * MEGABYTE)]));
        await until(5 * MEGABYTE);
        director.configure(vrrpConfig([first(65_536)]));
        await until(65_536);
        director.configure(vrrpConfig([first(65_536), second()]));
        await until(MEGABYTE);
        await director.until('MASTER', 6000, 'B');
        assert.doesNotMatch(director.log, /WARN|ERROR/);
      } finally {
        await director.dispose();
      }
    }));
});
