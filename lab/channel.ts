/** The way to a lab's agent: starts programs there, any number at once, and tells what they say and how they end. */
import { connect, type Socket } from 'node:net';
import { constants } from 'node:os';
import { CommandFailed, type Result } from './command.js';
import {
  type Command,
  type Kernel,
  type Order,
  onLines,
  type ProcessInfo,
  type Reply,
  type Request,
  send,
} from './protocol.js';

/** Where the agent listens: a port of 127.0.0.1 or a unix socket. */
export type Address = { readonly port: number } | { readonly path: string };

/** Settings of a program; the output callbacks get text as it comes, not cut at lines. */
export type SpawnOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly onStdout?: (text: string) => void;
  readonly onStderr?: (text: string) => void;
  /** File of the lab for the output of a program that goes on when this process ends. */
  readonly detached?: string;
};

/** Settings of a program run to its end. It is killed, and run throws, after `timeoutMs` (60 s unless said). */
export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
};

/** A program that runs in the lab. `pid` is its number there. */
export type Running = {
  readonly pid: number;
  /** Its end: 128 + the signal's number when a signal ended it, 255 when that cannot be known. Never rejects. */
  readonly exited: Promise<number>;
  readonly write: (text: string) => void;
  /** Closes its standard input. */
  readonly end: () => void;
  readonly kill: (signal?: NodeJS.Signals) => void;
};

const ANSWER_MS = 30_000;

export class Channel {
  constructor(
    readonly address: Address,
    private readonly token: string,
  ) {}

  /** What the lab runs on, once its agent answers; undefined when it does not in time. */
  async ready(timeoutMs: number): Promise<Kernel | undefined> {
    const reply = await this.ask({ op: 'hello', token: this.token }, timeoutMs);
    return reply && 'ready' in reply ? reply.ready : undefined;
  }

  /** From now on the lab ends with this process, however that ends, unless the returned function releases it. */
  async own(): Promise<() => void> {
    const socket = this.open({ op: 'own', token: this.token });
    await new Promise<void>((resolve, reject) => {
      onReplies(socket, () => resolve());
      socket.once('close', () => reject(new Error('the agent closed the connection')));
    });
    return () => send(socket, { release: true });
  }

  /** All processes of the lab. */
  async processes(): Promise<readonly ProcessInfo[]> {
    const reply = await this.ask({ op: 'processes', token: this.token }, ANSWER_MS);
    if (reply === undefined || !('processes' in reply)) throw new Error("the lab's agent does not answer");
    return reply.processes;
  }

  /** Starts a program; throws when it cannot be started. */
  async spawn(argv: readonly string[], options: SpawnOptions = {}): Promise<Running> {
    const { env, detached } = options;
    const command: Command = { argv, ...(env && { env }), ...(detached !== undefined && { detached }) };
    const socket = this.open({ op: 'spawn', token: this.token, ...command });
    return new Promise((resolve, reject) => {
      socket.once('close', () => reject(new Error(`${argv[0]}: the lab's agent does not answer`)));
      const exited = new Promise<number>((exit) => {
        socket.once('close', () => exit(255));
        const failed = (error: string) => reject(new Error(`${argv[0]}: ${error}`));
        const started = (pid: number) => resolve(running(socket, pid, exited));
        onReplies(socket, (reply) => deliver(reply, { ...options, started, failed, exit }));
      });
    });
  }

  /** Runs a program to its end. Throws when it cannot be started or does not end in time, not when it fails. */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
    let stdout = '';
    let stderr = '';
    const { env, timeoutMs = 60_000 } = options;
    const program = await this.spawn(argv, {
      ...(env && { env }),
      onStdout: (text) => {
        stdout += text;
      },
      onStderr: (text) => {
        stderr += text;
      },
    });
    if (options.input !== undefined) program.write(options.input);
    program.end();
    const code = await withDeadline(program, argv, timeoutMs);
    return { code, stdout, stderr };
  }

  /** As run, but gives the standard output alone and throws CommandFailed unless the program exits 0. */
  async output(argv: readonly string[], options: RunOptions = {}): Promise<string> {
    const result = await this.run(argv, options);
    if (result.code !== 0) throw new CommandFailed(argv, result);
    return result.stdout;
  }

  private open(request: Request): Socket {
    const { address } = this;
    const socket = 'port' in address ? connect(address.port, '127.0.0.1') : connect(address.path);
    socket.on('error', () => {});
    send(socket, request);
    return socket;
  }

  private ask(request: Request, timeoutMs: number): Promise<Reply | undefined> {
    const socket = this.open(request);
    return new Promise<Reply | undefined>((resolve) => {
      const timer = setTimeout(() => socket.destroy(), timeoutMs);
      onReplies(socket, resolve);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve(undefined);
      });
    }).finally(() => socket.destroy());
  }
}

type Listeners = SpawnOptions & {
  readonly started: (pid: number) => void;
  readonly failed: (error: string) => void;
  readonly exit: (code: number) => void;
};

function deliver(reply: Reply, to: Listeners): void {
  if ('stdout' in reply) to.onStdout?.(reply.stdout);
  else if ('stderr' in reply) to.onStderr?.(reply.stderr);
  else if ('code' in reply) to.exit(exitCode(reply.code, reply.signal));
  else if ('error' in reply) to.failed(reply.error);
  else if ('pid' in reply) to.started(reply.pid);
}

function onReplies(socket: Socket, reply: (reply: Reply) => void): void {
  onLines(socket, (line) => reply(JSON.parse(line) as Reply));
}

function running(socket: Socket, pid: number, exited: Promise<number>): Running {
  const order = (message: Order) => void send(socket, message);
  return {
    pid,
    exited,
    write: (input) => order({ input }),
    end: () => order({ end: true }),
    kill: (signal = 'SIGTERM') => order({ kill: signal }),
  };
}

function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

async function withDeadline(program: Running, argv: readonly string[], timeoutMs: number): Promise<number> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      program.kill('SIGKILL');
      reject(new Error(`${argv.join(' ')}: not finished after ${timeoutMs} ms`));
    }, timeoutMs);
  });
  return Promise.race([program.exited, late]).finally(() => clearTimeout(timer));
}
