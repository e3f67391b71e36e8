import assert from 'node:assert/strict';
import { createStages, type Stage, stageOf } from '../../../src/vrrp/election/stage.js';
import type { BackupState, State } from '../../../src/vrrp/election/state.js';

const fitness = { priority: 150 };
const BACKUP: BackupState = {
  name: 'BACKUP',
  fitness,
  masterDownAt: 3400,
  lookAt: 3395,
  masterAdverIntMs: 1000,
  resigned: false,
  yielded: false,
  doubted: false,
  ready: false,
};
const lower = { address: '10.0.0.2', priority: 100, heardAt: 1000, advertIntMs: 1000 };
const higher = { ...lower, priority: 200 };
const router = { preempt: true };

describe('vrrp/stage', () => {
  it('is the state, where nothing is moving', () => {
    const of = (state: State) => stageOf(router, state, 1000).name;
    assert.equal(of({ name: 'INIT', fitness }), 'idle');
    assert.equal(of({ name: 'FAULT', fitness, yielded: false }), 'idle');
    assert.equal(of(BACKUP), 'backup');
    assert.equal(of({ ...BACKUP, master: higher }), 'backup');
  });

  it('is taking over from a master that resigned, when the skew is over', () => {
    const resigned = { ...BACKUP, master: higher, resigned: true, masterDownAt: 1600 };
    assert.deepEqual(stageOf(router, resigned, 1000), { name: 'taking-over', inMs: 600 });
    assert.deepEqual(stageOf(router, resigned, 1700), { name: 'taking-over', inMs: 0 });
  });

  it('is taking over from a lower master, as soon as it is not put up with', () => {
    const preempting = { ...BACKUP, master: lower };
    assert.deepEqual(stageOf(router, preempting, 1000), { name: 'taking-over', inMs: 2400 });
    assert.equal(stageOf({ preempt: false }, preempting, 1000).name, 'backup');
    assert.equal(stageOf(router, { ...preempting, yielded: true }, 1000).name, 'backup');
    assert.equal(stageOf(router, { ...preempting, preemptAt: 1001 }, 1000).name, 'backup');
    assert.equal(stageOf(router, { ...preempting, preemptAt: 1000 }, 1000).name, 'taking-over');
  });

  it('is told when it changes, and when the moment of the takeover does', () => {
    let now = 1000;
    const told: Stage[] = [];
    const stages = createStages({ now: () => now }, (_instance, stage) => told.push(stage));
    const look = (state: State) => stages.look('VI_1', router, state);
    const preempting = { ...BACKUP, master: lower };
    look(preempting);
    now = 2000;
    look(preempting);
    assert.deepEqual(told, [{ name: 'taking-over', inMs: 2400 }]);
    look({ ...preempting, masterDownAt: 5000 });
    look(BACKUP);
    look(BACKUP);
    assert.deepEqual(told.slice(1), [{ name: 'taking-over', inMs: 3000 }, { name: 'backup' }]);
  });
});
