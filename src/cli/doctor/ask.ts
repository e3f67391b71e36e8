/** Asks many at a time, and no longer than there is patience. */
import { setMaxListeners } from 'node:events';
import { type Answers, sample } from './servers.js';

export type Patience = {
  /** Of more than these, some are asked: taken evenly. */
  readonly most: number;
  readonly atOnce: number;
  readonly withinMs: number;
};

/** `ask` resolves to what is wrong, undefined when nothing is. Whoever has not answered when time is up counts as not asked. */
export async function askEach<T>(
  all: readonly T[],
  { most, atOnce, withinMs }: Patience,
  ask: (one: T, signal: AbortSignal) => Promise<string | undefined>,
): Promise<Answers<T>> {
  const signal = AbortSignal.timeout(withinMs);
  // Each that is under way listens.
  setMaxListeners(atOnce + 1, signal);
  const asked = sample(all, most);
  const answers = new Map<T, string | undefined>();
  const late = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  const waiting = asked.values();
  const work = async () => {
    for (const one of waiting) {
      if (signal.aborted) return;
      const answer = await ask(one, signal);
      if (!signal.aborted) answers.set(one, answer);
    }
  };
  await Promise.race([Promise.all(Array.from({ length: atOnce }, work)), late]);
  const answered = asked.filter((one) => answers.has(one));
  return { of: all.length, answers: new Map(answered.map((one) => [one, answers.get(one)])) };
}
