/**
 * Matches bodies against regular expressions in a thread of its own, under a time limit: neither a hostile body nor a
 * careless expression may hold up the checks. The thread starts with the first match.
 */
import { Worker } from 'node:worker_threads';
import type { RegexConfig } from './config.js';

/** Whether it matched, or what went wrong. */
export type MatchAnswer = boolean | string;

/** What the thread is asked, and what it answers. */
export type MatchRequest = { readonly id: number; readonly regex: RegexConfig; readonly body: Uint8Array };
export type MatchReply = { readonly id: number; readonly answer: MatchAnswer };

/** Bytes of body that all checks together may hold to be matched. */
const MAX_HELD = 64 << 20;

export class BodyMatcher {
  #worker: Worker | undefined;
  #nextId = 0;
  #held = 0;
  readonly #waiting = new Map<number, (answer: MatchAnswer) => void>();

  /** Reserves room for `size` bytes of body; false when there is none. */
  take(size: number): boolean {
    if (this.#held + size > MAX_HELD) return false;
    this.#held += size;
    return true;
  }

  /** Gives back what `take` reserved. */
  give(size: number): void {
    this.#held -= size;
  }

  match(regex: RegexConfig, parts: readonly Uint8Array[], done: (answer: MatchAnswer) => void): void {
    const id = this.#nextId++;
    const body = join(parts);
    this.#waiting.set(id, done);
    this.#worker ??= this.#start();
    const request: MatchRequest = { id, regex, body };
    this.#worker.postMessage(request, [body.buffer]);
  }

  stop(): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
    this.#waiting.clear();
  }

  #start(): Worker {
    const worker = new Worker(new URL('./regex-worker.js', import.meta.url));
    worker.on('message', (reply: MatchReply) => this.#answer(reply));
    worker.on('error', (error: Error) => this.#lost(worker, error));
    worker.unref();
    return worker;
  }

  #answer({ id, answer }: MatchReply): void {
    const done = this.#waiting.get(id);
    this.#waiting.delete(id);
    done?.(answer);
  }

  #lost(worker: Worker, error: Error): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const done of waiting) done(`regex not matched: ${error.message}`);
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
