/** The crowd client as tests see it: starts it in a host of the lab, once, and has it do one thing after another. */
import type { Running } from '../../lab/channel.js';
import type { Host } from '../../lab/host.js';
import type { CrowdOrder, CrowdResult } from './crowd-client.js';

export class Visitors {
  private rest = '';
  private readonly waiting: ((result: CrowdResult) => void)[] = [];

  private constructor(private readonly program: Promise<Running>) {}

  static async start(host: Host): Promise<Visitors> {
    const argv = [process.execPath, '--enable-source-maps', 'dist/test/support/crowd-client.js'];
    let visitors: Visitors | undefined;
    visitors = new Visitors(host.spawn(argv, { onStdout: (text) => visitors?.read(text) }));
    await visitors.program;
    return visitors;
  }

  async obey(order: CrowdOrder): Promise<CrowdResult> {
    const program = await this.program;
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      program.write(`${JSON.stringify(order)}\n`);
    });
  }

  private read(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.waiting.shift()?.(JSON.parse(line) as CrowdResult);
  }
}
