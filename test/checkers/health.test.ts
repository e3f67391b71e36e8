import assert from 'node:assert/strict';
import {
  beginHealth,
  type HealthPolicy,
  type HealthState,
  isNews,
  observe,
  restoreHealth,
  resumeHealth,
} from '../../src/checkers/health.js';
import { failed, OK, type ProbeResult, unable } from '../../src/checkers/probe.js';

const POLICY: HealthPolicy = {
  retry: 2,
  delayBeforeRetryMs: 100,
  delayLoopMs: 1000,
  delayWhileDownMs: 1000,
  fastRecovery: false,
  steps: 1,
};
const NO = failed('refused');

/** Runs the results one after another, each taking `tookMs`; one line a result: `at up/down next-in-ms`. */
function run(
  policy: HealthPolicy,
  start: HealthState,
  results: readonly ProbeResult[],
  tookMs = 10,
): { readonly trace: string[]; readonly state: HealthState } {
  let state = start;
  const trace: string[] = [];
  for (const result of results) {
    const startedAt = state.nextAt;
    const before = state;
    state = observe(policy, state, result, { at: startedAt + tookMs, time: startedAt + tookMs });
    const news = isNews(before, state) ? '!' : '';
    trace.push(`${startedAt} ${result.kind} ${state.up ? 'up' : 'down'}${news}`);
  }
  return { trace, state };
}

const up = (policy = POLICY) => run(policy, beginHealth(false, 0, 0), [OK]).state;

describe('checkers/health', () => {
  it('goes down at the first failure, while it has not succeeded yet', () => {
    const { trace, state } = run(POLICY, beginHealth(false, 0, 0), [NO]);
    assert.deepEqual(trace, ['0 failed down!']);
    assert.deepEqual([state.since, state.reason], [10, 'refused']);
  });

  it('survives `retry` failures, delay_before_retry apart, and goes down with the next', () => {
    const { trace } = run(POLICY, up(), [OK, NO, NO, NO, NO, NO]);
    assert.deepEqual(trace, [
      '1000 ok up',
      '2000 failed up',
      '2110 failed up',
      '2220 failed down!',
      '3220 failed down',
      '4220 failed down',
    ]);
  });

  it('has all its retries again after one success', () => {
    const { trace } = run(POLICY, up(), [NO, NO, OK, NO, NO, NO]);
    assert.deepEqual(
      trace.map((line) => line.split(' ').slice(1).join(' ')),
      ['failed up', 'failed up', 'ok up', 'failed up', 'failed up', 'failed down!'],
    );
  });

  it('with retry 0 goes down at once', () => {
    const policy = { ...POLICY, retry: 0 };
    assert.deepEqual(run(policy, up(policy), [NO]).trace, ['1000 failed down!']);
  });

  it('comes up with one success', () => {
    const down = run(POLICY, beginHealth(false, 0, 0), [NO]).state;
    const { trace, state } = run(POLICY, down, [NO, OK, NO, NO, NO]);
    assert.deepEqual(trace, [
      '1000 failed down',
      '2000 ok up!',
      '3000 failed up',
      '3110 failed up',
      '3220 failed down!',
    ]);
    assert.equal(state.failures, 3);
  });

  it('with alpha is down until the first success, and tells a first failure too', () => {
    const start = beginHealth(true, 0, 0);
    assert.deepEqual([start.up, start.reason], [false, 'alpha: not checked yet']);
    assert.deepEqual(run(POLICY, start, [NO, NO, OK]).trace, [
      '0 failed down!',
      '1000 failed down',
      '2000 ok up!',
    ]);
  });

  it('keeps since and reason of the state, and the latest result beside them', () => {
    const down = run(POLICY, up(), [NO, NO, NO]).state;
    const later = run(POLICY, down, [failed('status 503')]).state;
    assert.equal(later.since, down.since);
    assert.equal(later.reason, 'status 503');
    assert.deepEqual(later.last, { kind: 'failed', text: 'status 503', time: down.nextAt + 10 });
  });

  it('is not moved by a check that could not be made, and tries again in the next loop', () => {
    const before = up();
    const { state, trace } = run(POLICY, before, [unable('too many open files')]);
    assert.deepEqual(trace, ['1000 unable up']);
    assert.deepEqual({ ...state, last: undefined, nextAt: 0 }, { ...before, last: undefined, nextAt: 0 });
    assert.equal(state.nextAt, 2000);
    assert.equal(state.last?.text, 'too many open files');
  });

  it('keeps its beat however long a check takes: late by less than a loop, never two at a time', () => {
    const slow = run(POLICY, up(), [OK, OK], 300).state;
    assert.equal(slow.nextAt, 3000);
    const overrun = run(POLICY, up(), [OK], 2500).state;
    assert.equal(overrun.nextAt, 4000);
  });

  it('tests a failed url no sooner than after delay_before_retry', () => {
    const policy = { ...POLICY, retry: 0, delayBeforeRetryMs: 3000, delayWhileDownMs: 3000 };
    assert.equal(run(policy, up(policy), [NO]).state.nextAt, 4000);
  });

  describe('with several urls', () => {
    const urls = { ...POLICY, steps: 3, retry: 1 };

    it('tests one each delay_loop and is up when all have passed', () => {
      const { trace, state } = run(urls, beginHealth(true, 0, 0), [OK, OK, OK, OK]);
      assert.deepEqual(trace, ['0 ok down', '1000 ok down', '2000 ok up!', '3000 ok up']);
      assert.equal(state.step, 1);
    });

    it('tests the failed one again first, and the rest of the round before it is up', () => {
      const start = run(urls, beginHealth(false, 0, 0), [OK, OK, OK, OK]).state;
      const { trace, state } = run(urls, start, [NO, NO]);
      assert.deepEqual([trace.at(-1), state.step], ['4110 failed down!', 1]);
      const again = run(urls, state, [NO, OK, OK]);
      assert.deepEqual(again.trace, ['5110 failed down', '6110 ok down', '7110 ok up!']);
    });

    it('with fast_recovery goes through the round at once while down, and only then', () => {
      const fast = { ...urls, fastRecovery: true };
      const { trace } = run(fast, beginHealth(true, 0, 0), [OK, OK, OK, OK, OK]);
      assert.deepEqual(trace, ['0 ok down', '10 ok down', '20 ok up!', '1020 ok up', '2020 ok up']);
    });
  });

  it('goes on within a new policy', () => {
    const before = { ...up(), step: 2, retriesLeft: 2 };
    const policy = { ...POLICY, retry: 1 };
    const resumed = resumeHealth(before, policy, 777);
    assert.deepEqual([resumed.step, resumed.retriesLeft, resumed.nextAt, resumed.up], [0, 1, 777, true]);
    assert.deepEqual(run(policy, resumed, [NO, NO]).trace, ['777 failed up', '887 failed down!']);
  });

  it('after a restart has its retries where it had succeeded, and none where it was never tested', () => {
    const known = { up: true, since: 5, reason: 'check passed', tested: true };
    const resume = (tested: boolean) => restoreHealth({ ...known, tested }, POLICY, 50);
    assert.deepEqual(run(POLICY, resume(true), [NO, NO, NO]).trace.at(-1), '270 failed down!');
    assert.deepEqual(run(POLICY, resume(false), [NO]).trace, ['50 failed down!']);
    assert.equal(resume(true).since, 5);
  });
});
