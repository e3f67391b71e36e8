import assert from 'node:assert/strict';
import * as libc from '../../src/net/libc.js';
import { AF_INET, EPOLLET, EPOLLIN, SOCK_DGRAM, SOCK_NONBLOCK } from '../../src/net/linux.js';
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
    return {
      fd,
      poke: () => {
        libc.sendto(fd, Uint8Array.of(1), 0, address);
      },
    };
  };

  it('tells what is ready at the end of this turn, and later within 10 ms', async () => {
    const { fd, poke } = open();
    const seen: number[] = [];
    poke();
    poller.watch(fd, EPOLLIN, {
      ready: (events) => {
        seen.push(events);
        libc.recv(fd, new Uint8Array(1));
      },
    });
    assert.deepEqual(seen, []);
    await settle();
    assert.deepEqual(seen, [EPOLLIN]);
    clock.advance(500);
    poke();
    clock.advance(10);
    assert.deepEqual(seen, [EPOLLIN, EPOLLIN]);
  });

  it('tells soon what happens soon, and looks less often the longer nothing does', async () => {
    const { fd, poke } = open();
    const seen: number[] = [];
    poller.watch(fd, EPOLLIN | EPOLLET, { ready: () => seen.push(clock.now()) });
    await settle();
    const startedAt = clock.now();
    clock.advance(1);
    poke();
    clock.advance(1);
    assert.deepEqual(seen, [startedAt + 2]);
    const looksAt: number[] = [];
    for (let ms = 0; ms < 60; ms++) {
      looksAt.push(...clock.pendingAt());
      clock.advance(1);
    }
    const gaps = [...new Set(looksAt)].map((at, index, all) => at - (all[index - 1] ?? startedAt + 2));
    assert.deepEqual(
      gaps.map((gap) => Math.round(gap * 100) / 100),
      [1, 1, 1, 1.5, 2.25, 3.38, 5.06, 7.59, 10, 10, 10, 10],
    );
  });

  it('does nothing at all while nothing is watched', async () => {
    const { fd } = open();
    assert.deepEqual(clock.pendingAt(), []);
    poller.watch(fd, EPOLLIN, { ready: () => undefined });
    await settle();
    assert.equal(clock.pendingAt().length, 1);
    poller.forget(fd);
    clock.advance(20);
    assert.deepEqual([poller.watched, clock.pendingAt()], [0, []]);
  });

  it('tells an edge once, and again when asked to', async () => {
    const { fd, poke } = open();
    const seen: number[] = [];
    poke();
    poller.watch(fd, EPOLLIN | EPOLLET, { ready: (events) => seen.push(events) });
    await settle();
    clock.advance(50);
    assert.deepEqual(seen, [EPOLLIN]);
    poller.again(fd, EPOLLIN | EPOLLET);
    clock.advance(50);
    assert.deepEqual(seen, [EPOLLIN, EPOLLIN]);
  });

  it('gives the events of a closed descriptor to nobody, not even to the next one of its number', async () => {
    const a = open();
    const b = open();
    const seen: string[] = [];
    const replace = (name: string, other: number) => ({
      ready: () => {
        seen.push(name);
        poller.forgetClosing(other);
        libc.close(other);
        const next = libc.socket(AF_INET, SOCK_DGRAM, 0);
        assert.equal(next, other);
        poller.watch(next, EPOLLIN, { ready: () => seen.push('stale') });
      },
    });
    poller.watch(a.fd, EPOLLIN, replace('a', b.fd));
    poller.watch(b.fd, EPOLLIN, replace('b', a.fd));
    a.poke();
    b.poke();
    await settle();
    assert.equal(seen.length, 1);
  });

  it('loses no edge when a callback throws or takes long', async () => {
    const seen: string[] = [];
    let spent = 0;
    const busy = new Poller({ ...clock, now: () => clock.now() + spent });
    const watch = (name: string, also: () => void): (() => void) => {
      const { fd, poke } = open();
      busy.watch(fd, EPOLLIN | EPOLLET, {
        ready: () => {
          seen.push(name);
          also();
        },
      });
      return poke;
    };
    const pokes = [
      watch('throws', () => {
        throw new Error('planted');
      }),
      watch('slow', () => {
        spent += 1000;
      }),
      watch('last', () => undefined),
    ];
    await settle();
    for (const poke of pokes) poke();
    assert.throws(() => clock.advance(20), /planted/);
    await settle();
    await settle();
    assert.deepEqual(seen, ['throws', 'slow', 'last']);
    busy.close();
  });

  it('says why it cannot watch', () => {
    assert.equal(libc.errorName(poller.watch(999_999, EPOLLIN, { ready: () => undefined })), 'EBADF');
  });
});
