/** Runs the program nft: never in the way of the event loop, with a deadline, and its output within bounds. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Clock, Timer } from '../clock.js';
import { NftError } from './errors.js';

export type NftCommand = {
  /** For errors: `write table`. */
  readonly operation: string;
  readonly args: readonly string[];
  /** Where it is promised, the program is started beforehand and waits for it, before the deadline begins. */
  readonly input?: string | Promise<string>;
  /** Takes the output piece by piece; without it, it is collected. Throwing ends the program. */
  readonly onOutput?: (piece: string) => void;
};

export type NftResult = {
  readonly code: number;
  /** What it printed, unless onOutput took it. */
  readonly output: string;
  /** The beginning of what it complained of. */
  readonly error: string;
};

/** The lowest seam: tests put a fake in its place. Rejects with an NftError when nft could not run to its end. */
export type NftProgram = (command: NftCommand) => Promise<NftResult>;

export type ProgramOptions = {
  readonly clock: Clock;
  /** Name or path of the program. */
  readonly file?: string;
  readonly deadlineMs?: number;
  /** Characters of output collected. */
  readonly maxOutput?: number;
};

const DEADLINE_MS = 30_000;
const MAX_OUTPUT = 32 << 20;
const MAX_ERROR = 2000;
/** nft looks for its messages in the language of the environment; they are compared here. */
const ENVIRONMENT = { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

export function createNftProgram(options: ProgramOptions): NftProgram {
  const { clock, file = 'nft', deadlineMs = DEADLINE_MS, maxOutput = MAX_OUTPUT } = options;
  return (command) =>
    new Promise((resolve, reject) => {
      const { operation, args, input = '' } = command;
      const child = spawn(file, args, { stdio: 'pipe', env: ENVIRONMENT });
      let timer: Timer | undefined;
      let ended = false;
      const said = collect(child, { command, maxOutput, fail });
      child.once('error', (error) => fail(notStarted(operation, file, error)));
      child.once('close', (code, signal) => {
        end();
        if (signal !== null) fail(new NftError(operation, 'refused', `${file} was ended by ${signal}`));
        resolve({ code: code ?? 1, ...said() });
      });
      // A program that ends before it has read everything says why itself.
      child.stdin.on('error', () => {});
      if (typeof input === 'string') begin(input);
      else void input.then(begin);

      function begin(text: string): void {
        if (ended) return;
        timer = clock.wake(clock.now() + deadlineMs, () =>
          fail(new NftError(operation, 'timeout', `no answer from ${file} within ${deadlineMs} ms`)),
        );
        child.stdin.end(text);
      }

      function end(): void {
        ended = true;
        timer?.cancel();
      }

      function fail(error: Error): void {
        end();
        child.kill('SIGKILL');
        reject(error);
      }
    });
}

type Collecting = {
  readonly command: NftCommand;
  readonly maxOutput: number;
  readonly fail: (error: Error) => void;
};

function collect(child: ChildProcessWithoutNullStreams, { command, maxOutput, fail }: Collecting) {
  let output = '';
  let error = '';
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  child.stdout.on('data', (piece: string) => {
    if (command.onOutput === undefined) output += piece;
    else attempt(() => command.onOutput?.(piece));
    if (output.length > maxOutput) {
      output = '';
      fail(new NftError(command.operation, 'unreadable', `more than ${maxOutput} characters of output`));
    }
  });
  child.stderr.on('data', (piece: string) => {
    error = (error + piece).slice(0, MAX_ERROR);
  });
  return () => ({ output, error });

  function attempt(take: () => void): void {
    try {
      take();
    } catch (thrown) {
      fail(new NftError(command.operation, 'unreadable', (thrown as Error).message));
    }
  }
}

function notStarted(operation: string, file: string, error: NodeJS.ErrnoException): NftError {
  if (error.code !== 'ENOENT') return new NftError(operation, 'refused', `${file}: ${error.message}`);
  return new NftError(operation, 'missing', `there is no program ${file}: install the package nftables`);
}
