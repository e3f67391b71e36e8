/** Asks a child for a sign of life again and again, and tells when there is none. */
import type { Clock, Timer } from '../clock.js';
import { ASK_MS, asked, RUNNING, type Silence, STARTING, withLook } from './silence.js';

export type VigilOptions = {
  readonly clock: Clock;
  /** Asks it; the answer is for `heard`. */
  readonly ask: () => void;
  /** It has been silent for some time, and will be given up after `endMs`. */
  readonly onSilent: (silentMs: number, endMs: number) => void;
  /** After `onSilent`: it has answered. */
  readonly onAnswer: () => void;
  /** It is given up. The vigil is over. */
  readonly onHung: (silentMs: number) => void;
};

export class Vigil {
  readonly #options: VigilOptions;
  /** While an answer is waited for. */
  #silence: Silence | undefined;
  #limits = STARTING;
  #lookedAt: number;
  #timer: Timer | undefined;
  #heardAt: number;

  constructor(options: VigilOptions) {
    this.#options = options;
    this.#lookedAt = options.clock.now();
    this.#heardAt = this.#lookedAt;
    this.#lookLater();
  }

  /** When it last gave a sign of life. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** It has been for so long that it hangs, or the machine does. */
  get silent(): boolean {
    return this.#silence !== undefined && this.#silence.lastedMs >= this.#limits.warnMs;
  }

  /** It works: from now on it is to answer sooner. */
  ready(): void {
    this.#limits = RUNNING;
  }

  heard(): void {
    const told = this.#silence?.told === true;
    this.#silence = undefined;
    this.#heardAt = this.#options.clock.now();
    if (told) this.#options.onAnswer();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #lookLater(): void {
    const { clock } = this.#options;
    this.#timer = clock.wake(clock.now() + ASK_MS, () => this.#look());
  }

  #look(): void {
    const { clock, ask, onSilent, onHung } = this.#options;
    const sinceMs = clock.now() - this.#lookedAt;
    this.#lookedAt = clock.now();
    if (this.#silence === undefined) {
      this.#silence = asked;
      ask();
    } else {
      const before = this.#silence.lastedMs;
      const { silence, verdict } = withLook(this.#silence, sinceMs, this.#limits);
      this.#silence = silence;
      if (verdict === 'warn') onSilent(before, this.#limits.endMs);
      if (verdict === 'end') {
        onHung(before);
        return;
      }
    }
    this.#lookLater();
  }
}
