/** A vrrp_script whose run was cut short since the supervisor that ran it died. */
import assert from 'node:assert/strict';
import type { FromChild } from '../../../src/processes/messages.js';
import { createScriptRunner } from '../../../src/processes/script-runner.js';
import { createScriptTracker } from '../../../src/vrrp/track/scripts.js';
import { createFakeClock, settle } from '../../support/fake-clock.js';

describe('vrrp/track/scripts: a run that is cancelled', () => {
  it('is no failure, and the next one counts', async () => {
    const clock = createFakeClock();
    const asked: Extract<FromChild, { kind: 'run' }>[] = [];
    const runner = createScriptRunner((message) => message.kind === 'run' && asked.push(message) > 0);
    const said: (boolean | undefined)[] = [];
    const tracker = createScriptTracker({
      clock,
      log: { info: () => {}, warn: () => {} },
      onChange: () => said.push(tracker.read('web')),
      run: (script, deadlineMs) => runner.run(script, { clock, deadlineMs }),
    });
    const web = { name: 'web', script: { argv: ['/bin/check'] }, intervalMs: 1000, timeoutMs: 500 };
    tracker.configure([{ ...web, rise: 1, fall: 1, initFail: false }]);
    const ended = (code: number) => {
      const { id = 0 } = asked.at(-1) ?? {};
      runner.ran(id, { outcome: { kind: 'exited', code }, output: '', durationMs: 1 });
      return settle();
    };
    await ended(0);
    clock.advance(1000);
    assert.deepEqual([asked.length, said], [2, [true]]);
    runner.orphaned();
    await settle();
    assert.equal(tracker.read('web'), true);
    clock.advance(1000);
    assert.equal(asked.length, 3);
    await ended(1);
    assert.deepEqual(said, [true, false]);
    tracker.stop();
  });
});
