import assert from 'node:assert/strict';
import type { ScriptOutcome } from '../../../src/script/run.js';
import type { ScriptConfig } from '../../../src/vrrp/track/config.js';
import { createScriptTracker } from '../../../src/vrrp/track/scripts.js';
import { createFakeClock } from '../../support/fake-clock.js';

const script = (change: Partial<ScriptConfig> = {}): ScriptConfig => ({
  name: 'web',
  script: { argv: ['/bin/check'] },
  intervalMs: 1000,
  timeoutMs: 500,
  rise: 1,
  fall: 2,
  initFail: false,
  ...change,
});

const ok: ScriptOutcome = { kind: 'exited', code: 0 };
const bad: ScriptOutcome = { kind: 'exited', code: 1 };

describe('vrrp/track/scripts', () => {
  const clock = createFakeClock();
  const runs: number[] = [];
  let outcome: ScriptOutcome | undefined = ok;
  let changes = 0;
  const said: string[] = [];
  const say = (_fields: object, text: string) => void said.push(text);
  const tracker = createScriptTracker({
    clock,
    log: { info: say, warn: say },
    onChange: () => {
      changes += 1;
    },
    run: (_script, deadlineMs) => {
      runs.push(clock.now());
      assert.equal(deadlineMs, 500);
      const result = outcome && { outcome, output: '', durationMs: 1 };
      return result === undefined ? new Promise(() => {}) : Promise.resolve(result);
    },
  });
  after(() => tracker.stop());

  it('runs at once, and then in its interval', async () => {
    tracker.configure([script()]);
    assert.equal(tracker.read('web'), undefined);
    await clock.advanceAsync(2500);
    assert.deepEqual(runs, [0, 1000, 2000]);
    assert.equal(tracker.read('web'), true);
    assert.equal(changes, 1);
  });

  it('is down after `fall` failures, and says with what', async () => {
    outcome = bad;
    await clock.advanceAsync(1000);
    assert.equal(tracker.read('web'), true);
    await clock.advanceAsync(1000);
    assert.equal(tracker.read('web'), false);
    assert.equal(said.at(-1), 'script web is down: it ended with status 1');
    assert.equal(changes, 2);
  });

  it('one that could not be run or ran too long has failed', async () => {
    outcome = ok;
    await clock.advanceAsync(1000);
    assert.equal(tracker.read('web'), true);
    outcome = { kind: 'timed-out', afterMs: 500 };
    await clock.advanceAsync(2000);
    assert.equal(tracker.read('web'), false);
  });

  it('keeps its health over a reload, and one that is gone is not run any more', async () => {
    tracker.configure([script({ fall: 3 })]);
    assert.equal(tracker.read('web'), false);
    tracker.configure([]);
    const before = runs.length;
    await clock.advanceAsync(5000);
    assert.equal(runs.length, before);
    assert.equal(tracker.read('web'), undefined);
  });

  it('a run that takes longer than the interval is not joined by another', async () => {
    outcome = undefined;
    runs.length = 0;
    tracker.configure([script()]);
    await clock.advanceAsync(5000);
    assert.equal(runs.length, 1);
  });

  it('init_fail: failed before it has spoken', () => {
    tracker.configure([script({ name: 'other', initFail: true })]);
    assert.equal(tracker.read('other'), false);
  });
});
