/** `lvsd handover`: the other director becomes master, without a gap; `--back` takes the wish back. */
import type { HandoverResult } from '../vrrp/commands.js';
import { ask } from './daemon.js';

export type HandoverFlags = { readonly stateDir?: string; readonly back?: true };

/** The longest interval makes the longest skew: 41 s, and an advert. */
const DEADLINE_MS = 100_000;

/** Resolves to 0 when no instance asked for is master any more, or when they are taken back; 1 when one is still master, or on an error. */
export async function handover(instance: string | undefined, flags: HandoverFlags): Promise<number> {
  const query = instance === undefined ? '' : `?${new URLSearchParams({ instance })}`;
  const path = `/v1/vrrp/${flags.back === true ? 'resume' : 'handover'}${query}`;
  const answer = await ask<readonly HandoverResult[]>('POST', path, flags.stateDir, DEADLINE_MS);
  if ('error' in answer) {
    console.error(`handover: ${answer.error}`);
    return 1;
  }
  for (const { instance: name, state, text } of answer.data) console.log(`${name}  ${state}  ${text}`);
  const stuck = flags.back !== true && answer.data.some(({ state }) => state === 'MASTER');
  return stuck ? 1 : 0;
}
