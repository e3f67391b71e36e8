/** How configuration files are read: injected, so that everything behind it is pure. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { hasWildcard, matchesName } from './glob.js';

export type Reader = {
  /** The text of a file, or why it cannot be had. */
  readonly read: (file: string) => { readonly text: string } | { readonly error: string };
  /** Plain files a pattern without braces names, in order of name, relative to the directory of the including file. */
  readonly list: (pattern: string, including: string) => readonly string[];
  /** The absolute directory a file is in. */
  readonly directoryOf: (file: string) => string;
};

/** Bytes of one file. */
const LARGEST = 128 * 1024 * 1024;

/** Reads from the machine's file systems. */
export const fileReader: Reader = {
  read: (file) => {
    try {
      return { text: readBounded(file) };
    } catch (error) {
      return { error: (error as Error).message };
    }
  },
  list: (pattern, including) => listFiles(isAbsolute(pattern) ? pattern : join(dirname(including), pattern)),
  directoryOf: (file) => dirname(isAbsolute(file) ? file : join(process.cwd(), file)),
};

/** Any readable thing, also a pipe, but never more than LARGEST. */
function readBounded(file: string): string {
  const descriptor = openSync(file, 'r');
  try {
    const chunks: Buffer[] = [];
    let total = 0;
    while (true) {
      const chunk = Buffer.allocUnsafe(1024 * 1024);
      const length = readSync(descriptor, chunk);
      if (length === 0) return Buffer.concat(chunks).toString('utf8');
      total += length;
      if (total > LARGEST) throw new Error(`larger than ${LARGEST} bytes`);
      chunks.push(chunk.subarray(0, length));
    }
  } finally {
    closeSync(descriptor);
  }
}

function listFiles(pattern: string): readonly string[] {
  const parts = pattern.split('/').filter((part, index) => part !== '' || index === 0);
  let found = [pattern.startsWith('/') ? '/' : ''];
  for (const part of pattern.startsWith('/') ? parts.slice(1) : parts) {
    found = found.flatMap((directory) => step(directory, part));
  }
  return found.filter(isConfigFile);
}

function step(directory: string, part: string): string[] {
  const path = (name: string) => (directory === '' ? name : join(directory, name));
  if (!hasWildcard(part)) return [path(part)];
  try {
    const names = readdirSync(directory === '' ? '.' : directory);
    return names
      .filter((name) => matchesName(part, basename(name)))
      .sort()
      .map(path);
  } catch {
    return [];
  }
}

/** Directories and executable files are passed over, as keepalived does. */
function isConfigFile(file: string): boolean {
  const status = statSync(file, { throwIfNoEntry: false });
  return status?.isFile() === true && (status.mode & 0o111) === 0;
}
