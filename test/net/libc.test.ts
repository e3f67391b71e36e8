import assert from 'node:assert/strict';
import * as libc from '../../src/net/libc.js';
import * as linux from '../../src/net/linux.js';
import { decodeSockaddr, encodeSockaddr } from '../../src/net/sockaddr.js';
import { itOverIpv6 } from '../support/ipv6.js';

const { AF_INET, AF_INET6, SOCK_DGRAM, SOCK_NONBLOCK, SOCK_STREAM } = linux;

describe('net/libc', () => {
  const opened: number[] = [];
  const open = (fd: number): number => {
    assert.ok(fd >= 0, fd < 0 ? libc.errorName(fd) : '');
    opened.push(fd);
    return fd;
  };
  afterEach(() => {
    for (const fd of opened.splice(0)) libc.close(fd);
  });

  const bound = (family: number, address: string): { readonly fd: number; readonly at: Uint8Array } => {
    const fd = open(libc.socket(family, SOCK_DGRAM | SOCK_NONBLOCK, 0));
    assert.equal(libc.bind(fd, encodeSockaddr(address, 0)), 0);
    const at = new Uint8Array(family === AF_INET ? 16 : 28);
    assert.equal(libc.getsockname(fd, at), at.length);
    return { fd, at };
  };

  it('gives an error as minus errno, never as an exception', () => {
    assert.equal(libc.close(-1), -9);
    assert.equal(libc.errorName(libc.close(-1)), 'EBADF');
    assert.equal(libc.recv(-1, new Uint8Array(1)), -9);
    assert.equal(libc.interfaceIndex('no-such-if'), -19);
    assert.equal(libc.interfaceIndex('lo'), 1);
  });

  for (const [itOver, family, address] of [
    [it, AF_INET, '127.0.0.1'],
    [itOverIpv6, AF_INET6, '::1'],
  ] as const) {
    itOver(`carries a datagram over ${address} and says who sent it`, () => {
      const receiver = bound(family, address);
      const sender = bound(family, address);
      const data = new Uint8Array(100);
      const from = new Uint8Array(28);
      assert.equal(libc.recvfrom(receiver.fd, data, 0, from), -linux.EAGAIN);
      assert.equal(libc.sendto(sender.fd, Buffer.from('hello'), 0, receiver.at), 5);
      assert.equal(libc.poll([{ fd: receiver.fd, events: linux.POLLIN, revents: 0 }], 1000), 1);
      assert.equal(libc.recvfrom(receiver.fd, data, 0, from), 5);
      assert.equal(Buffer.from(data.subarray(0, 5)).toString(), 'hello');
      assert.deepEqual(decodeSockaddr(from), decodeSockaddr(padded(sender.at)));
    });
  }

  it('connects, sends and receives', () => {
    const receiver = bound(AF_INET, '127.0.0.1');
    const sender = bound(AF_INET, '127.0.0.1');
    assert.equal(libc.connect(sender.fd, receiver.at), 0);
    assert.equal(libc.send(sender.fd, Buffer.from('abc')), 3);
    assert.equal(libc.poll([{ fd: receiver.fd, events: linux.POLLIN, revents: 0 }], 1000), 1);
    assert.equal(libc.recv(receiver.fd, new Uint8Array(10)), 3);
  });

  it('reads and writes options as ints and as bytes', () => {
    const fd = open(libc.socket(AF_INET, SOCK_STREAM, 0));
    const value = new Uint8Array(4);
    assert.equal(libc.setIntOption(fd, linux.SOL_SOCKET, linux.SO_PRIORITY, 3), 0);
    assert.equal(libc.getsockopt(fd, linux.SOL_SOCKET, linux.SO_PRIORITY, value), 4);
    assert.deepEqual([...value], [3, 0, 0, 0]);
    assert.equal(libc.setsockopt(fd, linux.SOL_SOCKET, linux.SO_PRIORITY, Uint8Array.of(5, 0, 0, 0)), 0);
    assert.equal(libc.getsockopt(fd, linux.SOL_SOCKET, linux.SO_PRIORITY, value), 4);
    assert.deepEqual([...value], [5, 0, 0, 0]);
  });

  it('reports each ready descriptor of an epoll set, with its events', () => {
    const a = bound(AF_INET, '127.0.0.1');
    const b = bound(AF_INET, '127.0.0.1');
    const set = open(libc.epollCreate(linux.EPOLL_CLOEXEC));
    for (const { fd } of [a, b])
      assert.equal(libc.epollControl(set, linux.EPOLL_CTL_ADD, fd, linux.EPOLLIN), 0);
    const events = new libc.EpollEvents(8);
    assert.equal(libc.epollWait(set, events, 0), 0);
    for (const { at } of [a, b]) libc.sendto(a.fd, Buffer.from('x'), 0, at);
    assert.equal(libc.epollWait(set, events, 1000), 2);
    assert.deepEqual(new Set([events.fd(0), events.fd(1)]), new Set([a.fd, b.fd]));
    assert.deepEqual([events.events(0), events.events(1)], [linux.EPOLLIN, linux.EPOLLIN]);
    assert.equal(libc.epollControl(set, linux.EPOLL_CTL_DEL, a.fd, 0), 0);
    assert.equal(libc.epollWait(set, events, 0), 1);
    assert.equal(events.fd(0), b.fd);
  });

  it('ends an asynchronous poll when its eventfd is woken', async () => {
    const wake = open(libc.eventfd(0, SOCK_NONBLOCK));
    const entries = [{ fd: wake, events: linux.POLLIN, revents: 0 }];
    const ready = new Promise<number>((resolve) => libc.pollAsync(entries, 2000, resolve));
    assert.equal(libc.wakeEvent(wake), 8);
    assert.equal(await ready, 1);
    assert.equal(entries[0]?.revents, linux.POLLIN);
    assert.equal(libc.clearEvent(wake), 8);
    assert.equal(libc.clearEvent(wake), -linux.EAGAIN);
  });

  it('reads and sets a resource limit', () => {
    const limit = libc.getResourceLimit(linux.RLIMIT_NOFILE);
    assert.ok(typeof limit === 'object' && limit.soft > 0 && limit.soft <= limit.hard);
    assert.equal(libc.setResourceLimit(linux.RLIMIT_NOFILE, limit), 0);
    assert.equal(libc.getResourceLimit(999), -22);
  });
});

function padded(address: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(28);
  bytes.set(address);
  return bytes;
}
