import assert from 'node:assert/strict';
import type { TcpCheckConfig } from '../../src/checkers/config.js';
import { Gate } from '../../src/checkers/gate.js';
import { beginHealth } from '../../src/checkers/health.js';
import { Monitor } from '../../src/checkers/monitor.js';
import { failed, OK, type Probe, type ProbeResult } from '../../src/checkers/probe.js';
import { Lateness } from '../../src/lateness.js';
import { createFakeClock } from '../support/fake-clock.js';
import { COMMON, connectionTo } from '../support/probing.js';

const CONFIG: TcpCheckConfig = {
  ...COMMON,
  type: 'TCP_CHECK',
  connection: connectionTo(80, { timeoutMs: 3000 }),
};

/** A monitor over a server that answers `results` in turn, each after `tookMs`, and the last one for ever. */
function scene(results: readonly ProbeResult[], tookMs = 10, gate = new Gate(10)) {
  const clock = createFakeClock();
  const trace: string[] = [];
  let runs = 0;
  let underWay = 0;
  const probe: Probe = (deadlineAt, done) => {
    const result = results[Math.min(runs++, results.length - 1)] ?? OK;
    trace.push(`${clock.now()} ask by ${deadlineAt}`);
    assert.equal(++underWay, 1, 'two at a time');
    const timer = clock.wake(clock.now() + tookMs, () => {
      underWay--;
      done(result);
    });
    return {
      cancel: () => {
        if (underWay === 0) return;
        trace.push(`${clock.now()} given up`);
        timer.cancel();
      },
    };
  };
  const lateness = new Lateness();
  const monitor = new Monitor(CONFIG, [probe], beginHealth(false, 5, clock.wallNow()), {
    clock,
    gate,
    lateness,
    onResult: ({ state }) => trace.push(`${clock.now()} ${state.up ? 'up' : 'down'}`),
  });
  return { clock, trace, monitor, gate, lateness };
}

describe('checkers/monitor', () => {
  it('asks when due, hands the deadline in, and asks again a loop after it was due', () => {
    const { clock, trace } = scene([OK]);
    clock.advance(2100);
    assert.deepEqual(trace, [
      '5 ask by 3005',
      '15 up',
      '1005 ask by 4005',
      '1015 up',
      '2005 ask by 5005',
      '2015 up',
    ]);
  });

  it('asks again after delay_before_retry, then is down', () => {
    const { clock, trace } = scene([OK, failed('refused')]);
    clock.advance(2000);
    assert.deepEqual(trace.slice(2), ['1005 ask by 4005', '1015 up', '1115 ask by 4115', '1125 down']);
  });

  it('never asks twice at a time, and skips the beats a slow check has missed', () => {
    const { clock, trace } = scene([OK], 2500);
    clock.advance(6000);
    assert.deepEqual(trace, ['5 ask by 3005', '2505 up', '3005 ask by 6005', '5505 up']);
  });

  it('waits for its turn at the gate, and that lateness is counted', () => {
    const gate = new Gate(1);
    gate.enter(() => undefined);
    const { clock, trace, lateness } = scene([OK], 10, gate);
    clock.advance(105);
    assert.deepEqual(trace, []);
    gate.leave();
    assert.deepEqual(trace, ['105 ask by 3105']);
    assert.equal(lateness.summary(clock.now()).maxMs, 100);
  });

  it('stopped while it waits, asks no more', () => {
    const { clock, trace, monitor } = scene([OK]);
    monitor.stop();
    clock.advance(5000);
    assert.deepEqual(trace, []);
    assert.deepEqual(clock.pendingAt(), []);
  });

  it('stopped while it asks, gives up and leaves its place at the gate', () => {
    const { clock, trace, monitor, gate } = scene([OK]);
    clock.advance(6);
    assert.equal(gate.inside, 1);
    monitor.stop();
    assert.deepEqual(trace, ['5 ask by 3005', '6 given up']);
    assert.deepEqual([gate.inside, clock.pendingAt()], [0, []]);
  });

  it('stopped in the queue, is not let in later', () => {
    const gate = new Gate(1);
    gate.enter(() => undefined);
    const { clock, trace, monitor } = scene([OK], 10, gate);
    clock.advance(10);
    monitor.stop();
    gate.leave();
    assert.deepEqual([trace, gate.inside], [[], 0]);
  });
});
