/** apt-get, which has one user at a time: somebody else's is waited for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CommandFailed, output } from './command.js';

export type AptOptions = {
  readonly cwd?: string;
  readonly program?: string;
  readonly waitMs?: number;
  readonly longestMs?: number;
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
      await output([...ENVIRONMENT, program, ...OPTIONS, ...args], cwd);
      return;
    } catch (error) {
      if (!isLocked(error) || performance.now() > endAt) throw error;
    }
    await sleep(waitMs);
  }
}

const ENVIRONMENT = ['env', 'LC_ALL=C', 'DEBIAN_FRONTEND=noninteractive', 'NEEDRESTART_SUSPEND=1'];
const OPTIONS = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Options::=--force-confold'];

function isLocked(error: unknown): boolean {
  return error instanceof CommandFailed && error.result.stderr.includes('Could not get lock');
}
