/** What has to last before it is believed: scripts by count, links and processes by time. */
import assert from 'node:assert/strict';
import { changesAt, observe, settle } from '../../../src/vrrp/track/debounce.js';
import { initialProcesses, observeProcesses } from '../../../src/vrrp/track/process-count.js';
import { initialHealth, observeScript } from '../../../src/vrrp/track/script-health.js';

describe('vrrp/track/script-health', () => {
  /** `+` and `-` are results; U, D and ? what is believed after each. */
  function believed(results: string, rise: number, fall: number, initFail = false): string {
    let health = initialHealth({ initFail });
    return [...results]
      .map((result) => {
        health = observeScript({ rise, fall }, health, result === '+');
        return health.up === undefined ? '?' : health.up ? 'U' : 'D';
      })
      .join('');
  }

  it('the first result decides, whatever rise and fall say', () => {
    assert.equal(believed('+', 3, 3), 'U');
    assert.equal(believed('-', 3, 3), 'D');
  });

  it('fall failures in a row, not counting ones a success parts', () => {
    assert.equal(believed('+--+---', 1, 3), 'UUUUUUD');
  });

  it('rise successes in a row', () => {
    assert.equal(believed('-++-+++', 3, 1), 'DDDDDDU');
  });

  it('init_fail: failed until it has risen', () => {
    assert.equal(believed('++', 2, 1, true), 'DU');
  });

  it('is unknown before the first result', () => {
    assert.equal(initialHealth({ initFail: false }).up, undefined);
  });
});

describe('vrrp/track/debounce', () => {
  it('believes at once without a delay', () => {
    assert.deepEqual(observe({ value: true }, false, 0, 100), { value: false });
  });

  it('believes after the delay, and not before', () => {
    const waiting = observe({ value: true }, false, 500, 100);
    assert.equal(changesAt(waiting), 600);
    assert.equal(settle(waiting, 599).value, true);
    assert.deepEqual(settle(waiting, 600), { value: false });
    assert.equal(changesAt(settle(waiting, 600)), Number.POSITIVE_INFINITY);
  });

  it('forgets a flap', () => {
    const waiting = observe({ value: true }, false, 500, 100);
    assert.deepEqual(observe(waiting, true, 500, 300), { value: true });
  });

  it('the same reading again does not start the wait anew', () => {
    const waiting = observe({ value: true }, false, 500, 100);
    assert.equal(changesAt(observe(waiting, false, 500, 300)), 600);
    assert.deepEqual(observe(waiting, false, 500, 700), { value: false });
  });
});

describe('vrrp/track/process-count', () => {
  const limits = { quorum: 2, quorumMax: 4, forkDelayMs: 100, terminateDelayMs: 1000 };

  it('needs quorum processes and at most quorum_max', () => {
    const have = (running: number) => initialProcesses(limits, running).quorum.value;
    assert.deepEqual([1, 2, 4, 5].map(have), [false, true, true, false]);
    assert.equal(
      initialProcesses({ quorum: 1, forkDelayMs: 0, terminateDelayMs: 0 }, 9999).quorum.value,
      true,
    );
  });

  it('waits for terminate_delay when one ends, for fork_delay when one is born', () => {
    const two = initialProcesses(limits, 2);
    assert.equal(changesAt(observeProcesses(limits, two, 1, 50).quorum), 1050);
    const four = initialProcesses(limits, 4);
    assert.equal(changesAt(observeProcesses(limits, four, 5, 50).quorum), 150);
  });

  it('a process restarted within the delay costs nothing', () => {
    const ended = observeProcesses(limits, initialProcesses(limits, 2), 1, 0);
    assert.deepEqual(observeProcesses(limits, ended, 2, 900).quorum, { value: true });
  });
});
