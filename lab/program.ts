/** A program the agent has started for a request: tells the connection what it says and how it ends. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type Command, type Order, type Reply, send } from './protocol.js';

export class Program {
  private readonly child: ChildProcessWithoutNullStreams;

  /** `ended` is called once, when no more orders can be taken. */
  constructor(
    private readonly socket: Socket,
    private readonly id: number,
    command: Command,
    ended: () => void,
  ) {
    const [file = '', ...args] = command.argv;
    this.child = spawn(file, args, { env: { ...process.env, ...command.env }, detached: true });
    this.child.once('error', (error) => this.say({ error: error.message }));
    this.child.once('error', ended);
    this.child.once('close', ended);
    if (this.child.pid !== undefined) this.report(this.child.pid);
  }

  obey(order: Order): void {
    if ('input' in order) this.child.stdin.write(order.input);
    else if ('end' in order) this.child.stdin.end();
    else this.child.kill(order.kill);
  }

  /** Nobody listens any more: ends the program and what it started. */
  abandon(): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      this.child.kill('SIGKILL');
    }
  }

  private report(pid: number): void {
    const { stdout, stderr, stdin } = this.child;
    this.say({ started: pid });
    this.relay(stdout, (text) => ({ stdout: text }));
    this.relay(stderr, (text) => ({ stderr: text }));
    stdin.on('error', () => {});
    this.child.once('close', (code, signal) => this.say({ code, signal }));
  }

  private relay(from: Readable, reply: (text: string) => Reply): void {
    from.setEncoding('utf8');
    from.on('data', (text: string) => {
      if (this.say(reply(text))) return;
      from.pause();
      this.socket.once('drain', () => from.resume());
    });
  }

  private say(reply: Reply): boolean {
    return send(this.socket, this.id, reply);
  }
}

/** Starts a program that no connection holds; its output is added to the file. */
export function launch(argv: readonly string[], file: string, say: (reply: Reply) => void): void {
  const [program = '', ...args] = argv;
  const output = openSync(file, 'a');
  const child = spawn(program, args, { stdio: ['ignore', output, output], detached: true });
  closeSync(output);
  child.once('error', (error) => say({ error: error.message }));
  child.once('spawn', () => say({ pid: child.pid ?? 0 }));
}
