import assert from 'node:assert/strict';
import type { Scheduler } from '../../src/ipvs/table.js';
import {
  AGENT_PARTS,
  beginRamp,
  boundOf,
  nextStepAt,
  RAMP_PARTS,
  sharedWeight,
  shareOf,
  weightScale,
} from '../../src/pool/ramp.js';
import { Crowd } from '../support/model-crowd.js';
import { realServer, sorryServer, virtualServer } from '../support/pools.js';

const RAMP = { since: 1000, until: 11_000 };

describe('the share of a server that came back', () => {
  const rows: readonly [at: number, share: number][] = [
    [1000, 0.05],
    [1499, 0.05],
    [1500, 0.1],
    [6000, 0.55],
    [10_999, 1],
    [11_000, 1],
    [99_000, 1],
    [0, 0.05],
  ];
  for (const [at, share] of rows) it(`is ${share} at ${at}`, () => assert.equal(shareOf(RAMP, at), share));

  it('is whole without slow_start', () => {
    assert.equal(beginRamp(0, 5), undefined);
    assert.equal(shareOf(undefined, 5), 1);
  });

  it('grows at the times it says, and then is done', () => {
    let at = 1000;
    const shares: number[] = [];
    for (let next: number | undefined = at; next !== undefined; next = nextStepAt(RAMP, at)) {
      at = next;
      shares.push(shareOf(RAMP, at));
    }
    assert.equal(at, 11_000);
    assert.equal(shares.length, 21);
    assert.deepEqual(
      [...shares].sort((a, b) => a - b),
      shares,
    );
  });

  it('is of weights that are multiplied, as far as they may be', () => {
    assert.equal(weightScale('wlc', [1, 3], RAMP_PARTS), 20);
    assert.equal(weightScale('wrr', [1, 10_000], RAMP_PARTS), 6);
    assert.equal(weightScale('wlc', [100_000], RAMP_PARTS), 1);
    assert.equal(weightScale('rr', [1], RAMP_PARTS), 1);
    assert.equal(weightScale('wlc', [1, 3], AGENT_PARTS), 100);
    assert.deepEqual([sharedWeight(20, 0.05), sharedWeight(3, 0.05), sharedWeight(0, 0.5)], [1, 1, 0]);
  });

  it('bounds it to that of what the others have, if one of them surely has room', () => {
    const other = { active: 40, total: 60, limit: 0 };
    assert.equal(boundOf(0.25, [other, { ...other, active: 20 }]), 8);
    assert.equal(boundOf(0.05, [{ ...other, active: 0 }]), 1);
    assert.equal(boundOf(0.25, [{ ...other, limit: 70 }]), undefined);
    assert.equal(boundOf(0.25, []), undefined);
    assert.equal(boundOf(1, [other]), undefined);
  });
});

/** Two servers of three have a crowd; the third comes back: its connections after each second, and what was refused. */
function comeBack(scheduler: Scheduler, slowStartMs: number, seconds: number): number[] {
  const realServers = [1, 2, 3].map((last) => realServer(last, { slowStartMs }));
  const crowd = new Crowd(virtualServer({ scheduler, realServers, sorryServers: [sorryServer()] }));
  crowd.run(10, 0, 0);
  crowd.health(3, false);
  crowd.run(5000, 200, 1000);
  crowd.health(3, true);
  const active: number[] = [];
  for (let n = 0; n < seconds; n++) {
    crowd.run(1000, 200, 1000);
    active.push(crowd.kernel.activeAt('10.0.0.3:80'));
  }
  assert.equal(crowd.share().refused ?? 0, 0);
  return active;
}

describe('slow_start, with 200 newcomers a second of a second each, on three servers', () => {
  for (const scheduler of ['wlc', 'sed', 'nq', 'lc', 'rr'] as const) {
    it(`brings a server back little by little under ${scheduler}`, () => {
      const active = comeBack(scheduler, 10_000, 14);
      const [first = 0, , , , fifth = 0] = active;
      const last = active.at(-1) ?? 0;
      assert.ok(first <= 20, `${first} after a second`);
      assert.ok(fifth > first && fifth < 60, `${active}`);
      assert.ok(last >= 55 && last <= 75, `${last} in the end`);
    });
  }

  it('is what keeps wlc from giving an empty server everything', () => {
    const [first = 0] = comeBack('wlc', 0, 1);
    assert.ok(first > 60, `${first} after a second without it`);
  });

  it('has no effect on servers that are there from the start', () => {
    const realServers = [1, 2].map((last) => realServer(last, { slowStartMs: 10_000 }));
    const crowd = new Crowd(virtualServer({ scheduler: 'wlc', realServers }));
    crowd.run(10, 0, 0);
    assert.deepEqual(
      crowd.kernel.read().map(({ upperThreshold }) => upperThreshold),
      [0, 0],
    );
    crowd.run(1000, 100, 10_000);
    assert.equal(crowd.kernel.activeAt('10.0.0.1:80'), 50);
  });

  it('with overflow connections ramps the limit: who is over it gets the sorry server, not a refusal', () => {
    const realServers = [1, 2].map((last) => realServer(last, { slowStartMs: 10_000, upperThreshold: 40 }));
    const config = virtualServer({
      scheduler: 'sed',
      overflow: { mode: 'connections' },
      realServers,
      sorryServers: [sorryServer()],
    });
    const crowd = new Crowd(config);
    crowd.run(100, 0, 0);
    crowd.health(2, false);
    crowd.run(3000, 200, 60_000);
    crowd.health(2, true);
    crowd.run(1000, 200, 60_000);
    assert.ok(crowd.kernel.activeAt('10.0.0.2:80') <= 6, `${crowd.kernel.activeAt('10.0.0.2:80')}`);
    crowd.run(10_000, 200, 60_000);
    assert.equal(crowd.kernel.activeAt('10.0.0.2:80'), 40);
    assert.equal(crowd.share().refused ?? 0, 0);
  });
});
