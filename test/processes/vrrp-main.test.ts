/** An lvsd-vrrp that is up and has not been told to begin. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromChild, ToChild, VrrpRequest } from '../../src/processes/messages.js';

const main = fileURLToPath(new URL('../../src/processes/vrrp-main.js', import.meta.url));

describe('processes/vrrp-main: before it begins', () => {
  it('says so when it is asked, has obeyed what it will begin with, and leaves when it is told to', async () => {
    const child = fork(main);
    const next = async () => ((await once(child, 'message')) as [FromChild])[0];
    const tell = (message: ToChild) => child.send(message);
    const ask = (id: number, what: VrrpRequest['what']) => {
      tell({ kind: 'request', id, request: { what } });
      return next();
    };
    assert.deepEqual(await next(), { kind: 'loaded' });
    const reply = { kind: 'refused', text: 'lvsd-vrrp has not begun yet' };
    assert.deepEqual(await ask(1, 'handover'), { kind: 'reply', id: 1, reply });
    assert.deepEqual(await ask(2, 'status'), { kind: 'reply', id: 2, reply });
    assert.deepEqual(await ask(3, 'obeyed'), { kind: 'reply', id: 3, reply: { kind: 'obeyed' } });
    const gone = once(child, 'exit');
    tell({ kind: 'leave' });
    assert.deepEqual(await gone, [0, null]);
  });
});
