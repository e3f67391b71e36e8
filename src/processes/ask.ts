/** Questions of lvsd-lvs to lvsd-vrrp, by way of the supervisor. */
import type { Clock } from '../clock.js';
import type { FromChild, VrrpReply, VrrpRequest } from './messages.js';

export type Asker = {
  /** Never rejects: without an answer in time the reply says so. */
  readonly ask: (request: VrrpRequest, withinMs: number) => Promise<VrrpReply>;
  readonly heard: (id: number, reply: VrrpReply) => void;
};

/** `send` is false when there is nobody to pass the question on. */
export function createAsker(clock: Clock, send: (message: FromChild) => boolean): Asker {
  const waiting = new Map<number, (reply: VrrpReply) => void>();
  // An answer to a predecessor, which began earlier, must not be taken for one to a question of this process.
  let last = clock.wallNow();
  return {
    ask: (request, withinMs) => {
      last += 1;
      const id = last;
      return new Promise((resolve) => {
        const refuse = (text: string) => answered(id, { kind: 'refused', text });
        const timer = clock.wake(clock.now() + withinMs, () =>
          refuse(`lvsd-vrrp did not answer within ${withinMs / 1000} s`),
        );
        waiting.set(id, (reply) => {
          timer.cancel();
          resolve(reply);
        });
        if (!send({ kind: 'request', id, request }))
          refuse('lvsd-vrrp cannot be asked: the supervisor is gone');
      });
    },
    heard: answered,
  };

  function answered(id: number, reply: VrrpReply): void {
    waiting.get(id)?.(reply);
    waiting.delete(id);
  }
}
