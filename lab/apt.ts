/** apt-get, which has one user at a time: somebody else's is waited for; and an archive that may not answer at this moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed, output } from './command.js';

export type AptOptions = {
  readonly cwd?: string;
  readonly program?: string;
  readonly waitMs?: number;
  readonly longestMs?: number;
};

export type ListsOptions = AptOptions & {
  readonly restsMs?: readonly number[];
  /** Told why the lists cannot be fetched. */
  readonly complain?: (text: string) => void;
};

/**
 * Runs apt-get to its end, asking nobody. Throws CommandFailed when it fails; while another holds one of its locks it is tried
 * again for five minutes: its own option for that waits for dpkg's alone, not for those of the lists and the archives.
 */
export async function aptGet(args: readonly string[], options: AptOptions = {}): Promise<void> {
  const { cwd, program = 'apt-get', waitMs = 2000, longestMs = 300_000 } = options;
  const endAt = performance.now() + longestMs;
  for (;;) {
    try {
      await output(
        [...ENVIRONMENT, program, '-qq', ...OPTIONS.flatMap((option) => ['-o', option]), ...args],
        cwd,
      );
      return;
    } catch (error) {
      if (!isLocked(error) || performance.now() > endAt) throw error;
    }
    await sleep(waitMs);
  }
}

/**
 * Does what needs the lists of packages. They may be missing or old: where it does not succeed without, they are fetched and it is
 * done again; and twice more after a while, for an archive that did not answer. Throws what it threw last.
 */
export async function withLists<T>(
  work: () => Promise<T>,
  { restsMs = RESTS_MS, complain = console.error, ...options }: ListsOptions = {},
): Promise<T> {
  for (const restMs of restsMs) {
    const done = await work().then(
      (value) => ({ value }),
      () => undefined,
    );
    if (done !== undefined) return done.value;
    await sleep(restMs);
    await aptGet(['update'], options).catch((error: Error) => complain(error.message));
  }
  return work();
}

const RESTS_MS = [0, 20_000, 20_000];
const ENVIRONMENT = ['env', 'LC_ALL=C', 'DEBIAN_FRONTEND=noninteractive', 'NEEDRESTART_SUSPEND=1'];
const OPTIONS = ['DPkg::Lock::Timeout=300', 'Dpkg::Options::=--force-confold', 'Acquire::Retries=5'];

function isLocked(error: unknown): boolean {
  return error instanceof CommandFailed && error.result.stderr.includes('Could not get lock');
}
