/** The first table of a run: lvsd-vrrp begins when it has been tried to write it, for it is to have something behind its addresses. */
import type { Clock } from '../clock.js';

export type FirstTable = {
  readonly written: () => void;
  /** Who waits now waits no longer. */
  readonly letGo: () => void;
  /** Resolves when it is written, at once when it has been; it is not waited for for ever, and that is told. */
  readonly awaited: () => Promise<void>;
};

export type FirstTableOptions = {
  readonly clock: Clock;
  readonly log: Readonly<Record<'warn', (text: string) => void>>;
};

/** One of 10,000 servers takes seconds. */
const WAIT_MS = 30_000;

export function createFirstTable({ clock, log }: FirstTableOptions): FirstTable {
  let isWritten = false;
  const waiting = new Set<() => void>();
  return {
    written: () => {
      isWritten = true;
      letGo();
    },
    letGo,
    awaited: () => (isWritten ? Promise.resolve() : new Promise(wait)),
  };

  function wait(go: () => void): void {
    const timer = clock.wake(clock.now() + WAIT_MS, () => {
      log.warn(`lvsd-lvs has written no table in ${WAIT_MS / 1000} s: lvsd-vrrp begins without`);
      end();
    });
    const end = () => {
      timer.cancel();
      waiting.delete(end);
      go();
    };
    waiting.add(end);
  }

  function letGo(): void {
    for (const end of [...waiting]) end();
  }
}
