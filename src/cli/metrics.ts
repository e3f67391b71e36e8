/** `lvsd metrics`: what a scrape of the admin socket would get. */
import { ask } from './daemon.js';

const DEADLINE_MS = 10_000;

/** 0, or 1 when there is no daemon to ask. */
export async function metrics(flags: { readonly stateDir?: string }): Promise<number> {
  const answer = await ask<string>('GET', '/metrics', flags.stateDir, DEADLINE_MS);
  if ('error' in answer) {
    console.error(`metrics: ${answer.error}`);
    return 1;
  }
  process.stdout.write(answer.data);
  return 0;
}
