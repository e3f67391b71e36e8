/**
 * Tells once a turn of the event loop what another hand took away, each thing once: a burst of events is one loss. What goes with an
 * interface that fell, and was put back, is no loss of its own.
 */
import type { RouteEvent } from '../../net/route/events.js';

export type LossesOptions<T> = {
  /** Whether it goes when this interface does. */
  readonly isOn: (each: T, name: string) => boolean;
  /** Not called with nothing. */
  readonly onLost: (lost: readonly T[]) => void;
};

export class Losses<T extends { readonly track: boolean }> {
  readonly #options: LossesOptions<T>;
  #found: T[] = [];
  /** Interfaces of which the kernel has not said yet that they are back: what it tells of them meanwhile is older than that. */
  readonly #fallen = new Set<string>();

  constructor(options: LossesOptions<T>) {
    this.#options = options;
  }

  /** An interface was deleted or set down, is put back, and what was on it is put back by whoever says so. */
  fell(name: string): void {
    this.#fallen.add(name);
    this.#found = this.#found.filter((each) => !this.#isOnFallen(each));
  }

  /** Takes in what happened in the kernel. To be called before what was lost by it is added. */
  accept(event: RouteEvent): void {
    if (event.kind === 'overrun') this.#fallen.clear();
    if (event.kind === 'link' && event.change === 'new' && event.link.running) {
      this.#fallen.delete(event.link.name);
    }
  }

  /** What is not tracked is passed over. */
  add(lost: readonly T[]): void {
    const news = lost.filter((each) => each.track && !this.#isOnFallen(each));
    if (news.length === 0) return;
    if (this.#found.length === 0) setImmediate(() => this.#tell());
    this.#found.push(...news);
  }

  /** Nobody misses it any more. */
  forget(): void {
    this.#found = [];
  }

  #isOnFallen(each: T): boolean {
    return [...this.#fallen].some((name) => this.#options.isOn(each, name));
  }

  #tell(): void {
    const lost = [...new Set(this.#found)];
    this.#found = [];
    if (lost.length > 0) this.#options.onLost(lost);
  }
}
