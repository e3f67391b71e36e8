/** Real little programs for the tests, and waiting for what they do. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Script } from '../../src/script.js';
import { PATIENCE_MS } from './patience.js';

/** `/bin/sh -c TEXT`, with words as $1, $2 … */
export function shell(text: string, ...words: string[]): Script {
  return { argv: ['/bin/sh', '-c', text, 'sh', ...words] };
}

export type Folder = {
  readonly path: (name: string) => string;
  /** Writes a file, executable unless the mode says otherwise, and returns its path. */
  readonly write: (name: string, text: string, mode?: number) => string;
  /** The lines of a file; none when it does not exist. */
  readonly lines: (name: string) => string[];
  readonly remove: () => void;
};

/** A folder for the tests of a describe, made when they begin and removed after them. */
export function useFolder(): () => string {
  let folder: string | undefined;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lvsd-test-'));
  });
  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });
  return () => {
    if (folder === undefined) throw new Error('the folder is there only while tests run');
    return folder;
  };
}

/** A folder of its own that every user may enter and write to. */
export function createFolder(): Folder {
  const folder = mkdtempSync(join(tmpdir(), 'lvsd-test-'));
  chmodSync(folder, 0o777);
  const path = (name: string) => join(folder, name);
  return {
    path,
    write: (name, text, mode = 0o755) => {
      writeFileSync(path(name), text);
      chmodSync(path(name), mode);
      return path(name);
    },
    lines: (name) =>
      existsSync(path(name)) ? readFileSync(path(name), 'utf8').split('\n').filter(Boolean) : [],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Waits for something that real processes bring about; gives up, as a failure, before mocha does. */
export async function until(condition: () => boolean): Promise<void> {
  const endAt = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > endAt) throw new Error(`never came true: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Whether a process is there and not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Ends a process, which may have ended by itself. Never 0 or less: a signal to those would reach many. */
export function endProcess(pid: number): void {
  if (!(pid > 0)) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone.
  }
}
