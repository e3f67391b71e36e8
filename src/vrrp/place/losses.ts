/** Tells once a turn of the event loop what another hand took away, each thing once: a burst of events is one loss. */
export class Losses<T extends { readonly track: boolean }> {
  #found: T[] = [];

  /** @param onLost not called with nothing */
  constructor(private readonly onLost: (lost: readonly T[]) => void) {}

  /** What is not tracked is passed over. */
  add(lost: readonly T[]): void {
    const tracked = lost.filter(({ track }) => track);
    if (tracked.length === 0) return;
    if (this.#found.length === 0) setImmediate(() => this.#tell());
    this.#found.push(...tracked);
  }

  /** Nobody misses it any more. */
  forget(): void {
    this.#found = [];
  }

  #tell(): void {
    const lost = [...new Set(this.#found)];
    this.#found = [];
    if (lost.length > 0) this.onLost(lost);
  }
}
