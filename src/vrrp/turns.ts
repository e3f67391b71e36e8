/** Work for many instances in short turns of the event loop: an advert that is due meanwhile does not wait for the end of it. */
import type { Clock, Timer } from '../clock.js';

/** What can be interrupted wherever it yields. It is told whether it was: then all may be otherwise than before. */
export type Work = Generator<void, void, boolean>;

/** A step that has begun is ended first. */
export const TURN_MS = 2;

export type Turns = {
  /** Begins as soon as earlier work has ended. What does not take long is done when this returns, unless other work is under way. */
  readonly run: (work: () => Work) => void;
  /** The same; what is asked for again before it has begun is done once. */
  readonly request: (work: () => Work) => void;
  /** Whether work has begun that has not ended. */
  readonly busy: () => boolean;
  /** Does the rest of it now. */
  readonly finish: () => void;
};

/** @param onIdle all work has ended */
export function createTurns(clock: Clock, onIdle: () => void): Turns {
  const queue: (() => Work)[] = [];
  const requested = new Set<() => Work>();
  let current: Work | undefined;
  let running = false;
  let paused: Timer | undefined;
  return {
    run,
    request: (work) => {
      if (requested.has(work)) return;
      requested.add(work);
      run(() => {
        requested.delete(work);
        return work();
      });
    },
    busy: () => running || paused !== undefined,
    finish: () => {
      if (!running && paused !== undefined) turn(true, Number.POSITIVE_INFINITY);
    },
  };

  function run(work: () => Work): void {
    queue.push(work);
    if (!running && paused === undefined) turn(false);
  }

  function turn(interrupted: boolean, endAt = clock.now() + TURN_MS): void {
    paused?.cancel();
    paused = undefined;
    running = true;
    let more = step(interrupted);
    while (more && clock.now() < endAt) more = step(false);
    running = false;
    if (more) paused = clock.wake(clock.now(), () => turn(true));
    else onIdle();
  }

  /** Whether there is more to do. */
  function step(interrupted: boolean): boolean {
    current ??= queue.shift()?.();
    if (current?.next(interrupted).done !== false) current = undefined;
    return current !== undefined || queue.length > 0;
  }
}
