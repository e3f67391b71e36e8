/** Named pipes that are told of every transition, one line each, in order; nobody is waited for. */
import {
  chownSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { errorText, mkfifo } from '../net/libc.js';
import { type AccountNames, resolveAccount } from '../script/account.js';
import type { FifoConfig } from './config.js';

export type Fifo = {
  /** Writes a line whole, or loses it when nobody has read for long. */
  readonly write: (line: string) => void;
  /** Removes the pipe when it was made here. */
  readonly close: () => void;
};

type Warn = (fields: object, text: string) => void;

const MODE = 0o600;

/**
 * Makes the pipe unless it is there, and opens it for reading too, so that writing needs no reader. Where that fails the fault is
 * told and the lines go nowhere.
 */
export function openFifo(config: FifoConfig, warn: Warn): Fifo {
  const { path } = config;
  try {
    const made = make(config);
    const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    return { write: (line) => write(fd, path, line, warn), close: () => shut(fd, path, made) };
  } catch (error) {
    warn({ path }, `FIFO ${path}: ${(error as Error).message}: it is told nothing`);
    return { write: () => {}, close: () => {} };
  }
}

function make({ path, user, group }: FifoConfig): boolean {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there !== undefined) {
    if (!there.isFIFO()) throw new Error('there is something else of this name');
    return false;
  }
  const result = mkfifo(path, MODE);
  if (result < 0) throw new Error(errorText(result));
  if (user !== undefined || group !== undefined) {
    give(path, { ...(user !== undefined && { user }), ...(group !== undefined && { group }) });
  }
  return true;
}

function give(path: string, names: AccountNames): void {
  const account = resolveAccount(
    names,
    readFileSync('/etc/passwd', 'latin1'),
    readFileSync('/etc/group', 'latin1'),
  );
  if ('error' in account) throw new Error(account.error);
  chownSync(path, account.uid ?? process.getuid?.() ?? 0, account.gid ?? process.getgid?.() ?? 0);
}

/** A line is shorter than PIPE_BUF, so the kernel takes it whole or not at all (pipe(7)). */
function write(fd: number, path: string, line: string, warn: Warn): void {
  try {
    writeSync(fd, line);
  } catch (error) {
    warn({ path, line }, `FIFO ${path}: a line is lost: ${(error as Error).message}`);
  }
}

function shut(fd: number, path: string, made: boolean): void {
  closeSync(fd);
  if (made) rmSync(path, { force: true });
}
