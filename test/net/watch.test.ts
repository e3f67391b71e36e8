import assert from 'node:assert/strict';
import {
  bind,
  clearEvent,
  close,
  connect,
  eventfd,
  fixedBytes,
  getsockname,
  recv,
  send,
  socket,
  wakeEvent,
} from '../../src/net/libc.js';
import { AF_INET, EFD_NONBLOCK, SOCK_DGRAM, SOCK_NONBLOCK } from '../../src/net/linux.js';
import { MessageReader } from '../../src/net/message-reader.js';
import { encodeSockaddr } from '../../src/net/sockaddr.js';
import { watchReadable } from '../../src/net/watch.js';

const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

/** Two connected UDP sockets on the loopback. */
function pair(): readonly [from: number, to: number] {
  const to = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  bind(to, encodeSockaddr('127.0.0.1', 0));
  const name = Buffer.alloc(16);
  getsockname(to, name);
  const from = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  connect(from, name);
  return [from, to];
}

describe('net/watch', () => {
  it('calls back when there is something to read, and again as long as something is left', async () => {
    const fd = eventfd(0, EFD_NONBLOCK);
    let calls = 0;
    const watch = watchReadable(fd, () => {
      calls += 1;
      if (calls === 3) clearEvent(fd);
    });
    await turn();
    assert.equal(calls, 0);
    wakeEvent(fd);
    while (calls < 3) await turn();
    for (let i = 0; i < 5; i += 1) await turn();
    assert.equal(calls, 3);
    watch.close();
    wakeEvent(fd);
    await turn();
    assert.equal(calls, 3);
    close(fd);
  });

  it('with a rest, what comes close together gathers; after a quiet time the first is read at once', async () => {
    const restMs = 100;
    const fd = eventfd(0, EFD_NONBLOCK);
    let calls = 0;
    const read = () => {
      calls += 1;
      clearEvent(fd);
    };
    const watch = watchReadable(fd, read, { restMs: () => restMs });
    const until = async (wanted: number) => {
      const startAt = performance.now();
      let turns = 0;
      for (; calls < wanted; turns += 1) {
        wakeEvent(fd);
        await new Promise((resolve) => setImmediate(resolve));
      }
      return { turns, ms: performance.now() - startAt };
    };
    // The first two show that it is busy.
    assert.ok((await until(5)).ms > 2.9 * restMs);
    await new Promise((resolve) => setTimeout(resolve, 3 * restMs));
    clearEvent(fd);
    assert.ok((await until(6)).turns < 3);
    watch.close();
    wakeEvent(fd);
    await new Promise((resolve) => setTimeout(resolve, 2 * restMs));
    assert.equal(calls, 6);
    close(fd);
  });

  it('with a rest, what says that more is left is called again without one', async () => {
    const fd = eventfd(1, EFD_NONBLOCK);
    let calls = 0;
    const watch = watchReadable(
      fd,
      () => {
        calls += 1;
        return true;
      },
      { restMs: () => 1000 },
    );
    while (calls < 10) await new Promise((resolve) => setImmediate(resolve));
    watch.close();
    close(fd);
  });

  it('what the callback leaves to promises is done before the next timer', async () => {
    const fd = eventfd(1, EFD_NONBLOCK);
    const log: string[] = [];
    await new Promise<void>((resolve) => {
      const watch = watchReadable(fd, () => {
        clearEvent(fd);
        setTimeout(() => log.push('timer'), 0);
        void Promise.resolve().then(() => log.push('promise'));
        watch.close();
        setTimeout(resolve, 5);
      });
    });
    assert.deepEqual(log, ['promise', 'timer']);
    close(fd);
  });

  it('timers run between the turns of a socket that never runs dry', async () => {
    const fd = eventfd(1, EFD_NONBLOCK);
    let calls = 0;
    const watch = watchReadable(fd, () => {
      calls += 1;
    });
    while (calls === 0) await turn();
    await turn();
    watch.close();
    close(fd);
  });
});

describe('net/message-reader', () => {
  it('reads many datagrams at once, whole and in order, and says whether its batch was full', () => {
    const [from, to] = pair();
    const reader = new MessageReader(4, 64);
    for (let i = 0; i < 6; i += 1) send(from, Uint8Array.of(i, i + 1));
    const got: string[] = [];
    const note = ({ data }: { data: Uint8Array }) => void got.push(data.join());
    assert.deepEqual(reader.read(to, note), { error: 0, more: true });
    assert.deepEqual(reader.read(to, note), { error: 0, more: false });
    assert.deepEqual(reader.read(to, note), { error: 0, more: false });
    assert.deepEqual(got, ['0,1', '1,2', '2,3', '3,4', '4,5', '5,6']);
    for (const fd of [from, to]) close(fd);
  });

  it('leaves out a datagram that is longer than its room', () => {
    const [from, to] = pair();
    const reader = new MessageReader(4, 64);
    for (const length of [64, 65, 1]) send(from, new Uint8Array(length));
    const lengths: number[] = [];
    reader.read(to, ({ data }) => void lengths.push(data.length));
    assert.deepEqual(lengths, [64, 1]);
    for (const fd of [from, to]) close(fd);
  });

  it('tells the sender, also after longer and shorter names were there before', () => {
    const [from, to] = pair();
    const reader = new MessageReader(2, 64);
    const local = Buffer.alloc(16);
    getsockname(from, local);
    for (let round = 0; round < 3; round += 1) {
      send(from, Uint8Array.of(1));
      reader.read(to, ({ name }) => assert.equal(Buffer.compare(name, local), 0));
    }
    for (const fd of [from, to]) close(fd);
  });

  it('a read from within its own callback reads nothing', () => {
    const [from, to] = pair();
    const reader = new MessageReader(1, 64);
    send(from, Uint8Array.of(1));
    send(from, Uint8Array.of(2));
    let inner = 0;
    reader.read(to, ({ data }) => {
      reader.read(to, () => {
        inner += 1;
      });
      assert.equal(data[0], 1);
    });
    assert.equal(inner, 0);
    assert.equal(recv(to, fixedBytes(8)), 1);
    for (const fd of [from, to]) close(fd);
  });

  it('an error of the socket is told as minus errno, and is gone then', () => {
    const reader = new MessageReader(1, 64);
    const ignore = () => {};
    assert.deepEqual(reader.read(-1, ignore), { error: -9, more: false });
  });
});
