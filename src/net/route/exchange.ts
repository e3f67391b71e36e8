/** Requests and their answers over a blocking netlink socket. */
import { recv, send } from '../libc.js';
import * as linux from '../linux.js';
import { type SystemError, systemError } from '../system-error.js';
import { decodeAnswer, decodeReplies, encodeRequests, type Reply, type Request } from './message.js';

/** A change with the words an error names it by: `add address`, `10.0.0.1/24 on eth0`. */
export type Change = { readonly operation: string; readonly operand: string; readonly request: Request };

/** What became of one change: undefined is done. */
export type Outcome = SystemError | undefined;

const EINTR = -linux.EINTR;
const EIO = -5;

/** The error of a change that was refused. */
export function failed(result: number, reason?: string) {
  return ({ operation, operand }: Change): SystemError => systemError(operation, operand, result, reason);
}

/** Reads answers until the last change has its own. */
export function collect(fd: number, buffer: Buffer, changes: readonly Change[], first: number): Outcome[] {
  const outcomes: Outcome[] = changes.map(() => undefined);
  const last = first + changes.length - 1;
  for (;;) {
    const replies = receive(fd, buffer);
    if (typeof replies === 'number')
      return changes.map((change, i) => outcomes[i] ?? failed(replies)(change));
    for (const reply of replies) {
      const answer = decodeAnswer(reply);
      const change = changes[reply.seq - first];
      // An answer to an earlier request that was given up is none of ours.
      if (answer === undefined || change === undefined) continue;
      if (answer.result < 0) outcomes[reply.seq - first] = failed(answer.result, answer.reason)(change);
      if (reply.seq === last) return outcomes;
    }
  }
}

/** A dump that changes underneath is begun anew; after a few times what came is taken. */
const DUMP_ATTEMPTS = 3;

export function dump(
  fd: number,
  buffer: Buffer,
  request: Request,
  seq: number,
): readonly Reply[] | SystemError {
  for (let attempt = 1; ; attempt += 1) {
    const sent = send(fd, encodeRequests([request], seq));
    if (sent < 0) return systemError('dump', `message type ${request.type}`, sent);
    const found = readDump(fd, buffer, seq);
    if (typeof found === 'number') return systemError('dump', `message type ${request.type}`, found);
    const interrupted = found.some(({ flags }) => (flags & linux.NLM_F_DUMP_INTR) !== 0);
    if (!interrupted || attempt === DUMP_ATTEMPTS) return found;
  }
}

function readDump(fd: number, buffer: Buffer, seq: number): readonly Reply[] | number {
  const found: Reply[] = [];
  for (;;) {
    const replies = receive(fd, buffer);
    if (typeof replies === 'number') return replies;
    for (const reply of replies.filter((each) => each.seq === seq)) {
      const end = endOf(reply);
      if (end !== undefined) return end < 0 ? end : found;
      found.push(reply);
    }
  }
}

/** The result of a dump that ends with this message; undefined when it goes on. */
function endOf(reply: Reply): number | undefined {
  if (reply.type !== linux.NLMSG_DONE) return decodeAnswer(reply)?.result;
  return reply.data.length >= 4 ? reply.data.readInt32LE(0) : 0;
}

/** The messages of one datagram, or minus errno. The buffer is used again, so they get a copy. */
function receive(fd: number, buffer: Buffer): readonly Reply[] | number {
  for (;;) {
    const length = recv(fd, buffer);
    if (length === EINTR) continue;
    if (length < 0) return length;
    try {
      return decodeReplies(Buffer.from(buffer.subarray(0, length)));
    } catch {
      return EIO;
    }
  }
}
