/** Many datagrams by one system call: recvmmsg(2) into buffers that are made once, so that reading makes no garbage. */
import { addressOf, fixedBytes, recvmmsg } from './libc.js';
import { EAGAIN, MSG_DONTWAIT, MSG_TRUNC } from './linux.js';

/** Views into the reader's buffers: they hold only until the callback returns. */
export type Message = {
  readonly data: Uint8Array;
  /** The struct sockaddr of the sender. */
  readonly name: Uint8Array;
  /** Control messages: see `control.ts`. */
  readonly control: Uint8Array;
};

/** What a read came to. `more`: the limit was reached, so something may be left. */
export type ReadResult = { readonly error: number; readonly more: boolean };

// struct mmsghdr, msghdr and iovec of 64-bit Linux (linux/socket.h).
const MMSGHDR = 64;
const IOVEC = 16;
const NAME_BYTES = 32;
const CONTROL_BYTES = 256;

/**
 * Room for `batch` datagrams of up to `bytes` each. One reader serves any number of descriptors, one after the other; from
 * within its own callback it reads nothing.
 */
export class MessageReader {
  readonly #headers: Buffer;
  readonly #vectors: Buffer;
  readonly #data: Buffer;
  readonly #names: Buffer;
  readonly #control: Buffer;
  #busy = false;

  constructor(
    readonly batch: number,
    readonly bytes: number,
  ) {
    this.#headers = fixedBytes(batch * MMSGHDR);
    this.#vectors = fixedBytes(batch * IOVEC);
    this.#data = fixedBytes(batch * bytes);
    this.#names = fixedBytes(batch * NAME_BYTES);
    this.#control = fixedBytes(batch * CONTROL_BYTES);
    for (let i = 0; i < batch; i += 1) {
      this.#point(i);
      this.#reset(i);
    }
  }

  /**
   * Reads up to one batch and hands over each whole datagram in order of arrival; one that did not fit is left out.
   * `error` is 0, or minus errno where the kernel had no datagrams but an error (-EAGAIN, nothing to read, counts as 0).
   */
  read(fd: number, onMessage: (message: Message) => void): ReadResult {
    if (this.#busy) return { error: 0, more: false };
    const received = recvmmsg(fd, this.#headers, this.batch, MSG_DONTWAIT);
    if (received < 0) return { error: received === -EAGAIN ? 0 : received, more: false };
    this.#busy = true;
    try {
      for (let i = 0; i < received; i += 1) this.#handOver(i, onMessage);
    } finally {
      this.#busy = false;
    }
    return { error: 0, more: received === this.batch };
  }

  #handOver(i: number, onMessage: (message: Message) => void): void {
    const message = this.#message(i);
    this.#reset(i);
    if (message !== undefined) onMessage(message);
  }

  #point(i: number): void {
    const vector = i * IOVEC;
    this.#vectors.writeBigUInt64LE(addressOf(this.#data) + BigInt(i * this.bytes), vector);
    this.#vectors.writeBigUInt64LE(BigInt(this.bytes), vector + 8);
    const header = i * MMSGHDR;
    this.#headers.writeBigUInt64LE(addressOf(this.#names) + BigInt(i * NAME_BYTES), header);
    this.#headers.writeBigUInt64LE(addressOf(this.#vectors) + BigInt(vector), header + 16);
    this.#headers.writeBigUInt64LE(1n, header + 24);
    this.#headers.writeBigUInt64LE(addressOf(this.#control) + BigInt(i * CONTROL_BYTES), header + 32);
  }

  /** The kernel overwrites the two lengths and the flags. */
  #reset(i: number): void {
    const header = i * MMSGHDR;
    this.#headers.writeUInt32LE(NAME_BYTES, header + 8);
    this.#headers.writeUInt32LE(CONTROL_BYTES, header + 40);
    this.#headers.writeUInt32LE(0, header + 48);
  }

  #message(i: number): Message | undefined {
    const header = i * MMSGHDR;
    if ((this.#headers.readUInt32LE(header + 48) & MSG_TRUNC) !== 0) return undefined;
    const length = this.#headers.readUInt32LE(header + 56);
    const nameLength = this.#headers.readUInt32LE(header + 8);
    const controlLength = this.#headers.readUInt32LE(header + 40);
    return {
      data: slice(this.#data, i * this.bytes, length),
      name: slice(this.#names, i * NAME_BYTES, nameLength),
      control: slice(this.#control, i * CONTROL_BYTES, controlLength),
    };
  }
}

function slice(bytes: Buffer, start: number, length: number): Uint8Array {
  return bytes.subarray(start, start + length);
}
