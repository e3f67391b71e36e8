/**
 * Has nft hold back what would end connections, one command after another, and without nft does without. A program takes a while
 * to start and the kernel a while for rules, and clients' packets do not wait for them: both can be had beforehand.
 */
import { NftError } from '../nft/errors.js';
import {
  type ClosedConnection,
  EMPTY_HOLD,
  type Hold,
  RELEASE,
  renderClosed,
  renderHeld,
  renderHold,
} from '../nft/hold.js';
import type { NftProgram } from '../nft/program.js';

export type HolderOptions = {
  readonly run: NftProgram;
  readonly onError: (text: string) => void;
};

export type Holder = {
  /** From now on a hold costs no start of a program, and no new rule. */
  readonly prepare: () => void;
  /** What was prepared and not used is not needed any more. */
  readonly dismiss: () => void;
  /** In place of what was held before; it ends by itself after `ms`. */
  readonly hold: (what: Hold, ms: number) => void;
  /** Beside it, for `ms`: nothing but a beginning is taken for one of these. */
  readonly holdClosed: (closed: readonly ClosedConnection[], ms: number) => void;
  readonly release: () => void;
  /** Removes what a predecessor may have left. */
  readonly sweep: () => void;
  /** Resolves when all that was asked for is done. */
  readonly settled: () => Promise<void>;
};

type Help = {
  readonly ready?: Prepared | undefined;
  /** What is tried where the input is refused. */
  readonly otherwise?: () => string;
};

/** A program that waits for what it is to do. */
type Prepared = { readonly give: (input: string) => void; readonly ended: Promise<NftError | undefined> };

export function createHolder({ run, onError }: HolderOptions): Holder {
  let work = Promise.resolve();
  let prepared: Prepared | undefined;
  /** The rules are there, and hold nothing. */
  let laid = false;
  let holding = false;
  let missing = false;
  return {
    prepare: () => {
      if (missing) return;
      if (!laid && !holding) lay();
      prepared ??= begin();
    },
    dismiss: () => {
      take()?.give('');
      if (laid) release();
    },
    hold: (what, ms) => {
      if (missing || what.virtual.length + what.real.length === 0) return;
      const all = () => renderHold(what, ms);
      const ready = take();
      // Another hand may have removed the rules.
      if (laid) follow(renderHeld(what, ms), complain, { ready, otherwise: all });
      else follow(all(), complain, { ready });
      laid = false;
      holding = true;
    },
    holdClosed: (closed, ms) => {
      if (holding && closed.length > 0) follow(renderClosed(closed, ms), complain);
    },
    release: () => {
      if (holding) release();
    },
    // Where there is no nft, or it may not, nothing can have been left.
    sweep: () => {
      laid = false;
      follow(RELEASE, () => {});
    },
    settled: () => work,
  };

  /** What is refused now is tried again; a hold that is refused is told of. */
  function lay(): void {
    laid = true;
    follow(EMPTY_HOLD, (error) => {
      laid = false;
      if (error.reason === 'missing') complain(error);
    });
  }

  function release(): void {
    holding = false;
    laid = false;
    follow(RELEASE, complain);
  }

  /** One that ends while it waits is of no use any more. */
  function begin(): Prepared {
    let give: Prepared['give'] = () => {};
    const input = new Promise<string>((resolve) => {
      give = resolve;
    });
    const mine = { give, ended: attempt(input) };
    void mine.ended.then((error) => {
      if (prepared !== mine) return;
      prepared = undefined;
      if (error?.reason === 'missing') complain(error);
    });
    return mine;
  }

  function take(): Prepared | undefined {
    const taken = prepared;
    prepared = undefined;
    return taken;
  }

  function complain(error: NftError): void {
    if (missing) return;
    missing = error.reason === 'missing';
    onError(error.message);
  }

  function follow(input: string, failed: (error: NftError) => void, { ready, otherwise }: Help = {}): void {
    work = work.then(async () => {
      ready?.give(input);
      const error = await (ready?.ended ?? attempt(input));
      const last = error && otherwise ? await attempt(otherwise()) : error;
      if (last !== undefined) failed(last);
    });
  }

  async function attempt(input: string | Promise<string>): Promise<NftError | undefined> {
    const operation = 'hold connections';
    try {
      const { code, error } = await run({ operation, args: ['-f', '-'], input });
      return code === 0
        ? undefined
        : new NftError(operation, 'refused', error.trim().split('\n', 1).join(''));
    } catch (error) {
      if (error instanceof NftError) return error;
      throw error;
    }
  }
}
