/**
 * Writes netlink messages and their attributes, one after another, into one growing buffer.
 *
 *   nlmsghdr (netlink.h)                       nlattr (netlink.h)
 *   +--------+------+-------+-----+-----+      +-----+------+---------+---------+
 *   | len 32 | typ  | flags | seq | pid |      | len | type | payload | padding |
 *   +--------+------+-------+-----+-----+      +-----+------+---------+---------+
 *     0        4      6       8     12           0     2      4         to 4 bytes
 *
 * Numbers are in host order, which is little-endian on every platform the netlink package is built for,
 * unless the name of the method says `be`.
 */
import { Buffer } from 'node:buffer';
import { parseAddress, putIpv4 } from '../../net/address.js';
import { NLA } from '../uapi.js';

const NLMSG_HDRLEN = 16;
const GENL_HDRLEN = 4;
const NLA_HDRLEN = 4;

/** Largest unsigned number of so many bytes. */
const MAX = { 1: 0xff, 2: 0xffff, 4: 0xffffffff } as const;

/** What stands in the headers of one generic netlink message. */
export type MessageHeader = {
  /** Number of the generic netlink family. */
  readonly family: number;
  /** NLM_F_* bits. */
  readonly flags: number;
  readonly seq: number;
  readonly command: number;
  readonly version: number;
};

export class Writer {
  private bytes: Uint8Array;
  private end = 0;

  /** `capacity` is a first guess in bytes; the buffer grows as needed. */
  constructor(capacity = 4096) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Everything written so far. The writer must not be used afterwards. */
  finish(): Buffer {
    return Buffer.from(this.bytes.buffer, 0, this.end);
  }

  /** Where the next message or attribute will start. */
  get length(): number {
    return this.end;
  }

  message(header: MessageHeader, body: () => void): void {
    const start = this.reserve(NLMSG_HDRLEN + GENL_HDRLEN);
    this.store(start + 4, 2, header.family);
    this.store(start + 6, 2, header.flags);
    this.store(start + 8, 4, header.seq);
    this.store(start + NLMSG_HDRLEN, 1, header.command);
    this.store(start + NLMSG_HDRLEN + 1, 1, header.version);
    body();
    this.store(start, 4, this.end - start);
  }

  nested(type: number, body: () => void): void {
    const start = this.reserve(NLA_HDRLEN);
    this.store(start + 2, 2, type | NLA.F_NESTED);
    body();
    this.store(start, 2, this.end - start);
  }

  u8(type: number, value: number): void {
    this.store(this.attribute(type, 1), 1, value);
  }

  u16(type: number, value: number): void {
    this.store(this.attribute(type, 2), 2, value);
  }

  u16be(type: number, value: number): void {
    this.storeU16be(this.attribute(type, 2), value);
  }

  u32(type: number, value: number): void {
    this.store(this.attribute(type, 4), 4, value);
  }

  /** `data` followed by zeroes up to `length` bytes. */
  data(type: number, data: Uint8Array, length = data.length): void {
    this.bytes.set(data, this.attribute(type, length));
  }

  /** Text with the zero byte that NLA_NUL_STRING wants. */
  text(type: number, text: string): void {
    const data = Buffer.from(text, 'utf8');
    this.data(type, data, data.length + 1);
  }

  /** A numeric address followed by zeroes up to `length` bytes. Throws RangeError when the text is none. */
  address(type: number, address: string, length: number): void {
    this.data(type, addressBytes(address), length);
  }

  /** Writes what stands from `start` to the end once more, with other flags and another seq. */
  repeatMessage(start: number, flags: number, seq: number): void {
    const length = this.end - start;
    const copy = this.reserve(length);
    this.bytes.copyWithin(copy, start, copy);
    this.store(copy + 6, 2, flags);
    this.store(copy + 8, 4, seq);
  }

  /** Overwrites the number that starts `before` bytes before the end. */
  rewriteU32(before: number, value: number): void {
    this.store(this.end - before, 4, value);
  }

  rewriteU16be(before: number, value: number): void {
    this.storeU16be(this.end - before, value);
  }

  /** Overwrites the address of the same family that starts `before` bytes before the end. */
  rewriteAddress(before: number, address: string): void {
    const at = this.end - before;
    if (!putIpv4(address, this.bytes, at)) this.bytes.set(addressBytes(address), at);
  }

  /** Makes an attribute of `length` payload bytes and returns where they go. */
  private attribute(type: number, length: number): number {
    const start = this.reserve(NLA_HDRLEN + length);
    this.store(start, 2, NLA_HDRLEN + length);
    this.store(start + 2, 2, type);
    return start + NLA_HDRLEN;
  }

  /** Writes an unsigned number of `size` bytes. Throws RangeError when it does not fit. */
  private store(at: number, size: 1 | 2 | 4, value: number): void {
    if (!(value >= 0 && value <= MAX[size])) throw outOfRange(value, size);
    const { bytes } = this;
    bytes[at] = value & 0xff;
    if (size === 1) return;
    bytes[at + 1] = (value >>> 8) & 0xff;
    if (size === 2) return;
    bytes[at + 2] = (value >>> 16) & 0xff;
    bytes[at + 3] = value >>> 24;
  }

  private storeU16be(at: number, value: number): void {
    this.store(at, 2, value);
    this.bytes[at] = (value >>> 8) & 0xff;
    this.bytes[at + 1] = value & 0xff;
  }

  /** Room for `length` zero bytes and their padding; returns where it starts. */
  private reserve(length: number): number {
    const start = this.end;
    this.end += (length + 3) & ~3;
    if (this.end > this.bytes.length) this.grow();
    return start;
  }

  private grow(): void {
    const larger = new Uint8Array(Math.max(this.end, this.bytes.length * 2));
    larger.set(this.bytes);
    this.bytes = larger;
  }
}

function outOfRange(value: number, size: 1 | 2 | 4): RangeError {
  return new RangeError(`${value} is out of range: expected 0 to ${MAX[size]}`);
}

/** 4 or 16 bytes. The configuration should have said what is wrong with an address that is none. */
function addressBytes(address: string): Uint8Array {
  const bytes = parseAddress(address);
  if (bytes !== undefined) return bytes;
  throw new RangeError(`address "${address}": expected a numeric IPv4 or IPv6 address`);
}
