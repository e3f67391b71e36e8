/** `lvsd status`: what the daemon knows. */
import type { Status } from '../admin/status.js';
import { ask } from './daemon.js';
import { formatStatus } from './status-text.js';
import { onTerminal } from './terminal.js';

/** A daemon that does not answer within this is as good as none. */
const DEADLINE_MS = 10_000;

/** Prints the status of the daemon of a state directory; 0, or 1 when there is none to ask. */
export async function status(flags: { readonly stateDir?: string; readonly json?: true }): Promise<number> {
  const answer = await ask<Status>('GET', '/v1/status', flags.stateDir, DEADLINE_MS);
  if ('error' in answer) {
    console.error(`status: ${answer.error}`);
    return 1;
  }
  console.log(
    flags.json === true ? JSON.stringify(answer.data, undefined, 2) : formatStatus(answer.data, onTerminal()),
  );
  return 0;
}
