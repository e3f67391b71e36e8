/** Has nft hold back what would end connections, one command after another, and without nft does without. */
import { NftError } from '../nft/errors.js';
import { type Hold, RELEASE, renderHold } from '../nft/hold.js';
import type { NftProgram } from '../nft/program.js';

export type HolderOptions = {
  readonly run: NftProgram;
  readonly onError: (text: string) => void;
};

export type Holder = {
  /** In place of what was held before; it ends by itself after `ms`. */
  readonly hold: (what: Hold, ms: number) => void;
  readonly release: () => void;
  /** Removes what a predecessor may have left. */
  readonly sweep: () => void;
  /** Resolves when all that was asked for is done. */
  readonly settled: () => Promise<void>;
};

export function createHolder({ run, onError }: HolderOptions): Holder {
  let work = Promise.resolve();
  let holding = false;
  let missing = false;
  return {
    hold: (what, ms) => {
      if (missing || what.virtual.length + what.real.length === 0) return;
      holding = true;
      follow(renderHold(what, ms), complain);
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

  function complain(error: NftError): void {
    if (missing) return;
    missing = error.reason === 'missing';
    onError(error.message);
  }

  function follow(input: string, failed: (error: NftError) => void): void {
    work = work.then(async () => {
      const error = await attempt(input);
      if (error !== undefined) failed(error);
    });
  }

  async function attempt(input: string): Promise<NftError | undefined> {
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
