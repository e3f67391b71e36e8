/** Questions of lvsd-lvs to lvsd-vrrp: who gets which answer. */
import assert from 'node:assert/strict';
import { createAsker } from '../../src/processes/ask.js';
import type { FromChild } from '../../src/processes/messages.js';
import { createFakeClock } from '../support/fake-clock.js';

describe('processes/ask', () => {
  const clock = createFakeClock();
  const ids: number[] = [];
  const send = (message: FromChild) => {
    if (message.kind === 'request') ids.push(message.id);
    return true;
  };
  const ask = (asker: ReturnType<typeof createAsker>) => asker.ask({ what: 'status' }, 1000);

  it('each question gets its own answer', async () => {
    const asker = createAsker(clock, send);
    const [one, other] = [ask(asker), ask(asker)];
    const [first = 0, second = 0] = ids.splice(0);
    asker.heard(second, { kind: 'refused', text: 'second' });
    asker.heard(first, { kind: 'refused', text: 'first' });
    assert.deepEqual(await Promise.all([one, other]), [
      { kind: 'refused', text: 'first' },
      { kind: 'refused', text: 'second' },
    ]);
  });

  it('an answer to a process that was killed is none to the next one', async () => {
    void ask(createAsker(clock, send));
    const [old = 0] = ids.splice(0);
    clock.advance(100);
    const asker = createAsker(clock, send);
    const question = ask(asker);
    asker.heard(old, { kind: 'handover', results: [] });
    asker.heard(ids.pop() ?? assert.fail(), { kind: 'absent' });
    assert.deepEqual(await question, { kind: 'absent' });
  });

  it('no answer in time, and nobody to pass the question on, are answers too', async () => {
    const question = ask(createAsker(clock, send));
    clock.advance(1000);
    assert.deepEqual(await question, { kind: 'refused', text: 'lvsd-vrrp did not answer within 1 s' });
    const alone = ask(createAsker(clock, () => false));
    assert.match(JSON.stringify(await alone), /the supervisor is gone/);
  });
});
