/** Whether the machine itself stood still meanwhile: a virtual one does when its host runs something else. */
import { execFileSync, spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { end, endWithUs } from './processes.js';

export type Standstill = {
  /** The longest time a CPU ran nothing since this was asked last, in ms. */
  readonly read: () => number;
  readonly stop: () => Promise<void>;
};

const SOURCE = fileURLToPath(new URL('../../bench/standstill.c', import.meta.url));

/** Watches every CPU from now on. The program is made in that folder. */
export function watchStandstill(folder: string): Standstill {
  const program = join(folder, 'standstill');
  execFileSync('cc', ['-O2', '-o', program, SOURCE]);
  let longestMs = 0;
  const watchers = cpus().map((_, cpu) => {
    const child = spawn(program, [String(cpu)], { stdio: ['ignore', 'pipe', 'inherit'] });
    endWithUs(child);
    child.stdout.on('data', (data: Buffer) => {
      longestMs = Math.max(longestMs, ...data.toString().split('\n').map(Number));
    });
    return child;
  });
  return {
    read: () => {
      const result = longestMs;
      longestMs = 0;
      return result;
    },
    stop: async () => {
      await Promise.all(watchers.map((child) => end(child)));
    },
  };
}
