import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { systemClock } from '../../src/clock.js';
import { Poller } from '../../src/net/poller.js';
import { connector, type Stream, type StreamOwner } from '../../src/net/stream.js';
import { answering, resetting, useKeepers } from '../support/zoo.js';

/** Notes what a stream tells. */
class Listener implements StreamOwner {
  readonly told: string[] = [];
  readonly pieces: Buffer[] = [];
  readonly over: Promise<void>;
  #end: () => void = () => undefined;

  constructor(readonly onConnected: (stream: Stream) => void) {
    this.over = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  connected(stream: Stream): void {
    this.told.push('connected');
    this.onConnected(stream);
  }

  data(chunk: Buffer): void {
    this.pieces.push(Buffer.from(chunk));
  }

  ended(): void {
    this.told.push('ended');
    this.#end();
  }

  failed({ operation, errno }: { readonly operation: string; readonly errno: number }): void {
    this.told.push(`${operation} ${errno}`);
    this.#end();
  }
}

describe('net/stream', () => {
  const keep = useKeepers();
  let poller: Poller;
  const streams: Stream[] = [];
  beforeEach(() => {
    poller = new Poller(systemClock);
  });
  afterEach(() => {
    for (const stream of streams.splice(0)) stream.close();
    poller.close();
  });
  const connect = (port: number, owner: StreamOwner): Stream => {
    const stream = connector(poller, { family: 'ipv4', address: '127.0.0.1', port, fwmark: 0 })(owner);
    assert.ok(!('errno' in stream));
    streams.push(stream);
    return stream;
  };

  it('connects, sends, receives and tells the end, in this order', async () => {
    const { port } = await keep(answering('hello'));
    const listener = new Listener((stream) => stream.send(Buffer.from('x')));
    connect(port, listener);
    assert.deepEqual(listener.told, []);
    await listener.over;
    assert.deepEqual(listener.told, ['connected', 'ended']);
    assert.equal(Buffer.concat(listener.pieces).toString(), 'hello');
  });

  it('sends more than there is room for', async () => {
    const data = Buffer.alloc(8 << 20, 'lvsd');
    const hash = createHash('md5');
    let seen = 0;
    const { port } = await keep((socket) => {
      socket.pause();
      setTimeout(() => socket.resume(), 30);
      socket.on('data', (chunk) => {
        hash.update(chunk);
        seen += chunk.length;
        if (seen === data.length) socket.end('got it');
      });
    });
    const listener = new Listener((stream) => stream.send(data));
    connect(port, listener);
    await listener.over;
    assert.equal(Buffer.concat(listener.pieces).toString(), 'got it');
    assert.equal(hash.digest('hex'), createHash('md5').update(data).digest('hex'));
  });

  it('receives more than a turn takes, to the last byte', async () => {
    const { port } = await keep(answering('y'.repeat(3 << 20)));
    const listener = new Listener((stream) => stream.send(Buffer.from('x')));
    connect(port, listener);
    await listener.over;
    assert.equal(Buffer.concat(listener.pieces).length, 3 << 20);
  });

  it('tells a reset, and nothing after it', async () => {
    const { port } = await keep((socket) => socket.once('data', () => resetting(socket)));
    const listener = new Listener((stream) => stream.send(Buffer.from('x')));
    connect(port, listener);
    await listener.over;
    assert.deepEqual(listener.told, ['connected', 'receive 104']);
    assert.equal(poller.watched, 0);
  });

  it('leaves a peer that has ended first no TIME_WAIT', async () => {
    const keeper = await keep(answering('bye'));
    const listener = new Listener((stream) => stream.send(Buffer.from('x')));
    const stream = connect(keeper.port, listener);
    await listener.over;
    stream.close();
    while (keeper.open() > 0) await new Promise((resolve) => setTimeout(resolve, 2));
    assert.equal(Buffer.concat(listener.pieces).toString(), 'bye');
    assert.deepEqual(statesOf(keeper.port), ['0A']);
  });
});

/** States of the TCP sockets of a local port, as /proc/net/tcp has them: 0A is LISTEN, 06 TIME_WAIT. */
function statesOf(port: number): string[] {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, address]) => address?.endsWith(local))
    .map(([, , , state]) => state ?? '');
}
