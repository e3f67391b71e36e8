/**
 * Netlink messages as the kernel reads and writes them, for the fake kernel. Built on the netlink package's own helpers,
 * so that a fault in lvsd's codec is not made up for by the same fault here.
 */
import { AttrStream, formatMessage, type NetlinkMessage, parseAttributes, parseMessages } from 'netlink';

/** Attributes of one level, by number, each with its raw payload. */
export type Attrs = ReadonlyMap<number, Buffer>;

export type Request = {
  readonly header: NetlinkMessage;
  readonly command: number;
  readonly attrs: Attrs;
};

/** A refusal; thrown by a command's handler. */
export class Errno extends Error {
  constructor(readonly errno: number) {
    super(`errno ${errno}`);
  }
}

const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
const NLM_F_MULTI = 2;

export function parseRequests(datagram: Buffer): Request[] {
  return parseMessages(datagram).map((header) => ({
    header,
    command: header.data.readUInt8(0),
    attrs: parseAttrs(header.data.subarray(4)),
  }));
}

export function parseAttrs(data: Buffer): Attrs {
  const attrs = new Map<number, Buffer>();
  parseAttributes(data, ({ type, data: payload }) => attrs.set(type, payload));
  return attrs;
}

/** A nested attribute's own attributes; undefined when it is not there. */
export function nested(attrs: Attrs, type: number): Attrs | undefined {
  const data = attrs.get(type);
  return data && parseAttrs(data);
}

/** One message of data in answer to a request. */
export function dataMessage(
  request: Request,
  command: number,
  attrs: readonly (readonly [number, Uint8Array])[],
): Buffer {
  const { type, seq, port, flags } = request.header;
  const dump = (flags & 0x300) === 0x300;
  const body = new AttrStream();
  for (const [attr, data] of attrs) body.push(attr, data);
  const message = { type, flags: dump ? NLM_F_MULTI : 0, seq, port };
  return padded(formatMessage({ ...message, data: [Buffer.from([command, 1, 0, 0]), ...body.bufs] }));
}

/** NLMSG_ERROR with the request's header and payload after it, as netlink_ack() writes it; errno 0 acknowledges. */
export function ackMessage({ header }: Request, errno: number): Buffer {
  const { type, flags, seq, port, data } = header;
  const code = Buffer.alloc(4);
  code.writeInt32LE(-errno);
  const original = formatMessage({ type, flags, seq, port, data: errno === 0 ? Buffer.alloc(0) : data });
  return padded(formatMessage({ type: NLMSG_ERROR, flags: 0, seq, port, data: [code, ...original] }));
}

export function doneMessage({ header }: Request): Buffer {
  const { seq, port } = header;
  return padded(formatMessage({ type: NLMSG_DONE, flags: NLM_F_MULTI, seq, port, data: Buffer.alloc(4) }));
}

/** Payload of a nested attribute. */
export function nest(attrs: Iterable<readonly [number, Uint8Array]>): Buffer {
  const stream = new AttrStream();
  for (const [type, data] of attrs) stream.push(type, data);
  return padded(stream.bufs);
}

export function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
}

function padded(parts: readonly Uint8Array[]): Buffer {
  const bytes = Buffer.concat(parts);
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}
