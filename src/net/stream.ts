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
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  IPPROTO_TCP,
  MSG_NOSIGNAL,
  SO_ERROR,
  SOCK_STREAM,
  SOL_SOCKET,
} from './linux.js';
import type { Poller } from './poller.js';
import { type Fault, openSocket, type SocketOptions, sockaddrOf } from './socket.js';

/** Where to connect to, and how. */
export type StreamTarget = SocketOptions & { readonly address: string; readonly port: number };

/** What a stream tells its owner, always from the poller, never from within a call. */
export type StreamHandlers = {
  readonly connected: (stream: Stream) => void;
  /** Bytes that are overwritten after the call: copy what is to be kept. */
  readonly data: (chunk: Uint8Array) => void;
  /** The peer sends no more. */
  readonly ended: () => void;
  readonly failed: (fault: Fault) => void;
};

const RECEIVE_SIZE = 65536;
const received = Buffer.allocUnsafeSlow(RECEIVE_SIZE);
const errorValue = new Int32Array(1);
const errorBytes = new Uint8Array(errorValue.buffer);

/** Prepares the connecting to a target, to be done many times: a function that starts one connection, or says why not. */
export function connector(
  poller: Poller,
  target: StreamTarget,
): (handlers: StreamHandlers) => Stream | Fault {
  const fixed =
    target.bindInterface === undefined ? sockaddrOf(target.address, target.port, target) : undefined;
  return (handlers) => {
    const fd = openSocket(SOCK_STREAM, IPPROTO_TCP, target);
    if (typeof fd !== 'number') return fd;
    const result = libc.connect(fd, fixed ?? sockaddrOf(target.address, target.port, target));
    const stream = new Stream(poller, fd, handlers);
    const watched = result === 0 || result === -EINPROGRESS ? stream.start() : result;
    if (watched === 0) return stream;
    libc.close(fd);
    return { operation: result === watched ? 'connect' : 'watch socket', errno: -watched };
  };
}

export class Stream {
  #open = true;
  #unsent: Uint8Array | undefined;

  constructor(
    readonly poller: Poller,
    readonly fd: number,
    readonly handlers: StreamHandlers,
  ) {}

  /** Waits for the connection; 0, or minus errno. */
  start(): number {
    return this.poller.watch(this.fd, EPOLLOUT, (events) => this.#connected(events));
  }

  /** Sends, waits for room where there is none, and reads from then on. To be called once, when connected. */
  send(data: Uint8Array): void {
    const sent = libc.send(this.fd, data, MSG_NOSIGNAL);
    if (sent < 0 && sent !== -EAGAIN && sent !== -EINTR) {
      this.#fail('send', sent);
      return;
    }
    this.#unsent = sent < data.length ? data.subarray(Math.max(0, sent)) : undefined;
    const events = this.#unsent === undefined ? EPOLLIN | EPOLLRDHUP : EPOLLIN | EPOLLRDHUP | EPOLLOUT;
    this.poller.change(this.fd, events, (ready) => this.#ready(ready));
  }

  /** Ends the connection; harmless when it has ended. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.poller.forgetClosing(this.fd);
    libc.close(this.fd);
  }

  /** Gives the descriptor away, connected and unwatched: its new owner closes it. */
  detach(): number {
    this.#open = false;
    this.poller.forget(this.fd);
    return this.fd;
  }

  /** A peer that accepts and resets before we look was there all the same: the reset shows at the next use. */
  #connected(events: number): void {
    const error = events & EPOLLERR ? this.#pendingError() : 0;
    const established = error === 0 || error === ECONNRESET || error === EPIPE;
    if (established) this.handlers.connected(this);
    else this.#fail('connect', -error);
  }

  #ready(events: number): void {
    if (this.#unsent !== undefined && events & EPOLLOUT) this.send(this.#unsent);
    if (this.#open && events & ~EPOLLOUT) this.#receive(events);
  }

  /** One buffer a turn, so that a flood takes no more than its share; two when the end is known to be near. */
  #receive(events: number): void {
    const count = this.#receiveOnce();
    if (this.#open && count > 0 && count < RECEIVE_SIZE && events & EPOLLRDHUP) this.#receiveOnce();
  }

  #receiveOnce(): number {
    const count = libc.recv(this.fd, received);
    if (count > 0) this.handlers.data(received.subarray(0, count));
    else if (count === 0) this.handlers.ended();
    else if (count !== -EAGAIN && count !== -EINTR) this.#fail('receive', count);
    return count;
  }

  #pendingError(): number {
    libc.getsockopt(this.fd, SOL_SOCKET, SO_ERROR, errorBytes);
    return errorValue[0] ?? 0;
  }

  #fail(operation: string, result: number): void {
    this.close();
    this.handlers.failed({ operation, errno: -result });
  }
}
