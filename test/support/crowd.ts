/** Many clients in one host of the lab: each asks from an address of its own. */
import type { Running } from '../../lab/channel.js';
import type { Host } from '../../lab/host.js';
import { CLIENTS, VIP } from '../../lab/topology.js';
import type { Question } from './ask-each.js';

export type Family = 'v4' | 'v6';

export class Crowd {
  private rest = '';
  private readonly waiting: ((answers: string[]) => void)[] = [];
  private program: Running | undefined;

  private constructor(private readonly family: Family) {}

  static async start(host: Host, family: Family = 'v4'): Promise<Crowd> {
    const crowd = new Crowd(family);
    const argv = ['dist/test/support/ask-each.js', JSON.stringify({ host: VIP[family], port: 80 })];
    const onStdout = (text: string) => crowd.read(text);
    crowd.program = await host.spawn([process.execPath, ...argv], { onStdout });
    return crowd;
  }

  /**
   * Clients are numbers from 1 on. Who answered each, in their order: a server's name, or why nobody did. `fromPort`: their own
   * port; one that was not used for long, unless given.
   */
  ask(clients: readonly number[], fromPort?: number): Promise<string[]> {
    const question: Question = { from: clients.map((n) => this.addressOf(n)), fromPort };
    this.program?.write(`${JSON.stringify(question)}\n`);
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  stop(): void {
    this.program?.kill('SIGKILL');
  }

  private addressOf(n: number): string {
    const [network = ''] = CLIENTS[this.family].split('/');
    if (this.family === 'v6') return `${network}${n.toString(16)}`;
    return network.replace('0.0', `${n >> 8}.${n & 255}`);
  }

  private read(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.waiting.shift()?.(JSON.parse(line) as string[]);
  }
}
