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
import { NLA } from '../uapi.js';

const NLMSG_HDRLEN = 16;
const GENL_HDRLEN = 4;
const NLA_HDRLEN = 4;

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
  private bytes: Buffer;
  private end = 0;

  /** `capacity` is a first guess in bytes; the buffer grows as needed. */
  constructor(capacity = 4096) {
    this.bytes = Buffer.alloc(capacity);
  }

  /** Everything written so far. The writer must not be used afterwards. */
  finish(): Buffer {
    return this.bytes.subarray(0, this.end);
  }

  message(header: MessageHeader, body: () => void): void {
    const start = this.reserve(NLMSG_HDRLEN + GENL_HDRLEN);
    this.bytes.writeUInt16LE(header.family, start + 4);
    this.bytes.writeUInt16LE(header.flags, start + 6);
    this.bytes.writeUInt32LE(header.seq, start + 8);
    this.bytes.writeUInt8(header.command, start + NLMSG_HDRLEN);
    this.bytes.writeUInt8(header.version, start + NLMSG_HDRLEN + 1);
    body();
    this.bytes.writeUInt32LE(this.end - start, start);
  }

  nested(type: number, body: () => void): void {
    const start = this.reserve(NLA_HDRLEN);
    this.bytes.writeUInt16LE(type | NLA.F_NESTED, start + 2);
    body();
    this.bytes.writeUInt16LE(this.end - start, start);
  }

  u8(type: number, value: number): void {
    this.bytes.writeUInt8(value, this.attribute(type, 1));
  }

  u16(type: number, value: number): void {
    this.bytes.writeUInt16LE(value, this.attribute(type, 2));
  }

  u16be(type: number, value: number): void {
    this.bytes.writeUInt16BE(value, this.attribute(type, 2));
  }

  u32(type: number, value: number): void {
    this.bytes.writeUInt32LE(value, this.attribute(type, 4));
  }

  /** `data` followed by zeroes up to `length` bytes. */
  data(type: number, data: Uint8Array, length = data.length): void {
    this.bytes.set(data.subarray(0, length), this.attribute(type, length));
  }

  /** Text with the zero byte that NLA_NUL_STRING wants. */
  text(type: number, text: string): void {
    const data = Buffer.from(text, 'utf8');
    this.data(type, data, data.length + 1);
  }

  /** Makes an attribute of `length` payload bytes and returns where they go. */
  private attribute(type: number, length: number): number {
    const start = this.reserve(NLA_HDRLEN + length);
    this.bytes.writeUInt16LE(NLA_HDRLEN + length, start);
    this.bytes.writeUInt16LE(type, start + 2);
    return start + NLA_HDRLEN;
  }

  /** Room for `length` zero bytes and their padding; returns where it starts. */
  private reserve(length: number): number {
    const start = this.end;
    this.end += (length + 3) & ~3;
    if (this.end > this.bytes.length) this.grow();
    return start;
  }

  private grow(): void {
    const larger = Buffer.alloc(Math.max(this.end, this.bytes.length * 2));
    this.bytes.copy(larger);
    this.bytes = larger;
  }
}
