/**
 * Pings any number of hosts over one socket: an unprivileged ICMP socket where ping_group_range allows one (icmp(7)), else
 * a raw one. A reply counts when its sequence number, its sender and its random token are those of a ping under way.
 */
import { decodeEchoReply, encodeEcho } from './icmp.js';
import * as libc from './libc.js';
import * as linux from './linux.js';
import type { Poller } from './poller.js';
import { type Fault, openSocket, type SocketOptions } from './socket.js';

/** A burst of replies must fit: the default loses half of 1,000. */
const RECEIVE_BUFFER = 4 << 20;
const SEQUENCES = 65536;
const TOKEN_SIZE = 16;
/** Replies read in one turn. */
const BATCH = 256;

type Ping = { readonly to: Uint8Array; readonly token: Uint8Array; readonly answered: () => void };

export type PingerOptions = Omit<SocketOptions, 'bindPort'> & {
  /** Fills the bytes with what nobody can guess. */
  readonly randomFill: (bytes: Uint8Array) => void;
};

export class Pinger {
  readonly #underWay = new Map<number, Ping>();
  readonly #packet = new Uint8Array(2048);
  readonly #sender = new Uint8Array(28);
  readonly #random: RandomPool;
  readonly #id: number;
  #sequence = 0;

  private constructor(
    readonly poller: Poller,
    readonly fd: number,
    readonly raw: boolean,
    readonly options: PingerOptions,
  ) {
    this.#random = new RandomPool(options.randomFill);
    const [high = 0, low = 0] = this.#random.take(2);
    this.#id = (high << 8) | low;
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

  /**
   * Sends one ping to a socket address (sockaddr.ts; port 0). `answered` is called at most once, never from within; what
   * comes back forgets the ping.
   */
  ping(to: Uint8Array, answered: () => void): (() => void) | Fault {
    const sequence = this.#freeSequence();
    if (sequence === undefined) return { operation: 'ping: 65,536 are under way', errno: linux.EAGAIN };
    const token = this.#random.take(TOKEN_SIZE);
    const sent = libc.sendto(
      this.fd,
      encodeEcho(this.options.family, { id: this.#id, sequence, data: token }),
      0,
      to,
    );
    if (sent < 0) return { operation: 'ping', errno: -sent };
    if (this.#underWay.size === 0) this.poller.watch(this.fd, linux.EPOLLIN, () => this.#receive());
    this.#underWay.set(sequence, { to, token, answered });
    return () => this.#forget(sequence, answered);
  }

  close(): void {
    this.#underWay.clear();
    this.poller.forgetClosing(this.fd);
    libc.close(this.fd);
  }

  #forget(sequence: number, answered: () => void): void {
    if (this.#underWay.get(sequence)?.answered !== answered) return;
    this.#underWay.delete(sequence);
    if (this.#underWay.size === 0) this.poller.forget(this.fd);
  }

  #receive(): void {
    for (let count = 0; count < BATCH && this.#underWay.size > 0; count++) {
      const size = libc.recvfrom(this.fd, this.#packet, 0, this.#sender);
      if (size === -linux.EAGAIN) return;
      if (size > 0) this.#take(this.#packet.subarray(0, size));
    }
  }

  #take(packet: Uint8Array): void {
    const reply = decodeEchoReply(this.options.family, packet, this.raw && this.options.family === 'ipv4');
    if (reply === undefined || (this.raw && reply.id !== this.#id)) return;
    const ping = this.#underWay.get(reply.sequence);
    if (ping === undefined || !sameHost(ping.to, this.#sender) || !sameBytes(ping.token, reply.data)) return;
    this.#forget(reply.sequence, ping.answered);
    ping.answered();
  }

  #freeSequence(): number | undefined {
    if (this.#underWay.size >= SEQUENCES) return undefined;
    do this.#sequence = (this.#sequence + 1) % SEQUENCES;
    while (this.#underWay.has(this.#sequence));
    return this.#sequence;
  }
}

/** Random bytes, asked for in large portions: asking costs more than the bytes. */
class RandomPool {
  #bytes = new Uint8Array();

  constructor(readonly fill: (bytes: Uint8Array) => void) {}

  take(size: number): Uint8Array {
    if (this.#bytes.length < size) {
      this.#bytes = new Uint8Array(4096);
      this.fill(this.#bytes);
    }
    const taken = this.#bytes.subarray(0, size);
    this.#bytes = this.#bytes.subarray(size);
    return taken;
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

/** Compares family and address, leaving out port, flow and scope. */
function sameHost(a: Uint8Array, b: Uint8Array): boolean {
  const [from, to] = a[0] === linux.AF_INET ? [4, 8] : [8, 24];
  for (let at = from; at < to; at++) if (a[at] !== b[at]) return false;
  return a[0] === b[0];
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
