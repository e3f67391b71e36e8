/** What can go wrong with nftables, as data. */

/**
 * `missing`: there is no program nft. `refused`: it, or the kernel, would not. `timeout`: no answer in time.
 * `unreadable`: what it printed is not understood, or too much.
 */
export type NftReason = 'missing' | 'refused' | 'timeout' | 'unreadable';

export class NftError extends Error {
  override readonly name = 'NftError';

  constructor(
    /** What was being done: `read table`, `write table`, … */
    readonly operation: string,
    readonly reason: NftReason,
    detail: string,
  ) {
    super(`nftables: ${operation}: ${detail}`);
  }
}
