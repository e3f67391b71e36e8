/**
 * Datagrams of generic netlink: requests into bytes, bytes into replies. Pure.
 *
 *   a request:   nlmsghdr | genlmsghdr {cmd u8, version u8, reserved u16} | attributes
 *   a reply:     the same, one for a GET, several with NLM_F_MULTI and an NLMSG_DONE for a dump
 *   its end:     nlmsghdr of NLMSG_ERROR | errno s32, negative, 0 for an acknowledgement | the request's nlmsghdr
 */
import type { Buffer } from 'node:buffer';
import { Attributes, DecodeError } from './codec/attributes.js';
import { rewriteDestination } from './codec/destination.js';
import {
  commandNumber,
  type FullDestination,
  isAlike,
  isDump,
  isFullDestination,
  type Request,
  writeRequest,
} from './codec/request.js';
import { type MessageHeader, Writer } from './codec/writer.js';
import {
  CTRL_ATTR,
  CTRL_CMD,
  CTRL_VERSION,
  GENL_ID_CTRL,
  IPVS_GENL_NAME,
  IPVS_GENL_VERSION,
  NLM_F,
  NLMSG,
} from './uapi.js';

export { type Attributes, DecodeError } from './codec/attributes.js';
export * from './codec/reply.js';
export type { Request } from './codec/request.js';

/** One message received. */
export type Reply =
  | { readonly kind: 'data'; readonly seq: number; readonly interrupted: boolean; readonly body: Attributes }
  /** `errno` is 0 for an acknowledgement, else positive. */
  | { readonly kind: 'end'; readonly seq: number; readonly interrupted: boolean; readonly errno: number };

const NLMSG_HDRLEN = 16;
const GENL_HDRLEN = 4;

/**
 * One datagram of several requests, numbered from `firstSeq`. Only the last asks for an acknowledgement;
 * the kernel reports the errors of the others all the same (netlink_rcv_skb, af_netlink.c).
 */
export function encodeRequests(requests: readonly Request[], family: number, firstSeq: number): Buffer {
  const out = new Writer(requests.length * 192);
  let before: FullDestination | undefined;
  let start = 0;
  for (let index = 0; index < requests.length; index++) {
    const request = requests[index] as Request;
    const flags = flagsOf(request, index === requests.length - 1);
    const seq = (firstSeq + index) >>> 0;
    const next = isFullDestination(request) ? request : undefined;
    const end = out.length;
    if (before !== undefined && next !== undefined && isAlike(before, next)) {
      out.repeatMessage(start, flags, seq);
      rewriteDestination(out, next.destination);
    } else writeMessage(out, request, { family, flags, seq });
    before = next;
    start = end;
  }
  return out.finish();
}

function flagsOf(request: Request, last: boolean): number {
  if (isDump(request)) return NLM_F.REQUEST | NLM_F.DUMP;
  return last ? NLM_F.REQUEST | NLM_F.ACK : NLM_F.REQUEST;
}

function writeMessage(
  out: Writer,
  request: Request,
  header: Pick<MessageHeader, 'family' | 'flags' | 'seq'>,
): void {
  const command = commandNumber(request);
  out.message({ ...header, command, version: IPVS_GENL_VERSION }, () => writeRequest(out, request));
}

/** Asks the ctrl family for the number of the IPVS family. */
export function encodeFamilyRequest(seq: number): Buffer {
  const out = new Writer(64);
  const flags = NLM_F.REQUEST | NLM_F.ACK;
  const header = { family: GENL_ID_CTRL, flags, seq, command: CTRL_CMD.GETFAMILY, version: CTRL_VERSION };
  out.message(header, () => out.text(CTRL_ATTR.FAMILY_NAME, IPVS_GENL_NAME));
  return out.finish();
}

/** The messages of one datagram. Throws DecodeError when a length field promises more than there is. */
export function decodeReplies(datagram: Buffer): Reply[] {
  const replies: Reply[] = [];
  let at = 0;
  while (datagram.length - at >= NLMSG_HDRLEN) {
    const length = datagram.readUInt32LE(at);
    if (length < NLMSG_HDRLEN || length > datagram.length - at) {
      throw new DecodeError(`message of ${length} bytes where ${datagram.length - at} are left`);
    }
    const reply = decodeReply(datagram, at, at + length);
    if (reply !== undefined) replies.push(reply);
    at += (length + 3) & ~3;
  }
  return replies;
}

function decodeReply(datagram: Buffer, start: number, end: number): Reply | undefined {
  const type = datagram.readUInt16LE(start + 4);
  const flags = datagram.readUInt16LE(start + 6);
  const seq = datagram.readUInt32LE(start + 8);
  const interrupted = (flags & NLM_F.DUMP_INTR) !== 0;
  if (type === NLMSG.NOOP || type === NLMSG.OVERRUN) return undefined;
  if (type === NLMSG.ERROR || type === NLMSG.DONE) {
    return { kind: 'end', seq, interrupted, errno: decodeErrno(datagram, start + NLMSG_HDRLEN, end) };
  }
  const bodyStart = start + NLMSG_HDRLEN + GENL_HDRLEN;
  if (bodyStart > end) throw new DecodeError('message without a generic netlink header');
  return { kind: 'data', seq, interrupted, body: new Attributes(datagram, bodyStart, end) };
}

/** An NLMSG_DONE may carry no number at all. */
function decodeErrno(datagram: Buffer, start: number, end: number): number {
  return end - start >= 4 ? Math.abs(datagram.readInt32LE(start)) : 0;
}
