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
  /** It is to be had of a process that hangs as well. */
  readonly name: (pid: string) => Promise<string>;
  readonly argv: (pid: string) => Promise<readonly string[]>;
};

export const realProc: Proc = {
  list: async () => (await readdir('/proc')).filter((name) => /^\d+$/.test(name)),
  name: async (pid) => (await readFile(`/proc/${pid}/comm`, 'latin1')).trimEnd(),
  argv: async (pid) => (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0').slice(0, -1),
};

/** So long one process is waited for. */
const PATIENCE_MS = 500;
/** Half the threads of the pool. */
const MOST_HANGING = 2;

export type Reading = ProcessInfo | 'gone';

export function createProcReader(clock: Clock, proc: Proc): (pid: string) => Promise<Reading> {
  const hanging = new Set<string>();
  return async (pid) => {
    const name = await proc.name(pid).catch(() => undefined);
    if (name === undefined) return 'gone';
    const argv = await argvOf(pid);
    if (argv === 'gone') return 'gone';
    return argv === 'hangs' ? { name } : { name, argv };
  };

  function argvOf(pid: string): Promise<readonly string[] | 'gone' | 'hangs'> {
    if (hanging.has(pid) || hanging.size >= MOST_HANGING) return Promise.resolve('hangs');
    return new Promise((resolve) => {
      const late = clock.wake(clock.now() + PATIENCE_MS, () => {
        hanging.add(pid);
        resolve('hangs');
      });
      const end = (reading: readonly string[] | 'gone') => {
        late.cancel();
        hanging.delete(pid);
        resolve(reading);
      };
      proc.argv(pid).then(end, () => end('gone'));
    });
  }
}
