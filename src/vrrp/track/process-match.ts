/** Which processes a vrrp_track_process means. */
import type { TrackProcessConfig } from './config.js';

/** A process as /proc has it. */
export type ProcessInfo = {
  /** /proc/PID/comm: at most 15 bytes. */
  readonly name: string;
  /** /proc/PID/cmdline; empty for kernel threads, absent where it is not to be had. */
  readonly argv?: readonly string[];
};

type Wanted = Pick<TrackProcessConfig, 'command' | 'args' | 'paramMatch' | 'fullCommand'>;

const COMM_LENGTH = 15;

/**
 * By its command line where anything of that is asked for: the name of a script is its own there, not its interpreter's. `perhaps`: the
 * command line is not to be had, and its name may be that of the command or of the script.
 */
export function matchesProcess(wanted: Wanted, { name, argv }: ProcessInfo): boolean | 'perhaps' {
  const { command, args, paramMatch, fullCommand } = wanted;
  const isCalled = (path: string) => name === baseName(path).slice(0, COMM_LENGTH);
  if (!fullCommand && args.length === 0 && paramMatch === undefined) return isCalled(command);
  if (argv === undefined) return fullCommand || [command, ...args].some(isCalled) ? 'perhaps' : false;
  return argv[0] === command && matchesArguments(wanted, argv.slice(1));
}

/** `initial`: the first ones are those wanted. `partial`: the last wanted one may be the beginning of its counterpart. */
function matchesArguments({ args, paramMatch }: Wanted, actual: readonly string[]): boolean {
  if (paramMatch === undefined) return args.length === 0 || same(args, actual);
  switch (paramMatch) {
    case 'exact':
      return same(args, actual);
    case 'initial':
      return same(args, actual.slice(0, args.length));
    case 'partial':
      return beginsPartially(args, actual);
  }
}

function beginsPartially(args: readonly string[], actual: readonly string[]): boolean {
  const before = args.length - 1;
  const rest = actual[before];
  if (before < 0) return true;
  if (rest === undefined || !same(args.slice(0, before), actual.slice(0, before))) return false;
  return rest.startsWith(args[before] ?? '');
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((each, index) => each === b[index]);
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
