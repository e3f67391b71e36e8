import assert from 'node:assert/strict';
import { type Duties, NO_DUTIES, together, withStage } from '../../src/processes/duties.js';
import type { Stage } from '../../src/vrrp/election/stage.js';

type Step = readonly [at: number, stage: Stage];
const course = (...steps: readonly Step[]): Duties =>
  steps.reduce((duties, [at, stage]) => withStage(duties, stage, at), NO_DUTIES);

const taking = (inMs: number): Stage => ({ name: 'taking-over', inMs });
const [idle, backup, master, resigning] = (['idle', 'backup', 'master', 'resigning'] as const).map(
  (name) => ({ name }) as Stage,
) as [Stage, Stage, Stage, Stage];

describe('processes/duties', () => {
  it('of who takes over: to hold from a second before until two after', () => {
    assert.deepEqual(course([0, backup], [100, taking(600)]).hold, { from: 100, until: 3200 });
    assert.deepEqual(course([0, backup], [100, taking(2400)]).hold, { from: 1500, until: 5000 });
    assert.deepEqual(course([100, taking(600)], [705, master]).hold, { from: 705, until: 2705 });
  });

  it('are none when it does not come to that, or comes too late', () => {
    assert.equal(course([100, taking(600)], [500, backup]).hold, undefined);
    assert.equal(course([100, taking(600)], [3300, master]).hold, undefined);
  });

  it('of who becomes master unasked: none, for nobody tells', () => {
    assert.deepEqual(course([0, backup], [3600, master]), { stage: 'master', hold: undefined });
  });

  it('of who resigns: to tell until it has let go, and of what was on its way', () => {
    const resigned = course([0, master], [100, resigning]);
    assert.ok((resigned.tellUntil ?? 0) > 30_000);
    assert.equal(withStage(resigned, backup, 700).tellUntil, 900);
    assert.equal(withStage(resigned, idle, 700).tellUntil, 900);
    assert.equal(withStage(resigned, master, 700).tellUntil, undefined);
  });

  it('of who is preempted: to tell from then on', () => {
    assert.equal(course([0, master], [500, backup]).tellUntil, 700);
    assert.equal(course([0, master], [500, taking(1000)]).tellUntil, 700);
  });

  it('do not begin anew when a stage is told again', () => {
    assert.deepEqual(course([0, taking(0)], [10, master], [500, master]).hold, { from: 10, until: 2010 });
    assert.equal(course([0, master], [500, backup], [600, backup]).tellUntil, 700);
  });

  it('of all instances are those of each', () => {
    const all = [course([0, taking(600)]), course([100, taking(2000)]), course([0, master], [50, backup])];
    assert.deepEqual(together(all), { hold: { from: 0, until: 4600 }, takeoverAt: 2100, tellUntil: 250 });
    assert.deepEqual(together([]), { hold: undefined, takeoverAt: undefined, tellUntil: undefined });
  });
});
