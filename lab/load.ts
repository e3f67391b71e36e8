/** The load client as tests see it: starts it in a host, and has what it was answered. */
import { join } from 'node:path';
import type { Running } from './channel.js';
import type { ClientLine, ClientOptions } from './client.js';
import type { Host } from './host.js';
import { compiled } from './paths.js';
import type { Asked } from './request.js';
import { VIP } from './topology.js';

/** Something done to the lab, at the load client's wall time. */
export type Mark = { readonly text: string; readonly at: number };

const DEFAULTS: ClientOptions = { host: VIP.v4, port: 80, path: '/', deadlineMs: 2_000, rate: 50 };

export class Load {
  readonly requests: Asked[] = [];
  private rest = '';
  private readonly waiting: ((mark: Mark) => void)[] = [];
  private program: Running | undefined;
  private complaint = '';

  /** Asks http://10.0.0.100/ 50 times a second unless the options say something else. Returns when it has begun. */
  static async start(host: Host, options: Partial<ClientOptions> = {}): Promise<Load> {
    const load = new Load();
    const argv = [process.execPath, join(compiled, 'client.js'), JSON.stringify({ ...DEFAULTS, ...options })];
    load.program = await host.spawn(argv, {
      onStdout: (text) => load.read(text),
      onStderr: (text) => {
        load.complaint += text;
      },
    });
    await load.mark('begun');
    return load;
  }

  /** Notes that something is about to be done. What began before the mark was asked before it was done. */
  async mark(text: string): Promise<Mark> {
    const program = this.program;
    if (program === undefined) throw new Error('the load client has not been started');
    const marked = new Promise<Mark>((resolve) => this.waiting.push(resolve));
    program.write(`${text}\n`);
    const ended = program.exited.then((code) => {
      throw new Error(`the load client ended with ${code}: ${this.complaint}`);
    });
    return Promise.race([marked, ended]);
  }

  /** Asks no more, waits for what is under way, and gives all requests. */
  async stop(): Promise<readonly Asked[]> {
    this.program?.end();
    const code = await this.program?.exited;
    if (code !== 0) throw new Error(`the load client ended with ${code}: ${this.complaint}`);
    return this.requests;
  }

  private read(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.take(JSON.parse(line) as ClientLine);
  }

  private take(line: ClientLine): void {
    if ('mark' in line) this.waiting.shift()?.({ text: line.mark, at: line.at });
    else this.requests.push(...line);
  }
}
