/**
 * One TCP connection that never blocks: straight system calls, woken by the poller. Its owner keeps the deadline and
 * calls `close`; after a fault or the end the stream says nothing more.
 */
import * as libc from './libc.js';
import {
  EAGAIN,
  ECONNRESET,
  EINPROGRESS,
  EINTR,
  EPIPE,
  EPOLLERR,
  EPOLLET,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  IPPROTO_TCP,
  MSG_NOSIGNAL,
  SO_ERROR,
  SO_LINGER,
  SOCK_STREAM,
  SOL_SOCKET,
} from './linux.js';
import type { Poller, Watcher } from './poller.js';
import { type Fault, NO_LINGER, openSocket, type SocketOptions, sockaddrOf } from './socket.js';

/** Where to connect to, and how. */
export type StreamTarget = SocketOptions & { readonly address: string; readonly port: number };

/** What a stream tells its owner, always from the poller, never from within a call. */
export type StreamOwner = {
  connected(stream: Stream): void;
  /** Bytes that are overwritten after the call: copy what is to be kept. */
  data(chunk: Buffer): void;
  /** The peer sends no more. */
  ended(): void;
  failed(fault: Fault): void;
};

const RECEIVE_SIZE = 65536;
const BUFFERS_A_TURN = 4;
const received = Buffer.allocUnsafeSlow(RECEIVE_SIZE);
const errorValue = new Int32Array(1);
const errorBytes = new Uint8Array(errorValue.buffer);

/** Edge-triggered: one registration serves for connecting, sending and receiving. */
const EVENTS = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
const READABLE = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;

/** Prepares the connecting to a target, to be done many times: a function that starts one connection, or says why not. */
export function connector(poller: Poller, target: StreamTarget): (owner: StreamOwner) => Stream | Fault {
  const fixed =
    target.bindInterface === undefined ? sockaddrOf(target.address, target.port, target) : undefined;
  return (owner) => {
    const fd = openSocket(SOCK_STREAM, IPPROTO_TCP, target);
    if (typeof fd !== 'number') return fd;
    const result = libc.connect(fd, fixed ?? sockaddrOf(target.address, target.port, target));
    const stream = new Stream(poller, fd, owner);
    const watched = result === 0 || result === -EINPROGRESS ? poller.watch(fd, EVENTS, stream) : result;
    if (watched === 0) return stream;
    libc.close(fd);
    return { operation: result === watched ? 'connect' : 'watch socket', errno: -watched };
  };
}

export class Stream implements Watcher {
  #stage: 'connecting' | 'open' | 'ended' | 'closed' = 'connecting';
  #unsent: Uint8Array | undefined;

  constructor(
    readonly poller: Poller,
    readonly fd: number,
    readonly owner: StreamOwner,
  ) {}

  /** Sends, now or as soon as there is room. To be called once, when connected. */
  send(data: Uint8Array): void {
    const sent = libc.send(this.fd, data, MSG_NOSIGNAL);
    if (sent >= 0) this.#unsent = sent < data.length ? data.subarray(sent) : undefined;
    else if (sent === -EAGAIN || sent === -EINTR) this.#unsent = data;
    else this.#fail('send', sent);
  }

  /**
   * Ends the connection; harmless when it has ended. Once the peer has ended its half nothing can be lost, and a reset
   * spares both sides the rest of the goodbye (the peer its TIME_WAIT).
   */
  close(): void {
    if (this.#stage === 'closed') return;
    if (this.#stage === 'ended') libc.setsockopt(this.fd, SOL_SOCKET, SO_LINGER, NO_LINGER);
    this.#stage = 'closed';
    this.poller.forgetClosing(this.fd);
    libc.close(this.fd);
  }

  /** Gives the descriptor away, connected and unwatched: its new owner closes it. */
  detach(): number {
    this.#stage = 'closed';
    this.poller.forget(this.fd);
    return this.fd;
  }

  /** What the poller has seen. */
  ready(events: number): void {
    if (this.#stage === 'connecting') this.#connected(events);
    else if (this.#unsent !== undefined && events & EPOLLOUT) this.send(this.#unsent);
    if (this.#stage === 'open' && events & READABLE) this.#receive(events);
  }

  /** A peer that accepts and resets before we look was there all the same: the reset shows at the next use. */
  #connected(events: number): void {
    const error = events & EPOLLERR ? this.#pendingError() : 0;
    if (error !== 0 && error !== ECONNRESET && error !== EPIPE) {
      this.#fail('connect', -error);
      return;
    }
    this.#stage = 'open';
    this.owner.connected(this);
  }

  /** A few buffers a turn: a long body comes fast enough, and a flood takes no more than its share. */
  #receive(events: number): void {
    for (let left = BUFFERS_A_TURN; left > 0; left--) {
      const count = libc.recv(this.fd, received);
      this.#take(count, events);
      if (this.#stage !== 'open' || count < RECEIVE_SIZE) return;
    }
    this.poller.again(this.fd, EVENTS);
  }

  /** Less than a buffer is all there was, and with the peer's end before it the whole. */
  #take(count: number, events: number): void {
    const whole = count === 0 || (count > 0 && count < RECEIVE_SIZE && endsHere(events));
    if (whole) this.#stage = 'ended';
    if (count > 0) this.owner.data(received.subarray(0, count));
    if (this.#stage === 'ended') this.owner.ended();
    else if (count === -EINTR) this.poller.again(this.fd, EVENTS);
    else if (count < 0 && count !== -EAGAIN) this.#fail('receive', count);
  }

  #pendingError(): number {
    libc.getsockopt(this.fd, SOL_SOCKET, SO_ERROR, errorBytes);
    return errorValue[0] ?? 0;
  }

  #fail(operation: string, result: number): void {
    this.close();
    this.owner.failed({ operation, errno: -result });
  }
}

/** The peer had ended its half, without an error, before everything was read. */
function endsHere(events: number): boolean {
  return (events & EPOLLRDHUP) !== 0 && (events & (EPOLLERR | EPOLLHUP)) === 0;
}
