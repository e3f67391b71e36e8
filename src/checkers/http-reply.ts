/**
 * Reads an HTTP reply piece by piece (RFC 9112 §4–6). Strict where a fault would hide another (status line,
 * Content-Length), blind to the rest of the header. Chunked bodies are not decoded: their bytes count as they come.
 *
 *   HTTP/1.1 200 OK CRLF  *( field ":" value CRLF )  CRLF  body
 */

/** A reply as far as it has been read. */
export type Reply =
  | { readonly kind: 'head'; readonly text: string }
  | {
      readonly kind: 'body';
      readonly status: number;
      /** Bytes of body announced; undefined: it lasts to the end of the connection. */
      readonly contentLength: number | undefined;
      /** Bytes of body read so far. */
      readonly received: number;
    }
  | { readonly kind: 'malformed'; readonly reason: string };

export const NO_REPLY: Reply = { kind: 'head', text: '' };

/** The reply after more bytes; those from `bodyAt` to before `bodyEnd` belong to the body. */
export type ReplyStep = { readonly reply: Reply; readonly bodyAt: number; readonly bodyEnd: number };

const MAX_HEAD = 65536;

export function readReply(reply: Reply, chunk: Buffer): ReplyStep {
  switch (reply.kind) {
    case 'malformed':
      return { reply, bodyAt: 0, bodyEnd: 0 };
    case 'body':
      return readBody(reply, 0, chunk.length);
    case 'head':
      return readHead(reply.text, chunk);
  }
}

/** Whether the announced body has come whole. */
export function isComplete(reply: Reply): boolean {
  return reply.kind === 'body' && reply.contentLength !== undefined && reply.received >= reply.contentLength;
}

function readBody(reply: Reply & { readonly kind: 'body' }, bodyAt: number, end: number): ReplyStep {
  const wanted = (reply.contentLength ?? Infinity) - reply.received;
  const bodyEnd = Math.min(end, bodyAt + wanted);
  const { kind, status, contentLength } = reply;
  return {
    reply: { kind, status, contentLength, received: reply.received + bodyEnd - bodyAt },
    bodyAt,
    bodyEnd,
  };
}

function readHead(before: string, chunk: Buffer): ReplyStep {
  const room = MAX_HEAD - before.length;
  const text = before + chunk.toString('latin1', 0, Math.min(chunk.length, room));
  const end = headEnd(text, Math.max(0, before.length - 3));
  const reply = end === undefined ? unfinished(text) : parseHead(text.slice(0, end));
  if (reply.kind !== 'body' || end === undefined) return { reply, bodyAt: 0, bodyEnd: 0 };
  return readBody(reply, end - before.length, chunk.length);
}

function unfinished(text: string): Reply {
  if (text.length >= MAX_HEAD) return { kind: 'malformed', reason: 'reply header exceeds 64 KiB' };
  const begins = 'HTTP/'.startsWith(text.slice(0, 5));
  return begins ? { kind: 'head', text } : { kind: 'malformed', reason: notHttp(text) };
}

/** Where the body begins: after the first empty line, whether its lines end in CRLF or in LF alone (§2.2). */
function headEnd(text: string, from: number): number | undefined {
  const crlf = text.indexOf('\r\n\r\n', from);
  const lf = text.indexOf('\n\n', from);
  if (crlf < 0 && lf < 0) return undefined;
  return lf < 0 || (crlf >= 0 && crlf < lf) ? crlf + 4 : lf + 2;
}

function parseHead(text: string): Reply {
  const status = /^HTTP\/\d\.\d (\d{3})(?:[ \t][^\r\n]*)?\r?\n/.exec(text)?.[1];
  if (status === undefined) return { kind: 'malformed', reason: notHttp(text) };
  const length = contentLength(text);
  if (typeof length === 'string') return { kind: 'malformed', reason: length };
  return {
    kind: 'body',
    status: Number(status),
    contentLength: hasNoBody(Number(status)) ? 0 : length,
    received: 0,
  };
}

/** RFC 9110 §6.4.1. */
function hasNoBody(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}

/** The number, undefined when there is none or a transfer coding outranks it, or what is wrong (RFC 9112 §6.3). */
function contentLength(head: string): number | string | undefined {
  const [first, ...rest] = lengthValues(head);
  if (first === undefined) return undefined;
  if (!/^\d{1,15}$/.test(first)) return `Content-Length ${quote(first)} is not a number of bytes`;
  const other = rest.find((value) => value !== first);
  if (other !== undefined) return `two Content-Length: ${first} and ${quote(other)}`;
  return /^transfer-encoding[ \t]*:/im.test(head) ? undefined : Number(first);
}

const LENGTH_FIELD = /^content-length[ \t]*:(.*)$/gim;

function lengthValues(head: string): string[] {
  const values: string[] = [];
  LENGTH_FIELD.lastIndex = 0;
  for (let found = LENGTH_FIELD.exec(head); found !== null; found = LENGTH_FIELD.exec(head))
    for (const value of (found[1] ?? '').split(',')) values.push(value.trim());
  return values;
}

function notHttp(text: string): string {
  return `not an HTTP reply: ${quote(text.split(/[\r\n]/, 1)[0] ?? '')}`;
}

/** At most 40 characters, with everything but printable ASCII escaped. */
function quote(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return JSON.stringify(short).replace(
    /[^ -~…]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}
