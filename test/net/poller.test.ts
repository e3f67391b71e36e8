import assert from 'node:assert/strict';
import * as libc from '../../src/net/libc.js';
import { AF_INET, EPOLLIN, EPOLLOUT, SOCK_DGRAM, SOCK_NONBLOCK } from '../../src/net/linux.js';
import { Poller } from '../../src/net/poller.js';
import { encodeSockaddr } from '../../src/net/sockaddr.js';
import { createFakeClock, settle } from '../support/fake-clock.js';

describe('net/poller', () => {
  const clock = createFakeClock();
  const fds: number[] = [];
  let poller: Poller;
  beforeEach(() => {
    poller = new Poller(clock);
  });
  afterEach(() => {
    poller.close();
    for (const fd of fds.splice(0)) libc.close(fd);
  });

  /** A datagram socket, and how to make it readable. */
  const open = (): { readonly fd: number; readonly poke: () => void } => {
    const fd = libc.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    fds.push(fd);
    libc.bind(fd, encodeSockaddr('127.0.0.1', 0));
    const address = new Uint8Array(16);
    libc.getsockname(fd, address);
    return { fd, poke: () => void libc.sendto(fd, Uint8Array.of(1), 0, address) };
  };

  it('tells what is ready at the end of this turn, and later within 10 ms', async () => {
    const { fd, poke } = open();
    const seen: number[] = [];
    poke();
    poller.watch(fd, EPOLLIN, (events) => {
      seen.push(events);
      libc.recv(fd, new Uint8Array(1));
    });
    assert.deepEqual(seen, []);
    await settle();
    assert.deepEqual(seen, [EPOLLIN]);
    clock.advance(500);
    poke();
    clock.advance(10);
    assert.deepEqual(seen, [EPOLLIN, EPOLLIN]);
  });

  it('does nothing at all while nothing is watched', async () => {
    const { fd } = open();
    assert.deepEqual(clock.pendingAt(), []);
    poller.watch(fd, EPOLLIN, () => undefined);
    await settle();
    assert.equal(clock.pendingAt().length, 1);
    poller.forget(fd);
    clock.advance(20);
    assert.deepEqual([poller.watched, clock.pendingAt()], [0, []]);
  });

  it('tells of other events after a change', async () => {
    const { fd } = open();
    const seen: string[] = [];
    poller.watch(fd, EPOLLIN, () => seen.push('readable'));
    poller.change(fd, EPOLLOUT, () => seen.push('writable'));
    await settle();
    assert.deepEqual(seen, ['writable']);
  });

  it('gives the events of a closed descriptor to nobody, not even to the next one of its number', async () => {
    const a = open();
    const b = open();
    const seen: string[] = [];
    const replace = (name: string, other: number) => () => {
      seen.push(name);
      poller.forgetClosing(other);
      libc.close(other);
      const next = libc.socket(AF_INET, SOCK_DGRAM, 0);
      assert.equal(next, other);
      poller.watch(next, EPOLLIN, () => seen.push('stale'));
    };
    poller.watch(a.fd, EPOLLIN, replace('a', b.fd));
    poller.watch(b.fd, EPOLLIN, replace('b', a.fd));
    a.poke();
    b.poke();
    await settle();
    assert.equal(seen.length, 1);
  });

  it('goes on after a callback that throws', async () => {
    const { fd, poke } = open();
    let calls = 0;
    poller.watch(fd, EPOLLIN, () => {
      calls++;
      if (calls === 1) throw new Error('planted');
      libc.recv(fd, new Uint8Array(1));
    });
    await settle();
    poke();
    assert.throws(() => clock.advance(10), /planted/);
    clock.advance(10);
    assert.equal(calls, 2);
  });

  it('says why it cannot watch', () => {
    assert.equal(libc.errorName(poller.watch(999_999, EPOLLIN, () => undefined)), 'EBADF');
  });
});
