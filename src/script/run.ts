/**
 * Runs one program for the daemon: argument vector, user, deadline, a process group of its own, output kept within bounds.
 * It is executed, never handed to a shell; where keepalived would (a file that is not executable) the result says it could not be
 * started. As execvp(3) has it, the name is looked for in PATH, and an executable text without `#!` is read by /bin/sh.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Clock, Timer } from '../clock.js';
import type { Script } from '../script.js';
import { type Account, resolveAccount } from './account.js';
import { collectOutput } from './output.js';

export type RunOptions = {
  readonly clock: Clock;
  /** After this the whole process group gets SIGTERM, and SIGKILL 2 s later. Absent: it may run for ever. */
  readonly deadlineMs?: number | undefined;
  /** Added to the daemon's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the script as the deadline does. */
  readonly signal?: AbortSignal;
};

export type ScriptResult = {
  readonly outcome: ScriptOutcome;
  /** The first 4 KiB of standard output and error together. */
  readonly output: string;
  readonly durationMs: number;
};

export type ScriptOutcome =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timed-out'; readonly afterMs: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'not-started'; readonly reason: string };

export const KILL_AFTER_MS = 2_000;

/** How long output already written is still collected when something the script left behind holds the pipe. */
const LAST_OUTPUT_MS = 100;

/** What the dynamic linker, a shell or Node would take as an order from us. */
const FORBIDDEN_ENV = [
  'LD_PRELOAD',
  'IFS',
  'NODE_CHANNEL_FD',
  'NODE_CHANNEL_SERIALIZATION_MODE',
  'NODE_UNIQUE_ID',
];

/** Runs a script to its end. Never rejects; returns at once, and nobody needs to await it. */
export function runScript(script: Script, options: RunOptions): Promise<ScriptResult> {
  const startedAt = options.clock.now();
  const child = options.signal?.aborted ? { outcome: CANCELLED } : start(script, options);
  if ('outcome' in child) return Promise.resolve({ outcome: child.outcome, output: '', durationMs: 0 });
  return new Promise((resolve) => {
    const output = collectOutput(child);
    supervise(child, options, (outcome) => {
      const durationMs = options.clock.now() - startedAt;
      resolve({ outcome, output: output.text(), durationMs });
    });
  });
}

const CANCELLED = { kind: 'cancelled' } as const;

function start({ argv, ...names }: Script, { env }: RunOptions): ChildProcess | { outcome: ScriptOutcome } {
  const [file = '', ...args] = argv;
  const account = lookUpAccount(names);
  if ('error' in account) return { outcome: { kind: 'not-started', reason: account.error } };
  const options: SpawnOptions = {
    ...account,
    cwd: '/',
    env: environment(env),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  };
  try {
    return spawn(file, args, options);
  } catch (error) {
    return { outcome: { kind: 'not-started', reason: describeError(file, error as Error) } };
  }
}

/** Follows a child until it ends by itself or is made to, and says once how. */
function supervise(child: ChildProcess, options: RunOptions, done: (outcome: ScriptOutcome) => void): void {
  const { clock, deadlineMs, signal } = options;
  let forced: ScriptOutcome | undefined;
  let killing: Timer | undefined;
  const deadline =
    deadlineMs === undefined
      ? undefined
      : clock.wake(clock.now() + deadlineMs, () => end({ kind: 'timed-out', afterMs: deadlineMs }));
  const cancel = () => end(CANCELLED);
  signal?.addEventListener('abort', cancel, { once: true });
  const finish = once((outcome: ScriptOutcome) => {
    deadline?.cancel();
    signal?.removeEventListener('abort', cancel);
    done(outcome);
  });

  child.once('error', (error) => {
    if (child.pid === undefined)
      finish({ kind: 'not-started', reason: describeError(child.spawnfile, error) });
  });
  child.once('exit', (code, by) => {
    deadline?.cancel();
    // Members that outlive the leader keep the group's number from being used again, so the pending SIGKILL cannot hit strangers.
    if (!signalGroup(child, 0)) killing?.cancel();
    const outcome = forced ?? (by ? { kind: 'signalled', signal: by } : { kind: 'exited', code: code ?? 0 });
    afterOutput(child, clock, () => finish(outcome));
  });

  function end(outcome: ScriptOutcome): void {
    if (forced || child.pid === undefined) return;
    forced = outcome;
    signalGroup(child, 'SIGTERM');
    killing = clock.wake(clock.now() + KILL_AFTER_MS, () => {
      signalGroup(child, 'SIGKILL');
      // Not even SIGKILL ends a process that hangs in the kernel; whoever waits must not hang with it.
      finish(outcome);
    });
  }
}

/** Calls back when all output has been read, or shortly after, when a process left behind keeps the pipe open. */
function afterOutput(child: ChildProcess, clock: Clock, callback: () => void): void {
  const last = clock.wake(clock.now() + LAST_OUTPUT_MS, callback);
  child.once('close', () => {
    last.cancel();
    callback();
  });
}

function once<T>(callback: (value: T) => void): (value: T) => void {
  let called = false;
  return (value) => {
    if (!called) callback(value);
    called = true;
  };
}

/** Whether the process group has a member (that the signal reached). */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

function lookUpAccount(names: Omit<Script, 'argv'>): Account | { readonly error: string } {
  if (names.user === undefined && names.group === undefined) return {};
  try {
    return resolveAccount(names, readFileSync('/etc/passwd', 'latin1'), readFileSync('/etc/group', 'latin1'));
  } catch (error) {
    return { error: `user "${names.user}": ${(error as Error).message}` };
  }
}

function environment(more: RunOptions['env']): NodeJS.ProcessEnv {
  const env = { ...process.env, ...more };
  for (const name of FORBIDDEN_ENV) delete env[name];
  return env;
}

function describeError(file: string, error: NodeJS.ErrnoException): string {
  const name = `script "${file}"`;
  switch (error.code) {
    case 'ENOENT':
      return `${name}: no such file, or no such interpreter as its first line names`;
    case 'EACCES':
      return `${name}: not executable for its user`;
    case 'EPERM':
      return `${name}: only root may run it as another user`;
    case 'EAGAIN':
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
      return `${name}: no process or file descriptor to spare (${error.code})`;
    default:
      return `${name}: ${error.message}`;
  }
}
