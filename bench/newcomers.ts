/** The client of newcomers.c, in a host of the lab. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Host } from '../lab/host.js';
import { ensureFolder, root } from '../lab/paths.js';
import { VIP } from '../lab/topology.js';

export type Newcomers = {
  /** So many a second, so many in all, each for so long; 0 is until they are sent away. */
  readonly rate: number;
  readonly count: number;
  readonly stayMs: number;
};

export type Arrived = {
  readonly servers: Readonly<Record<string, number>>;
  readonly failures: readonly Failed[];
  /** From the first to the last of them. */
  readonly ms: number;
  /** Sends away those that stay. */
  readonly leave: () => void;
};

/** `at`: milliseconds since 1970 by the lab's clock. */
export type Failed = { readonly failed: string; readonly at: number };

/** Compiles it; before the lab is started, whose machine remembers files. Gives the program's name. */
export function compileNewcomers(): string {
  const program = join(ensureFolder(join(root, '.cache/bench')), 'newcomers');
  execFileSync('cc', ['-O2', '-o', program, join(root, 'bench/newcomers.c')]);
  return program;
}

/** Has them come to the VIP; resolves when every one was answered, or failed. */
export async function arrive(
  program: string,
  host: Host,
  { rate, count, stayMs }: Newcomers,
): Promise<Arrived> {
  const failures: Failed[] = [];
  let rest = '';
  const running = await new Promise<Omit<Arrived, 'failures' | 'leave'> & { kill: () => void }>(
    (resolve, reject) => {
      const argv = [program, VIP.v4, '80', ...[rate, count, stayMs].map(String)];
      const started = host.spawn(argv, {
        onStdout: (text) => {
          const lines = (rest + text).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) {
            const said = JSON.parse(line) as Failed | Pick<Arrived, 'servers' | 'ms'>;
            if ('failed' in said) failures.push(said);
            else void started.then(({ kill }) => resolve({ ...said, kill: () => kill('SIGKILL') }));
          }
        },
      });
      started.catch(reject);
    },
  );
  const { servers, ms, kill } = running;
  return { servers, ms, failures, leave: kill };
}

/** How many failed for each reason. */
export function countFailures(failures: readonly Failed[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { failed } of failures) counts[failed] = (counts[failed] ?? 0) + 1;
  return counts;
}
