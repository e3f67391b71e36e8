/**
 * Pings any number of hosts over one socket: an unprivileged ICMP socket where ping_group_range allows one (icmp(7)), else
 * a raw one.
 */
import { EchoTable, type Pingable, TOKEN_SIZE } from './echo-table.js';
import { decodeEchoReply, encodeEcho } from './icmp.js';
import * as libc from './libc.js';
import * as linux from './linux.js';
import type { Poller, Watcher } from './poller.js';
import { type Fault, openSocket, type SocketOptions } from './socket.js';

/** A burst of replies must fit: the default loses half of 1,000. */
const RECEIVE_BUFFER = 4 << 20;
/** Replies read in one turn. */
const BATCH = 256;

export type PingerOptions = Omit<SocketOptions, 'bindPort'> & {
  /** Fills the bytes with what nobody can guess. */
  readonly randomFill: (bytes: Uint8Array) => void;
};

export class Pinger implements Watcher {
  readonly #table: EchoTable;
  readonly #request = new Uint8Array(8 + TOKEN_SIZE);
  readonly #packet = new Uint8Array(2048);
  readonly #sender = new Uint8Array(28);
  #watched = false;

  private constructor(
    readonly poller: Poller,
    readonly fd: number,
    /** Over a raw socket, which sees the replies to others too. */
    readonly raw: boolean,
    readonly options: PingerOptions,
  ) {
    this.#table = new EchoTable(options.randomFill);
  }

  static open(poller: Poller, options: PingerOptions): Pinger | Fault {
    const protocol = options.family === 'ipv4' ? linux.IPPROTO_ICMP : linux.IPPROTO_ICMPV6;
    const datagram = openSocket(linux.SOCK_DGRAM, protocol, options);
    const raw = typeof datagram !== 'number' && isForbidden(datagram);
    const fd = raw ? openSocket(linux.SOCK_RAW, protocol, options) : datagram;
    if (typeof fd !== 'number') return fd;
    if (raw) filterReplies(fd, options.family);
    const forced = libc.setIntOption(fd, linux.SOL_SOCKET, linux.SO_RCVBUFFORCE, RECEIVE_BUFFER);
    if (forced < 0) libc.setIntOption(fd, linux.SOL_SOCKET, linux.SO_RCVBUF, RECEIVE_BUFFER);
    return new Pinger(poller, fd, raw, options);
  }

  /** Sends one ping to a socket address (sockaddr.ts; port 0), and tells `pinged` of the answer: its number. */
  ping(to: Uint8Array, pinged: Pingable): number | Fault {
    const echo = this.#table.begin(to, pinged);
    if (echo === undefined) return { operation: 'ping: 65,536 are under way', errno: linux.EAGAIN };
    const sent = libc.sendto(this.fd, encodeEcho(this.options.family, echo, this.#request), 0, to);
    if (sent < 0) {
      this.#table.forget(echo.sequence, pinged);
      return { operation: 'ping', errno: -sent };
    }
    if (!this.#watched) this.poller.watch(this.fd, linux.EPOLLIN, this);
    this.#watched = true;
    return echo.sequence;
  }

  /** Waits for the answer no longer; harmless when it has come. */
  forget(sequence: number, pinged: Pingable): void {
    this.#table.forget(sequence, pinged);
    this.#rest();
  }

  close(): void {
    this.poller.forgetClosing(this.fd);
    libc.close(this.fd);
  }

  /** Takes what has come. */
  ready(): void {
    for (let count = 0; count < BATCH; count++) {
      const size = libc.recvfrom(this.fd, this.#packet, 0, this.#sender);
      if (size === -linux.EAGAIN) break;
      if (size > 0) this.#take(size);
    }
    this.#rest();
  }

  /** With no ping under way there is nothing to look for. */
  #rest(): void {
    if (this.#table.size > 0 || !this.#watched) return;
    this.#watched = false;
    this.poller.forget(this.fd);
  }

  #take(size: number): void {
    const { family } = this.options;
    const reply = decodeEchoReply(family, this.#packet, size, this.raw && family === 'ipv4');
    if (reply === undefined || (this.raw && reply.id !== this.#table.id)) return;
    this.#table.take(reply, this.#sender)?.answered();
  }
}

function isForbidden({ errno }: Fault): boolean {
  return errno === linux.EACCES || errno === linux.EPERM;
}

/** A raw socket is shown every ICMP packet of the machine: let in echo replies alone (linux/icmp.h, linux/icmpv6.h). */
function filterReplies(fd: number, family: PingerOptions['family']): void {
  if (family === 'ipv4')
    libc.setsockopt(fd, linux.SOL_RAW, linux.ICMP_FILTER, new Uint8Array(Uint32Array.of(~1).buffer));
  else {
    const blocked = new Uint32Array(8).fill(0xffffffff);
    blocked[129 >> 5] = ~(1 << (129 & 31));
    libc.setsockopt(fd, linux.IPPROTO_ICMPV6, linux.ICMPV6_FILTER, new Uint8Array(blocked.buffer));
  }
}
