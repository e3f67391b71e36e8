/**
 * Netlink messages and their attributes in bytes, by the codecs of the `netlink` package. Its pure modules are imported
 * one by one: the package as a whole loads a native socket, which no one here uses.
 */
import { AttrStream, formatMessage, parseAttributes, parseMessages } from 'netlink/dist/structs.js';
import { NLMSG_ERROR, NLMSGERR_ATTR_MSG } from '../linux.js';

/** A message to the kernel: `type` RTM_*, `flags` NLM_F_*, `body` from `encodeBody`. */
export type Request = { readonly type: number; readonly flags: number; readonly body: Uint8Array };

/** A message of the kernel. */
export type Reply = {
  readonly type: number;
  readonly flags: number;
  readonly seq: number;
  /** Whose request caused it; 0 is the kernel itself. */
  readonly port: number;
  readonly data: Buffer;
};

/** Type and value; one without a value is left out. */
export type Attribute = readonly [type: number, value: Uint8Array | undefined];

/** The fixed struct of a message and its attributes. */
export function encodeBody(struct: Uint8Array, attributes: readonly Attribute[]): Uint8Array {
  return Buffer.concat([struct, encodeAttributes(attributes)]);
}

/** Attributes one after the other, padded to four bytes: also the value of a nested attribute. */
export function encodeAttributes(attributes: readonly Attribute[]): Uint8Array {
  const stream = new AttrStream();
  for (const [type, value] of attributes) {
    if (value !== undefined) stream.push(type, value);
  }
  const bytes = Buffer.concat(stream.bufs);
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

/** Several requests in one send, numbered from `firstSeq` on. */
export function encodeRequests(requests: readonly Request[], firstSeq: number): Uint8Array {
  const parts = requests.flatMap(({ type, flags, body }, index) =>
    formatMessage({ type, flags, seq: firstSeq + index, port: 0, data: body }),
  );
  return Buffer.concat(parts);
}

/** The messages of one datagram. Throws on bytes that are none. */
export function decodeReplies(datagram: Buffer): readonly Reply[] {
  return parseMessages(datagram);
}

/** Attributes by type; of one that is repeated, the last. Throws on bytes that are none. */
export function decodeAttributes(bytes: Buffer): ReadonlyMap<number, Buffer> {
  const found = new Map<number, Buffer>();
  parseAttributes(bytes, ({ type, data }) => found.set(type, Buffer.from(data as Buffer)));
  return found;
}

/** The answer of an NLMSG_ERROR: 0 is an acknowledgement, otherwise minus errno and the kernel's words if it gave some. */
export type Answer = { readonly result: number; readonly reason: string };

const ACK_HEADER = 4 + 16;

/** Undefined when the message is no NLMSG_ERROR. With NETLINK_CAP_ACK only the header of the request comes back. */
export function decodeAnswer(reply: Reply): Answer | undefined {
  if (reply.type !== NLMSG_ERROR || reply.data.length < ACK_HEADER) return undefined;
  const result = reply.data.readInt32LE(0);
  if (result === 0 || reply.data.length === ACK_HEADER) return { result, reason: '' };
  const words = decodeAttributes(reply.data.subarray(ACK_HEADER)).get(NLMSGERR_ATTR_MSG);
  return { result, reason: words === undefined ? '' : textOf(words) };
}

export function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value & 0xff, value >> 8);
}

export function u32(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(value).buffer);
}

/** With the NUL at its end. */
export function text(value: string): Uint8Array {
  return Buffer.from(`${value}\0`);
}

/** Up to the NUL. */
export function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString();
}

/** The number of an attribute of 1, 2 or 4 bytes; undefined when there is none. */
export function numberOf(bytes: Buffer | undefined): number | undefined {
  return bytes === undefined || bytes.length < 1 || bytes.length > 4
    ? undefined
    : bytes.readUIntLE(0, bytes.length);
}
