/**
 * What /proc tells of processes, read on the thread pool one by one: the command line of a process that hangs with its memory locked
 * is not to be had, and holds a thread up for as long. Others need them.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { Clock } from '../../clock.js';
import type { ProcessInfo } from './process-match.js';

/** How /proc is read. */
export type Proc = {
  readonly list: () => Promise<readonly string[]>;
  readonly read: (pid: string) => Promise<ProcessInfo>;
};

export const realProc: Proc = {
  list: async () => (await readdir('/proc')).filter((name) => /^\d+$/.test(name)),
  read: async (pid) => {
    const name = await readFile(`/proc/${pid}/comm`, 'latin1');
    const cmdline = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    return { name: name.trimEnd(), argv: cmdline.split('\0').slice(0, -1) };
  },
};

/** So long one process is waited for. */
const PATIENCE_MS = 500;
/** Half the threads of the pool. */
const MOST_HANGING = 2;

/** `hangs`: it cannot be told now. */
export type Reading = ProcessInfo | 'gone' | 'hangs';

export function createProcReader(clock: Clock, { read }: Proc): (pid: string) => Promise<Reading> {
  const hanging = new Set<string>();
  return (pid) => {
    if (hanging.has(pid) || hanging.size >= MOST_HANGING) return Promise.resolve('hangs');
    return new Promise((resolve) => {
      const late = clock.wake(clock.now() + PATIENCE_MS, () => {
        hanging.add(pid);
        resolve('hangs');
      });
      const end = (reading: Reading) => {
        late.cancel();
        hanging.delete(pid);
        resolve(reading);
      };
      read(pid).then(end, () => end('gone'));
    });
  };
}
