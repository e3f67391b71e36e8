/** Questions of lvsd-lvs to lvsd-vrrp, by way of the supervisor. */
import type { Clock } from '../clock.js';
import type { FromChild, VrrpReply, VrrpRequest } from './messages.js';

export type Asker = {
  /**
   * Never rejects: without an answer in time the reply says so. From then on, or when the requester is gone before, what was asked for and
   * has not begun is not to be done any more.
   */
  readonly ask: (request: VrrpRequest, withinMs: number, requester?: AbortSignal) => Promise<VrrpReply>;
  readonly heard: (id: number, reply: VrrpReply) => void;
};

/** `send` is false when there is nobody to pass the question on. */
export function createAsker(clock: Clock, send: (message: FromChild) => boolean): Asker {
  const waiting = new Map<number, (reply: VrrpReply) => void>();
  // An answer to a predecessor, which began earlier, must not be taken for one to a question of this process.
  let last = clock.wallNow();
  return {
    ask: (request, withinMs, requester) => {
      last += 1;
      const id = last;
      return new Promise((resolve) => {
        const refuse = (text: string) => answered(id, { kind: 'refused', text });
        const withdraw = (text: string) => {
          send({ kind: 'withdraw', id });
          refuse(text);
        };
        const left = () => withdraw('nobody waits for the answer any more');
        const timer = clock.wake(clock.now() + withinMs, () =>
          withdraw(`lvsd-vrrp did not answer within ${withinMs / 1000} s`),
        );
        waiting.set(id, (reply) => {
          timer.cancel();
          requester?.removeEventListener('abort', left);
          resolve(reply);
        });
        requester?.addEventListener('abort', left, { once: true });
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
