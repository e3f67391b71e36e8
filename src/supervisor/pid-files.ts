/** The pid files of a running daemon. A directory that is full or gone stops nothing: they are written when it is there again. */
import { mkdirSync } from 'node:fs';
import type { Clock, Timer } from '../clock.js';
import { createComplaint } from '../complaint.js';
import type { Log } from '../log.js';
import { readPid, writePid } from './pid-file.js';

export type PidFilesOptions = {
  readonly directory: string;
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'error'>;
};

export type PidFiles = {
  /** Remembers the process of that name; undefined forgets it. Never throws. */
  readonly note: (name: string, pid: number | undefined) => void;
  /** From now on they are left alone. */
  readonly close: () => void;
};

export const STATE_DIR_MODE = 0o755;
/** How often they are looked at: without them the next `lvsd run` does not know of this one. */
const LOOK_MS = 5000;

export function createPidFiles({ directory, clock, log }: PidFilesOptions): PidFiles {
  const wanted = new Map<string, number>();
  const complaint = createComplaint({
    onError: (text) => log.error(text),
    onMended: (text) => log.info(text),
  });
  let timer: Timer | undefined;
  lookLater();
  return {
    note: (name, pid) => {
      if (pid === undefined) wanted.delete(name);
      else wanted.set(name, pid);
      put(name, pid);
    },
    close: () => timer?.cancel(),
  };

  function lookLater(): void {
    timer = clock.wake(clock.now() + LOOK_MS, look);
  }

  function look(): void {
    for (const [name, pid] of wanted) if (readPid(directory, name) !== pid) put(name, pid);
    lookLater();
  }

  function put(name: string, pid: number | undefined): void {
    try {
      if (pid !== undefined) mkdirSync(directory, { recursive: true, mode: STATE_DIR_MODE });
      writePid(directory, name, pid);
      // Forgetting one works in a directory that is full as well.
      if (pid !== undefined) complaint.worked(`the state directory ${directory} can be written again`);
    } catch (error) {
      complaint.failed(
        `cannot write to the state directory ${directory}: ${(error as Error).message}: tried again until it works`,
      );
    }
  }
}
