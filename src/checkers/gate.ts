/** Lets no more than so many checks hold a socket at a time; the others wait their turn. */

const NOTHING = () => undefined;

export class Gate {
  readonly #queue = new Set<() => void>();
  #inside = 0;

  constructor(readonly limit: number) {}

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  /** Calls `start` now or when there is room; it then owes one `leave`. What comes back gives the turn up before that. */
  enter(start: () => void): () => void {
    if (this.#inside < this.limit) {
      this.#inside++;
      start();
      return NOTHING;
    }
    const turn = () => start();
    this.#queue.add(turn);
    return () => void this.#queue.delete(turn);
  }

  leave(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#inside--;
      return;
    }
    this.#queue.delete(next);
    next();
  }
}
