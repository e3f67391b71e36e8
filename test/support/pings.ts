/** A client that pings an address every few milliseconds, and afterwards knows which of its pings had no answer. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually, type Host } from './namespaces.js';

export type Tally = {
  readonly answered: number;
  /** Numbers of those without an answer, in order. */
  readonly lost: readonly number[];
};

export class Pings {
  #output = '';
  readonly #child: ChildProcess;

  private constructor(host: Host, target: string, everyMs: number) {
    this.#child = host.start(`ping -n -i ${everyMs / 1000} ${target}`);
    this.#child.stdout?.on('data', (data: Buffer) => {
      this.#output += data.toString();
    });
  }

  /** Begins, and returns when the first has been answered. */
  static async start(host: Host, target: string, everyMs = 5): Promise<Pings> {
    const pings = new Pings(host, target, everyMs);
    await eventually(`${target} answers`, () => pings.#answers().size > 0, 10_000);
    return pings;
  }

  /** Ends. What was sent last is left out: its answer may be on its way. */
  async stop(): Promise<Tally> {
    const until = Math.max(...this.#answers());
    await eventually('it is answered still', () => Math.max(...this.#answers()) > until, 10_000);
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGINT');
    await ended;
    const answers = this.#answers();
    const last = Math.max(...answers);
    const lost = Array.from({ length: last }, (_, i) => i + 1).filter((number) => !answers.has(number));
    return { answered: answers.size, lost };
  }

  #answers(): Set<number> {
    return new Set(
      [...this.#output.matchAll(/bytes from .* icmp_seq=(\d+)/g)].map(([, number]) => Number(number)),
    );
  }
}
