/**
 * Has nft hold back what would end connections, one command after another, and without nft does without. A program takes a while
 * to start, and clients' packets do not wait for it: it can be started beforehand.
 */
import { NftError } from '../nft/errors.js';
import { type ClosedConnection, type Hold, RELEASE, renderClosed, renderHold } from '../nft/hold.js';
import type { NftProgram } from '../nft/program.js';

export type HolderOptions = {
  readonly run: NftProgram;
  readonly onError: (text: string) => void;
};

export type Holder = {
  /** From now on a hold costs no start of a program. */
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

/** A program that waits for what it is to do. */
type Prepared = { readonly give: (input: string) => void; readonly ended: Promise<NftError | undefined> };

export function createHolder({ run, onError }: HolderOptions): Holder {
  let work = Promise.resolve();
  let prepared: Prepared | undefined;
  let holding = false;
  let missing = false;
  return {
    prepare: () => {
      if (!missing) prepared ??= begin();
    },
    dismiss: () => take()?.give(''),
    hold: (what, ms) => {
      if (missing || what.virtual.length + what.real.length === 0) return;
      holding = true;
      const ready = take();
      follow(renderHold(what, ms), complain, ready);
    },
    holdClosed: (closed, ms) => {
      if (holding && closed.length > 0) follow(renderClosed(closed, ms), complain);
    },
    release: () => {
      if (!holding) return;
      holding = false;
      follow(RELEASE, complain);
    },
    // Where there is no nft, or it may not, nothing can have been left.
    sweep: () => follow(RELEASE, () => {}),
    settled: () => work,
  };

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

  function follow(input: string, failed: (error: NftError) => void, ready?: Prepared): void {
    work = work.then(async () => {
      ready?.give(input);
      const error = await (ready?.ended ?? attempt(input));
      if (error !== undefined) failed(error);
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
