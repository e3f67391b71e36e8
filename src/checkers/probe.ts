/** A probe asks one server once. It knows nothing of counting; its deadline is handed in. */
import type { Clock, Timer } from '../clock.js';
import { errorText } from '../net/libc.js';
import { EADDRNOTAVAIL, EAGAIN, EMFILE, ENFILE, ENOBUFS, ENOMEM, ENOSPC } from '../net/linux.js';
import { type Fault, faultText } from '../net/socket.js';
import type { AgentReply } from './agent-reply.js';

/**
 * `unable`: the check could not be made for lack of something on this machine, which says nothing of the server.
 * `note`: the server passed, with something worth telling. `agent`: what it said of itself.
 */
export type ProbeResult =
  | { readonly kind: 'ok'; readonly note?: string; readonly agent?: AgentReply }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unable'; readonly reason: string };

/** Asks once, and calls `done` once, at the latest at `deadlineAt`. */
export type Probe = (deadlineAt: number, done: Done) => Pick<Attempt, 'cancel'>;
export type Done = (result: ProbeResult) => void;

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

/** What an attempt is about. */
export type AttemptSubject = {
  /** What to say when the deadline has come. */
  expired(): ProbeResult;
  /** Lets go of what is held; called once, at the end. */
  release(): void;
};

/** One run of a probe: ends once, by result, deadline or cancellation. */
export class Attempt {
  readonly #timer: Timer;
  #open = true;

  constructor(
    readonly subject: AttemptSubject,
    readonly done: Done,
    clock: Clock,
    deadlineAt: number,
  ) {
    this.#timer = clock.wake(deadlineAt, () => this.settle(subject.expired()));
  }

  settle(result: ProbeResult): void {
    if (this.#end()) this.done(result);
  }

  /** Gives up without a word. */
  cancel(): void {
    this.#end();
  }

  #end(): boolean {
    if (!this.#open) return false;
    this.#open = false;
    this.#timer.cancel();
    this.subject.release();
    return true;
  }
}
