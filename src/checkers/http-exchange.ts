/** Judges one reply against what its url block asks: status, digest and body, as the bytes come. */
import { createHash, type Hash } from 'node:crypto';
import type { RegexConfig, UrlConfig } from './config.js';
import { isComplete, NO_REPLY, type Reply, readReply } from './http-reply.js';
import { failed, OK, type ProbeResult } from './probe.js';
import type { BodyMatcher } from './regex.js';

/** How much of a body a regex sees. */
const MAX_KEPT = 1 << 20;

/** Gets the verdict. */
export type VerdictTaker = { settle(result: ProbeResult): void };

/** A verdict, or undefined while more of the reply is wanted. A regex is matched elsewhere and calls back. */
export class HttpExchange {
  #reply: Reply = NO_REPLY;
  readonly #hash: Hash | undefined;
  readonly #kept: Uint8Array[] = [];
  #keptSize = 0;
  #received = 0;
  #judged = false;

  constructor(
    readonly url: UrlConfig,
    readonly matcher: BodyMatcher,
    readonly taker: VerdictTaker,
  ) {
    this.#hash = url.digest === undefined ? undefined : createHash('md5');
  }

  /** Why there is no verdict yet, for a deadline that has come after `ms`. */
  unfinished(within: string): string {
    if (this.#judged) return `regex not matched within ${within}`;
    if (this.#received === 0) return `no reply within ${within}`;
    const part = this.#reply.kind === 'head' ? 'reply header' : 'reply';
    return `${part} not finished within ${within}, after ${this.#received} bytes`;
  }

  /** Takes bytes of the reply, which may be overwritten afterwards. */
  push(chunk: Buffer): void {
    if (this.#judged) return;
    const atHead = this.#reply.kind === 'head';
    const { reply, bodyAt, bodyEnd } = readReply(this.#reply, chunk);
    this.#reply = reply;
    this.#received += chunk.length;
    if (reply.kind === 'malformed') this.taker.settle(failed(reply.reason));
    else if (reply.kind === 'body' && atHead && !this.#wanted(reply.status)) this.#refuse(reply.status);
    else if (reply.kind === 'body') this.#take(chunk, bodyAt, bodyEnd);
  }

  /** The connection ended. */
  end(): void {
    if (this.#judged) return;
    if (this.#received === 0) this.taker.settle(failed('connection closed without a reply'));
    else if (this.#reply.kind === 'head')
      this.taker.settle(failed(`connection closed within the reply header, after ${this.#received} bytes`));
    else this.#judge();
  }

  /** Forgets the body. */
  release(): void {
    this.matcher.give(this.#keptSize);
    this.#keptSize = 0;
    this.#kept.length = 0;
  }

  #wanted(status: number): boolean {
    return this.url.statusCodes.some(({ from, to }) => from <= status && status <= to);
  }

  #refuse(status: number): void {
    this.taker.settle(failed(`status ${status}, wanted ${formatRanges(this.url.statusCodes)}`));
  }

  #take(chunk: Buffer, bodyAt: number, bodyEnd: number): void {
    this.#hash?.update(chunk.subarray(bodyAt, bodyEnd));
    if (this.url.regex !== undefined && !this.#keep(chunk.subarray(bodyAt, bodyEnd))) return;
    if (isComplete(this.#reply)) this.#judge();
  }

  #keep(body: Uint8Array): boolean {
    const size = Math.min(body.length, MAX_KEPT - this.#keptSize);
    if (!this.matcher.take(size)) {
      this.taker.settle({
        kind: 'unable',
        reason: 'no room for the body: too many bodies are being matched',
      });
      return false;
    }
    this.#keptSize += size;
    this.#kept.push(Uint8Array.prototype.slice.call(body, 0, size));
    return true;
  }

  #judge(): void {
    this.#judged = true;
    const digest = this.#hash?.digest('hex');
    const wanted = this.url.digest?.toLowerCase();
    if (digest !== wanted) this.taker.settle(failed(`digest ${digest} differs from ${wanted}`));
    else if (this.url.regex === undefined) this.taker.settle(this.#passed());
    else this.#match(this.url.regex);
  }

  #match(regex: RegexConfig): void {
    this.matcher.match(regex, this.#kept, (answer) => {
      if (typeof answer === 'string') this.taker.settle(failed(answer));
      else if (answer === !regex.noMatch) this.taker.settle(this.#passed());
      else this.taker.settle(failed(`body ${answer ? 'matched' : 'did not match'} ${formatRegex(regex)}`));
    });
  }

  /** A short body passes as it does in keepalived, where only status, digest and regex decide. */
  #passed(): ProbeResult {
    const reply = this.#reply;
    if (reply.kind !== 'body' || reply.contentLength === undefined || isComplete(reply)) return OK;
    return {
      kind: 'ok',
      note: `body of ${reply.received} bytes, but Content-Length is ${reply.contentLength}`,
    };
  }
}

function formatRanges(ranges: UrlConfig['statusCodes']): string {
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(' ');
}

function formatRegex({ pattern, flags, minOffset, maxOffset }: RegexConfig): string {
  const shown = pattern.length > 60 ? `${pattern.slice(0, 60)}…` : pattern;
  const from = minOffset > 0 ? ` from byte ${minOffset}` : '';
  const to = maxOffset === undefined ? '' : ` to byte ${maxOffset}`;
  return `/${shown}/${flags}${from}${to}`;
}
