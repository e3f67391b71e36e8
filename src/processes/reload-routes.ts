/** `lvsd reload` in the admin interface: the supervisor is asked to read its file again, and says how that ended. */
import { Refusal, type Routes } from '../admin/server.js';
import type { ReloadStatus } from '../admin/status.js';
import type { Clock } from '../clock.js';
import type { FromChild } from './messages.js';

/** How a reload ended: refused where there are errors, and then nothing has changed. */
export type ReloadResult = Pick<ReloadStatus, 'errors'> & {
  /** What the file has that may not be meant, each with its place. */
  readonly warnings: readonly string[];
  /** Why it is not known whether lvsd-vrrp has followed; absent where it has, or there is none. */
  readonly unanswered?: string;
};

export type Reloads = {
  readonly routes: Routes;
  /** The reload of that number is over, here as well. */
  readonly ended: (id: number, result: ReloadResult) => void;
  /** The file is not read. */
  readonly refused: (id: number, why: string) => void;
};

/** Large tables are read, compared and written within this. */
const WITHIN_MS = 60_000;

/** `send` is false when there is no supervisor. */
export function createReloads(clock: Clock, send: (message: FromChild) => boolean): Reloads {
  const waiting = new Map<number, (result: ReloadResult | Refusal) => void>();
  let last = 0;
  return { routes: { 'POST /v1/reload': reload }, ended: settle, refused: (id, why) => refuse(id, 409, why) };

  function reload(): Promise<ReloadResult | Refusal> {
    last += 1;
    const id = last;
    return new Promise((resolve) => {
      const timer = clock.wake(clock.now() + WITHIN_MS, () =>
        refuse(
          id,
          504,
          `the reload has not ended within ${WITHIN_MS / 1000} s: lvsd status tells when it has`,
        ),
      );
      waiting.set(id, (result) => {
        timer.cancel();
        resolve(result);
      });
      if (!send({ kind: 'reload', id }))
        refuse(id, 409, 'the supervisor is gone: only the next lvsd run reads the file');
    });
  }

  function refuse(id: number, code: number, why: string): void {
    settle(id, new Refusal(code, why));
  }

  function settle(id: number, result: ReloadResult | Refusal): void {
    waiting.get(id)?.(result);
    waiting.delete(id);
  }
}
