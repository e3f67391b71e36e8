/** Work that may not stay undone when the process ends before its tests do: told to by a signal, or left by whoever ran it. */
import { constants } from 'node:os';

const works = new Set<() => void>();
let listens = false;

/** Has it done when the process ends, unless it is killed outright. Returns what takes that back. */
export function atExit(work: () => void): () => void {
  if (!listens) listen();
  works.add(work);
  return () => void works.delete(work);
}

function listen(): void {
  listens = true;
  process.once('exit', () => {
    for (const work of works) quietly(work);
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
  }
}

/** One that fails must not keep the others from being done. */
function quietly(work: () => void): void {
  try {
    work();
  } catch (error) {
    console.error(String(error));
  }
}
