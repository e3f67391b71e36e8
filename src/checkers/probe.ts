/** A probe asks one server once. It knows nothing of counting; its deadline is handed in. */
import type { Clock, Timer } from '../clock.js';
import { errorText } from '../net/libc.js';
import { EADDRNOTAVAIL, EAGAIN, EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC } from '../net/linux.js';
import { type Fault, faultText } from '../net/socket.js';

/**
 * `unable`: the check could not be made for lack of something on this machine, which says nothing of the server.
 * `note`: the server passed, with something worth telling.
 */
export type ProbeResult =
  | { readonly kind: 'ok'; readonly note?: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unable'; readonly reason: string };

/** Asks once, and calls `done` once, at the latest at `deadlineAt`; the returned function gives up without a word. */
export type Probe = (deadlineAt: number, done: (result: ProbeResult) => void) => Cancel;
export type Cancel = () => void;

export const OK: ProbeResult = { kind: 'ok' };

export function failed(reason: string): ProbeResult {
  return { kind: 'failed', reason };
}

export function unable(reason: string): ProbeResult {
  return { kind: 'unable', reason };
}

const SHORTAGES: ReadonlySet<number> = new Set([EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC, EAGAIN]);

/** What a failed system call means: a shortage here, or a server that cannot be reached. */
export function faultResult(fault: Fault): ProbeResult {
  if (SHORTAGES.has(fault.errno)) return unable(faultText(fault));
  const reached = fault.operation === 'connect' || fault.operation === 'ping';
  if (reached && fault.errno === EADDRNOTAVAIL)
    return unable(`${fault.operation}: no local address or port left`);
  return failed(reached ? errorText(-fault.errno) : faultText(fault));
}

/** `5 s`, `250 ms`, `1.5 s`. */
export function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 100) / 10} s`;
}

/** One run of a probe: ends once, by result, deadline or cancellation, and then lets go of what it held. */
export class Attempt {
  readonly #timer: Timer;
  #open = true;
  #release: () => void = () => undefined;

  constructor(
    clock: Clock,
    deadlineAt: number,
    expired: () => ProbeResult,
    readonly done: (result: ProbeResult) => void,
  ) {
    this.#timer = clock.wake(deadlineAt, () => this.settle(expired()));
  }

  /** Says what to let go of at the end; at once, when the end is past. */
  hold(release: () => void): void {
    if (this.#open) this.#release = release;
    else release();
  }

  settle(result: ProbeResult): void {
    if (this.#end()) this.done(result);
  }

  cancel(): void {
    this.#end();
  }

  get open(): boolean {
    return this.#open;
  }

  #end(): boolean {
    if (!this.#open) return false;
    this.#open = false;
    this.#timer.cancel();
    this.#release();
    return true;
  }
}
