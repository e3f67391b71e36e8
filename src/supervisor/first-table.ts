/** The first table of a run: lvsd-vrrp begins when it has been tried to write it, for it is to have something behind its addresses. */
import type { Clock, Timer } from '../clock.js';

export type FirstTable = {
  readonly written: () => void;
  /** Who waits now waits no longer. */
  readonly letGo: () => void;
  /** Resolves when it is written, at once when it has been. It is not waited for for ever, and that is told. */
  readonly awaited: () => Promise<void>;
};

export type FirstTableOptions = {
  readonly clock: Clock;
  readonly log: Readonly<Record<'warn', (text: string) => void>>;
};

/** From the first who waits on. One of 10,000 servers takes seconds. */
const WAIT_MS = 30_000;

export function createFirstTable({ clock, log }: FirstTableOptions): FirstTable {
  let isWritten = false;
  let waiting: (() => void)[] = [];
  let timer: Timer | undefined;
  return {
    written,
    letGo,
    awaited: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (isWritten) letGo();
        else timer ??= clock.wake(clock.now() + WAIT_MS, giveUp);
      }),
  };

  function written(): void {
    isWritten = true;
    letGo();
  }

  function letGo(): void {
    timer?.cancel();
    timer = undefined;
    for (const go of waiting) go();
    waiting = [];
  }

  function giveUp(): void {
    log.warn(`lvsd-lvs has written no table in ${WAIT_MS / 1000} s: lvsd-vrrp begins without`);
    written();
  }
}
