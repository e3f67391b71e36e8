/** A client that pings an address each millisecond, and how long at the most it got no answer. */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../test/support/namespaces.js';

/** Lets something happen a second after the pings began, and goes on for `forMs`. Needs fping, and answers before and after. */
export async function longestSilenceMs(
  client: Host,
  address: string,
  forMs: number,
  happen: () => Promise<void>,
): Promise<number> {
  // Each ping is waited for by itself: -p 1 sends on, whatever is still unanswered.
  const child = client.start(`fping -D -p 1 -i 1 -t 500 -r 0 -c ${forMs + 1000} ${address}`);
  let output = '';
  child.stdout?.on('data', (data: Buffer) => {
    output += data.toString();
  });
  child.stderr?.resume();
  const closed = once(child, 'close');
  await sleep(1000);
  await happen();
  await sleep(forMs);
  child.kill('SIGINT');
  await closed;
  return silence(output);
}

/** The longest time between two answers with unanswered pings in between: a client that was itself held up proves nothing. */
function silence(output: string): number {
  const answered = [...output.matchAll(/^\[(\d+\.\d+)\] \S+ : \[(\d+)\], \d+ bytes, (\S+) ms/gm)]
    .map(([, at, index, took]) => ({ index: Number(index), at: Number(at) * 1000 - Number(took) }))
    .sort((a, b) => a.index - b.index);
  if (answered.length < 100) return Number.NaN;
  return answered.reduce((longest, each, i) => {
    const before = answered[i - 1] ?? each;
    return each.index - before.index > 1 ? Math.max(longest, each.at - before.at) : longest;
  }, 0);
}
