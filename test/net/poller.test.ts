import assert from 'node:assert/strict';
import * as libc from '../../src/net/libc.js';
import { AF_INET, EPOLLET, EPOLLIN, POLLIN, SOCK_DGRAM, SOCK_NONBLOCK } from '../../src/net/linux.js';
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
        // The kernel may bring it a little later.
        assert.equal(libc.poll([{ fd, events: POLLIN, revents: 0 }], 15_000), 1);
      },
    };
  };

  /** As many more as make a crowd, to which nothing happens. */
  const crowd = (of: Poller): void => {
    for (let i = 0; i < 40; i++) of.watch(open().fd, EPOLLIN, { ready: () => undefined });
  };

  /** Node's own event loop goes round, sockets and all: between two of its immediates it has looked at those. */
  const turn = async () => {
    await settle();
    await settle();
  };

  it('tells what is ready at the end of this turn, and later at once, without a timer', async () => {
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
    poke();
    await turn();
    assert.deepEqual(seen, [EPOLLIN, EPOLLIN]);
    assert.deepEqual(clock.pendingAt(), []);
  });

  it('looks at a crowd now and then: soon while something happens, less often the longer nothing does', async () => {
    const { fd, poke } = open();
    const seen: number[] = [];
    poller.watch(fd, EPOLLIN | EPOLLET, { ready: () => seen.push(clock.now()) });
    crowd(poller);
    await settle();
    const startedAt = clock.now();
    clock.advance(1);
    poke();
    await turn();
    assert.deepEqual(seen, []);
    clock.advance(4);
    assert.deepEqual(seen, [startedAt + 5]);
    const looksAt: number[] = [];
    for (let ms = 0; ms < 60; ms++) {
      looksAt.push(...clock.pendingAt());
      clock.advance(1);
    }
    const gaps = [...new Set(looksAt)].map((at, index, all) => at - (all[index - 1] ?? startedAt + 5));
    assert.deepEqual(gaps, [5, 5, 5, 7.5, 10, 10, 10, 10]);
  });

  it('tells at once again when the crowd has gone', async () => {
    const { fd, poke } = open();
    const crowded = Array.from({ length: 40 }, () => open().fd);
    for (const each of crowded) poller.watch(each, EPOLLIN, { ready: () => undefined });
    let seen = 0;
    poller.watch(fd, EPOLLIN | EPOLLET, { ready: () => seen++ });
    await settle();
    for (const each of crowded) poller.forget(each);
    clock.advance(10);
    assert.deepEqual(clock.pendingAt(), []);
    poke();
    await turn();
    assert.equal(seen, 1);
  });

  it('does nothing at all while nothing is watched', async () => {
    const { fd, poke } = open();
    assert.deepEqual(clock.pendingAt(), []);
    let seen = 0;
    poller.watch(fd, EPOLLIN, { ready: () => seen++ });
    crowd(poller);
    await settle();
    assert.equal(clock.pendingAt().length, 1);
    for (const each of fds) poller.forget(each);
    clock.advance(20);
    assert.deepEqual([poller.watched, clock.pendingAt()], [0, []]);
    poke();
    await turn();
    assert.equal(seen, 0);
  });

  it('tells an edge once, and again when asked to', async () => {
    const { fd, poke } = open();
    const seen: number[] = [];
    poke();
    poller.watch(fd, EPOLLIN | EPOLLET, { ready: (events) => seen.push(events) });
    await settle();
    await turn();
    assert.deepEqual(seen, [EPOLLIN]);
    poller.again(fd, EPOLLIN | EPOLLET);
    await turn();
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
    crowd(busy);
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
