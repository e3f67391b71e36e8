/** When nft is told of no_accept, and what a successor does about what was left. */
import assert from 'node:assert/strict';
import { createAccept } from '../../src/processes/vrrp-accept.js';
import type { ScriptOutcome } from '../../src/script/run.js';
import { createFakeClock, settle } from '../support/fake-clock.js';
import { instance, vrrpConfig } from '../support/instances.js';

const open = vrrpConfig([instance()]);
const shut = vrrpConfig([instance({ accept: false })]);

describe('processes/vrrp-accept', () => {
  let outcome: ScriptOutcome;
  let told: string[];
  let logged: string[];
  beforeEach(() => {
    outcome = { kind: 'exited', code: 0 };
    told = [];
    logged = [];
  });

  const make = (onChange = () => {}) =>
    createAccept({
      clock: createFakeClock(),
      log: { error: (_, text) => void logged.push(text) },
      runScript: async ({ argv: [program, rules = ''] }) => {
        told.push(`${program} ${rules.includes('192.0.2.100') ? 'closes 192.0.2.100' : 'removes'}`);
        return { outcome, output: 'Error: no', durationMs: 0 };
      },
      onChange,
    });

  it('nft is not needed where nothing is closed nor was', async () => {
    const accept = make();
    accept.configure(open);
    await accept.remove();
    assert.deepEqual([told, accept.closed()], [[], false]);
  });

  it('closes once, and opens at the end', async () => {
    const accept = make();
    accept.configure(shut);
    accept.configure(shut);
    await settle();
    assert.deepEqual([told, accept.closed()], [['nft closes 192.0.2.100'], true]);
    await accept.remove();
    assert.deepEqual([told.slice(1), accept.closed()], [['nft removes'], false]);
  });

  it('removes what a predecessor left, though nothing is to be closed any more', async () => {
    const accept = make();
    accept.inherit();
    assert.equal(accept.closed(), true, 'until that is done');
    accept.configure(open);
    accept.configure(open);
    await settle();
    assert.deepEqual([told, accept.closed()], [['nft removes'], false]);
  });

  it('a reload tries again what nft refused, and says both times what follows', async () => {
    const accept = make();
    outcome = { kind: 'exited', code: 1 };
    accept.configure(shut);
    accept.configure(shut);
    await settle();
    outcome = { kind: 'exited', code: 0 };
    accept.configure(shut);
    await settle();
    assert.deepEqual(told, Array(3).fill('nft closes 192.0.2.100'));
    const text = 'no_accept: the addresses accept packets: nft ended with status 1 Error: no';
    assert.deepEqual(logged, [text, text]);
  });

  it('a removal that nft refused says what that means', async () => {
    const accept = make();
    accept.configure(shut);
    await settle();
    outcome = { kind: 'not-started', reason: 'script "nft": no such file' };
    accept.configure(open);
    await settle();
    assert.match(logged.join(), /^no_accept: addresses may still be closed: nft could not be started/);
    assert.equal(accept.closed(), true, 'a successor is to try it');
  });

  it('tells of rules before nft makes them: a process killed meanwhile has a successor', async () => {
    const accept = make(() => told.push(`closed ${accept.closed()}`));
    accept.configure(shut);
    await settle();
    assert.deepEqual(told, ['closed true', 'nft closes 192.0.2.100', 'closed true']);
    await accept.remove();
    assert.deepEqual(told.slice(3), ['closed true', 'nft removes', 'closed false']);
  });
});
