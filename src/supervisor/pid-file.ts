/** Which lvsd processes belong to a state directory. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Remembers the process id of `name` in `directory`; undefined forgets it. Whoever reads meanwhile finds a whole number or no file. */
export function writePid(directory: string, name: string, pid: number | undefined): void {
  const file = join(directory, `${name}.pid`);
  if (pid === undefined) {
    rmSync(file, { force: true });
    return;
  }
  writeFileSync(`${file}.new`, `${pid}\n`, { mode: 0o644 });
  renameSync(`${file}.new`, file);
}

/** The process id a file holds. Never 0 or less: a signal to those would reach many. */
export function readPid(directory: string, name: string): number | undefined {
  const pid = Number(read(join(directory, `${name}.pid`)));
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

/** The remembered process when it is alive and still the one meant, for numbers are used again. */
export function livingPid(directory: string, name: string): number | undefined {
  const pid = readPid(directory, name);
  return pid !== undefined && isCalled(pid, name) ? pid : undefined;
}

/** What tells a process without a supervisor to end: as `leave` and as `stop` do. */
export type OrphanSignal = 'SIGTERM' | 'SIGUSR2';

/** Ends a process of that name that outlived its supervisor: by this signal, and by SIGKILL when `deadlineMs` have passed. */
export async function endOrphan(
  name: string,
  pid: number,
  { signal, deadlineMs }: { readonly signal: OrphanSignal; readonly deadlineMs: number },
): Promise<void> {
  if (!isCalled(pid, name)) return;
  sendSignal(pid, signal);
  for (let waitedMs = 0; waitedMs < deadlineMs; waitedMs += LOOK_MS) {
    if (!isCalled(pid, name)) return;
    await sleep(LOOK_MS);
  }
  if (isCalled(pid, name)) sendSignal(pid, 'SIGKILL');
}

const LOOK_MS = 5;

/**
 * A Node process that set its title has it as the name of its main thread (prctl PR_SET_NAME). One that has ended and that nobody has
 * asked about keeps its number and its name (proc_pid_stat(5): Z, X): it does not run.
 */
function isCalled(pid: number, name: string): boolean {
  const [, found, state = ''] = /^\d+ \((.*)\) (\S)/s.exec(read(`/proc/${pid}/stat`) ?? '') ?? [];
  return found === name && !'ZX'.includes(state);
}

/** One that ends at this very moment is no error. */
function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
