/** Reads netlink attributes (nlattr, netlink.h). Every access is checked against the bytes that are there. */
import type { Buffer } from 'node:buffer';
import { NLA } from '../uapi.js';

/** The bytes were not what their length fields promised. The only error the decoders throw. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

const NLA_HDRLEN = 4;
/** More than any attribute number of the IPVS and ctrl families; later kernels may add some, which are skipped. */
const MAX_TYPE = 31;

/** One level of attributes, found by number; of several with one number the last counts, as in nla_parse(). */
export class Attributes {
  private readonly bytes: Buffer;
  /** Start and end of the payload of attribute n at 2n and 2n + 1; 0 where there is none. */
  private readonly spans: number[];

  /** Those between two offsets of `bytes`. Throws DecodeError when one claims more bytes than there are. */
  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.spans = new Array<number>(2 * (MAX_TYPE + 1)).fill(0);
    let at = start;
    while (end - at >= NLA_HDRLEN) at += this.index(at, end);
  }

  has(type: number): boolean {
    return this.spans[2 * type] !== 0;
  }

  u8(type: number): number {
    return this.bytes.readUInt8(this.span(type, 1));
  }

  u16(type: number): number {
    return this.bytes.readUInt16LE(this.span(type, 2));
  }

  u16be(type: number): number {
    return this.bytes.readUInt16BE(this.span(type, 2));
  }

  u32(type: number): number {
    return this.bytes.readUInt32LE(this.span(type, 4));
  }

  u64(type: number): bigint {
    return this.bytes.readBigUInt64LE(this.span(type, 8));
  }

  /** The first `length` bytes of the payload. */
  data(type: number, length: number): Buffer {
    const start = this.span(type, length);
    return this.bytes.subarray(start, start + length);
  }

  /** The text up to its first zero byte, or the end. */
  text(type: number): string {
    const start = this.span(type, 0);
    const end = this.spans[2 * type + 1] ?? start;
    const zero = this.bytes.indexOf(0, start);
    return this.bytes.toString('utf8', start, zero >= 0 && zero < end ? zero : end);
  }

  nested(type: number): Attributes {
    const start = this.span(type, 0);
    return new Attributes(this.bytes, start, this.spans[2 * type + 1]);
  }

  /** Notes the attribute at `at` and returns how far the next one is. */
  private index(at: number, end: number): number {
    const length = this.bytes.readUInt16LE(at);
    if (length < NLA_HDRLEN || at + length > end) {
      throw new DecodeError(`attribute of ${length} bytes where ${end - at} are left`);
    }
    const type = this.bytes.readUInt16LE(at + 2) & NLA.TYPE_MASK;
    if (type <= MAX_TYPE) {
      this.spans[2 * type] = at + NLA_HDRLEN;
      this.spans[2 * type + 1] = at + length;
    }
    return (length + 3) & ~3;
  }

  /** Where the payload starts, when the attribute is there and has at least `length` bytes. */
  private span(type: number, length: number): number {
    const start = this.spans[2 * type] ?? 0;
    if (start === 0) throw new DecodeError(`attribute ${type} is missing`);
    const present = (this.spans[2 * type + 1] ?? 0) - start;
    if (present < length) {
      throw new DecodeError(`attribute ${type} of ${present} bytes: expected ${length}`);
    }
    return start;
  }
}
