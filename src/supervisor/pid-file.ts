/** Which lvsd processes belong to a state directory. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Remembers the process id of `name` in `directory`; undefined forgets it. */
export function writePid(directory: string, name: string, pid: number | undefined): void {
  const file = join(directory, `${name}.pid`);
  if (pid === undefined) rmSync(file, { force: true });
  else writeFileSync(file, `${pid}\n`, { mode: 0o644 });
}

/** The remembered process when it is alive and still the one meant, for numbers are used again. */
export function livingPid(directory: string, name: string): number | undefined {
  const pid = Number(read(join(directory, `${name}.pid`)));
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  // A Node process that set its title has it as the name of its main thread (prctl PR_SET_NAME).
  return read(`/proc/${pid}/comm`)?.trim() === name ? pid : undefined;
}

/**
 * Ends a process that outlived its supervisor: SIGTERM, and SIGKILL when `deadlineMs` have passed.
 * Returns its process id, or undefined when there was none.
 */
export async function endOrphan(
  directory: string,
  name: string,
  deadlineMs: number,
): Promise<number | undefined> {
  const pid = livingPid(directory, name);
  if (pid === undefined) return undefined;
  process.kill(pid, 'SIGTERM');
  for (let waitedMs = 0; waitedMs < deadlineMs; waitedMs += 20) {
    if (livingPid(directory, name) === undefined) return pid;
    await sleep(20);
  }
  if (livingPid(directory, name) !== undefined) process.kill(pid, 'SIGKILL');
  return pid;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
