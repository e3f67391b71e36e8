/**
 * What a process must still know when it was killed and started again: a JSON file in the state directory. It is written on the thread
 * pool, for a busy disk takes hundreds of milliseconds to take a file, and adverts do not wait.
 */
import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../clock.js';
import { type Complaints, createComplaint } from '../complaint.js';

/** Changes within this time are written together: what a killed process forgets. */
const GATHER_MS = 50;
/** A large state takes long to put into words: the gathering grows with it, so that this never takes more than a 20th of the time. */
const GATHER_PER_WRITE = 20;
/** What could not be written is tried again. */
const RETRY_MS = 1000;

export type StateFile<T> = {
  /** What the predecessor saved, if it ran since the machine booted (after a boot the kernel's tables are empty). */
  readonly load: () => T | undefined;
  /** Something changed: `state()` will be asked for and written soon. */
  readonly touch: () => void;
  /** Writes at once what is waiting to be written; resolves when all is. */
  readonly flush: () => Promise<void>;
  /** A clean end leaves nothing to adopt; resolves when it is gone. */
  readonly remove: () => Promise<void>;
};

export type StateFileOptions<T> = Complaints & {
  readonly directory: string;
  /** `lvs` is kept in `lvs.json`. */
  readonly name: string;
  readonly clock: Clock;
  readonly state: () => T;
};

/** A file is of no use to a version that would read it differently. */
const FORMAT = 1;

type Content<T> = { readonly format: number; readonly bootId: string; readonly state: T };

export function createStateFile<T>({
  directory,
  name,
  clock,
  state,
  ...complaints
}: StateFileOptions<T>): StateFile<T> {
  const file = join(directory, `${name}.json`);
  const complaint = createComplaint(complaints);
  let waiting: Timer | undefined;
  let gatherMs = GATHER_MS;
  /** One after another: an older state must not be put in place last. */
  let writing = Promise.resolve();
  return {
    load: () => read<T>(file),
    touch: () => {
      waiting ??= clock.wake(clock.now() + gatherMs, begin);
    },
    flush: () => {
      if (waiting !== undefined) begin();
      return writing;
    },
    remove: async () => {
      forget();
      await writing;
      forget();
      await rm(file, { force: true }).catch((error: Error) =>
        complaint.failed(`cannot remove ${file}: ${error.message}`),
      );
    },
  };

  function begin(): void {
    forget();
    writing = writing.then(write);
  }

  function forget(): void {
    waiting?.cancel();
    waiting = undefined;
  }

  async function write(): Promise<void> {
    const startAt = clock.now();
    const content: Content<T> = { format: FORMAT, bootId: bootId(), state: state() };
    const text = JSON.stringify(content);
    gatherMs = Math.max(GATHER_MS, GATHER_PER_WRITE * (clock.now() - startAt));
    try {
      await put(text).catch((error: NodeJS.ErrnoException) => putAnew(text, error));
      complaint.worked(`${file} is written again`);
    } catch (error) {
      complaint.failed(
        `cannot write ${file}: ${(error as Error).message}: what is in it grows old until it can be written`,
      );
      waiting ??= clock.wake(clock.now() + RETRY_MS, begin);
    }
  }

  async function put(text: string): Promise<void> {
    await writeFile(`${file}.new`, text, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  /** A directory that somebody took away is made anew. */
  async function putAnew(text: string, error: NodeJS.ErrnoException): Promise<void> {
    if (error.code !== 'ENOENT') throw error;
    await mkdir(directory, { recursive: true, mode: 0o755 });
    await put(text);
  }
}

/** Whether a process has left its state there since the machine booted. */
export function hasState(directory: string, name: string): boolean {
  return read(join(directory, `${name}.json`)) !== undefined;
}

function read<T>(file: string): T | undefined {
  try {
    const content = JSON.parse(readFileSync(file, 'utf8')) as Content<T>;
    return content.format === FORMAT && content.bootId === bootId() ? content.state : undefined;
  } catch {
    // Absent at a first start; torn never, for it is renamed into place. Either way there is nothing to adopt.
    return undefined;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
