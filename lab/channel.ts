/** The way to a lab's agent: starts programs there, any number at once, and tells what they say and how they end. */
import { constants } from 'node:os';
import { CommandFailed, type Result } from './command.js';
import { type Address, Connection, type Sent } from './connection.js';
import type { Kernel, ProcessInfo, Reply, Request } from './protocol.js';

/** Settings of a program; the output callbacks get text as it comes, not cut at lines. */
export type SpawnOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly onStdout?: (text: string) => void;
  readonly onStderr?: (text: string) => void;
};

/** Settings of a program run to its end. It is killed, and run throws, after `timeoutMs` (3 minutes unless said). */
export type RunOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly timeoutMs?: number;
};

/** A program that runs in the lab. `pid` is its number there. */
export type Running = {
  readonly pid: number;
  /** Its end: 128 + the signal's number when a signal ended it, 255 when the lab itself ended. Never rejects. */
  readonly exited: Promise<number>;
  readonly write: (text: string) => void;
  /** Closes its standard input. */
  readonly end: () => void;
  readonly kill: (signal?: NodeJS.Signals) => void;
};

/** A machine with nothing else to do answers at once. */
const ANSWER_MS = 180_000;

export class Channel {
  private readonly connection: Connection;

  /** `why`: what there is to say when the connection is lost. */
  constructor(address: Address, token: string, why: () => string) {
    this.connection = new Connection(address, token, why);
  }

  /** What the lab runs on. Throws, as all that ask the agent do, when it does not answer. */
  async hello(): Promise<Kernel> {
    const reply = await this.ask({ op: 'hello' });
    if ('ready' in reply) return reply.ready;
    throw new Error('the agent did not say hello');
  }

  /** From now on the lab ends with this process, however that ends. */
  async own(): Promise<void> {
    await this.ask({ op: 'own' });
  }

  /** From now on the lab goes on without this process. */
  async disown(): Promise<void> {
    await this.ask({ op: 'disown' });
  }

  /** All processes of the lab. */
  async processes(): Promise<readonly ProcessInfo[]> {
    const reply = await this.ask({ op: 'processes' });
    return 'processes' in reply ? reply.processes : [];
  }

  close(): void {
    this.connection.close();
  }

  /** Starts a program; throws when it cannot be started. */
  spawn(argv: readonly string[], options: SpawnOptions = {}): Promise<Running> {
    const request: Request = { op: 'spawn', argv, ...(options.env && { env: options.env }) };
    return new Promise((resolve, reject) => {
      let exit: (code: number) => void = () => {};
      const exited = new Promise<number>((ended) => {
        exit = ended;
      });
      const failed = (error: string) => {
        reject(new Error(`${argv[0]}: ${error}`));
        exit(255);
      };
      const started = (pid: number) => resolve(running(sent, pid, exited));
      const sent = this.connection.request(request, (reply) =>
        deliver(reply, { ...options, started, failed, exit }),
      );
    });
  }

  /** Starts a program that goes on when this process ends; its output is added to the file. Gives its number. */
  async launch(argv: readonly string[], file: string): Promise<number> {
    const reply = await this.ask({ op: 'launch', argv, file });
    return 'pid' in reply ? reply.pid : 0;
  }

  /** Runs a program to its end. Throws when it cannot be started or does not end in time, not when it fails. */
  async run(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
    let stdout = '';
    let stderr = '';
    const { env, timeoutMs = ANSWER_MS } = options;
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

  private ask(request: Request): Promise<Reply> {
    return new Promise<Reply>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`the lab's agent does not answer to ${request.op}`)),
        ANSWER_MS,
      );
      this.connection.request(request, (reply) => {
        clearTimeout(late);
        if ('error' in reply) reject(new Error(reply.error));
        else resolve(reply);
      });
    });
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
  else if ('started' in reply) to.started(reply.started);
}

function running(sent: Sent, pid: number, exited: Promise<number>): Running {
  return {
    pid,
    exited,
    write: (input) => sent.order({ input }),
    end: () => sent.order({ end: true }),
    kill: (signal = 'SIGTERM') => sent.order({ kill: signal }),
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
