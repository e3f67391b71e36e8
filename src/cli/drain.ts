/** `lvsd drain`: takes a real server out of its pool without cutting a connection. */
import { ask } from './daemon.js';

export type DrainFlags = { readonly stateDir?: string; readonly undo?: true };

const DEADLINE_MS = 10_000;

/** 0, or 1 when the daemon refused or there is none. */
export async function drain(virtualServer: string, realServer: string, flags: DrainFlags): Promise<number> {
  const { stateDir, undo = false } = flags;
  const query = new URLSearchParams({ virtualServer, realServer });
  const path = `/v1/${undo ? 'undrain' : 'drain'}?${query}`;
  const answer = await ask('POST', path, stateDir, DEADLINE_MS);
  if ('error' in answer) {
    console.error(`drain: ${answer.error}`);
    return 1;
  }
  const what = undo
    ? 'gets newcomers again'
    : 'gets no newcomers, and leaves when its connections have ended';
  console.log(`${realServer} of ${virtualServer} ${what}`);
  return 0;
}
