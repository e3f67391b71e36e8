/** `lvsd reload`: the running daemon reads its file again, and says what it made of it. */
import type { ReloadResult } from '../processes/reload-routes.js';
import { ask } from './daemon.js';

/** Longer than the daemon itself waits. */
const DEADLINE_MS = 70_000;

/** 0 when the file is in force; 1 when it was refused and the one before goes on, or there is no daemon to ask. */
export async function reload(flags: { readonly stateDir?: string }): Promise<number> {
  const answer = await ask<ReloadResult>('POST', '/v1/reload', flags.stateDir, DEADLINE_MS);
  if ('error' in answer) {
    console.error(`reload: ${answer.error}`);
    return 1;
  }
  const { errors, warnings, unanswered } = answer.data;
  for (const line of [...errors, ...warnings]) console.error(line);
  if (errors.length > 0) {
    console.error(`reload: refused, ${errors.length} error(s): the configuration before it goes on`);
    return 1;
  }
  if (unanswered !== undefined) {
    console.error(
      `reload: ${unanswered}: the others follow the file; it does when it works, or is started again`,
    );
    return 1;
  }
  console.log('reload: done');
  return 0;
}
