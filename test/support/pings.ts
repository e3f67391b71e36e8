/** A client that pings an address every few milliseconds, and afterwards knows which of its pings had no answer. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { eventually, type Host } from './namespaces.js';

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
    await eventually(`${target} answers`, () => pings.#answers().size > 0);
    return pings;
  }

  /** Ends: the numbers of those without an answer. The last are left out, their answers may be on the way; there must be later ones than now. */
  async stop(): Promise<readonly number[]> {
    const now = Math.max(...this.#answers());
    await eventually('there are answers still', () => Math.max(...this.#answers()) > now);
    const ended = once(this.#child, 'close');
    this.#child.kill('SIGINT');
    await ended;
    const answers = this.#answers();
    return Array.from({ length: Math.max(...answers) }, (_, i) => i + 1).filter(
      (number) => !answers.has(number),
    );
  }

  #answers(): Set<number> {
    return new Set(
      [...this.#output.matchAll(/bytes from .* icmp_seq=(\d+)/g)].map(([, number]) => Number(number)),
    );
  }
}
