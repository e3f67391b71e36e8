/** Changes that are in no hurry, made on the thread pool: see `changeLater` of the socket. */
import { access } from 'node:fs';
import type { Change, Outcome, RouteSocket } from './socket.js';

/** What a send may hold (see `socket.ts`). */
const MOST_AT_ONCE = 64;
/** More than that waiting means that the kernel has stood still for long: the oldest are given up, as newer ones follow. */
const MOST_WAITING = 8192;

export type LaterChange = {
  readonly change: Change;
  /** Asked when its turn has come: whether it should still be made. */
  readonly wanted: () => boolean;
  readonly done: (outcome: Outcome) => void;
};

/** Calls back as soon as a thread of the pool has had nothing else to do. */
export type PoolTurn = (done: () => void) => void;

/** Many small orders become few large ones: what is asked for while one is under way goes together in the next. */
export class LaterChanges {
  readonly #socket: RouteSocket;
  readonly #poolTurn: PoolTurn;
  #waiting: LaterChange[] = [];
  #busy = false;

  /** The socket is used for nothing else. */
  constructor(socket: RouteSocket, poolTurn: PoolTurn = (done) => access('/', done)) {
    this.#socket = socket;
    this.#poolTurn = poolTurn;
  }

  /** Asks the thread pool for a sign of life: the answer tells whether it has still given none. */
  probe(): () => boolean {
    let silent = true;
    this.#poolTurn(() => {
      silent = false;
    });
    return () => silent;
  }

  /** Makes a change some time soon, in order of asking; `done` is told what became of it, if it is wanted until then. */
  push(change: LaterChange): void {
    this.#waiting.push(change);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    if (!this.#busy) this.#next();
  }

  #next(): void {
    this.#waiting = this.#waiting.filter(({ wanted }) => wanted());
    const batch = this.#waiting.splice(0, MOST_AT_ONCE);
    if (batch.length === 0) return;
    this.#busy = true;
    this.#socket.changeLater(
      batch.map(({ change }) => change),
      (outcomes) => {
        this.#busy = false;
        for (const [index, { done }] of batch.entries()) done(outcomes[index]);
        this.#next();
      },
    );
  }
}
