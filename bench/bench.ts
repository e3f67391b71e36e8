/** One measurement. */
export type Bench = {
  readonly name: string;
  readonly summary: string;
  /** Its options, for the list of benches. */
  readonly usage: string;
  /** Resolves to an exit code: 0 when every target is met. */
  readonly run: (args: readonly string[]) => Promise<number>;
};
