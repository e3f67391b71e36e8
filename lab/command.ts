/** Programs of this machine, run to their end: what the lab needs before there is a lab. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** A program's end. `code` is 128 + the signal's number when a signal ended it, as shells count. */
export type Result = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** A program that should have succeeded did not: which, how it ended and what it said. */
export class CommandFailed extends Error {
  constructor(
    readonly argv: readonly string[],
    readonly result: Result,
  ) {
    const said = (result.stderr || result.stdout).trim().slice(-2000);
    super(`${argv.join(' ')}: exit ${result.code}${said === '' ? '' : `: ${said}`}`);
  }
}

/** Runs a program here and gives its standard output; throws CommandFailed unless it exits 0. */
export async function output(argv: readonly string[], cwd?: string): Promise<string> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 128));
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (code !== 0) throw new CommandFailed(argv, { code, stdout, stderr });
  return stdout;
}

/** Whether the program runs here and exits 0. */
export async function succeeds(argv: readonly string[]): Promise<boolean> {
  return output(argv).then(
    () => true,
    () => false,
  );
}
