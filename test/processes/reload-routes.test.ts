import assert from 'node:assert/strict';
import { Refusal } from '../../src/admin/server.js';
import type { FromChild } from '../../src/processes/messages.js';
import { createReloads, type Reloads } from '../../src/processes/reload-routes.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';

describe('reload in the admin interface', () => {
  let clock: FakeClock;
  let asked: FromChild[];
  let reloads: Reloads;

  beforeEach(() => {
    clock = createFakeClock();
    asked = [];
    reloads = createReloads(clock, (message) => asked.push(message) > 0);
  });

  async function ask(): Promise<unknown> {
    return reloads.routes['POST /v1/reload']?.(new URLSearchParams(), new AbortController().signal);
  }

  it('asks the supervisor, and answers what its own reload came to, whoever asked besides', async () => {
    const [first, second] = [ask(), ask()];
    assert.deepEqual(asked, [
      { kind: 'reload', id: 1 },
      { kind: 'reload', id: 2 },
    ]);
    reloads.ended(2, { errors: ['f:1:1: error: x'], warnings: [] });
    reloads.ended(1, { errors: [], warnings: ['f:2:1: warning: y'] });
    assert.deepEqual(await first, { errors: [], warnings: ['f:2:1: warning: y'] });
    assert.deepEqual(await second, { errors: ['f:1:1: error: x'], warnings: [] });
  });

  it('says so when there is no supervisor', async () => {
    reloads = createReloads(clock, () => false);
    const answer = await ask();
    assert.ok(answer instanceof Refusal && /supervisor is gone/.test(answer.reason));
  });

  it('waits a minute for the end and no longer, and takes a late one for nobody else’s', async () => {
    const answer = ask();
    clock.advance(59_999);
    assert.equal(await Promise.race([answer, Promise.resolve('waits')]), 'waits');
    clock.advance(1);
    assert.ok((await answer) instanceof Refusal);
    const next = ask();
    reloads.ended(1, { errors: ['late'], warnings: [] });
    reloads.ended(2, { errors: [], warnings: [] });
    assert.deepEqual(await next, { errors: [], warnings: [] });
  });
});
