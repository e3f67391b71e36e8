/** The bench of failovers fails when a figure is missed, and when it could not be taken. */
import assert from 'node:assert/strict';
import { isMet, type Outcome, wantedOf } from '../../bench/failover-wanted.js';

const met = (
  fate: Parameters<typeof wantedOf>[0],
  advertS: number,
  ours: Outcome[],
  theirs: Outcome[] = [],
) => isMet(wantedOf(fate, advertS) ?? {}, ours, theirs);

describe('bench/failover: what is wanted', () => {
  it('an outage in the median, not at the most', () => {
    assert.equal(met('stop', 1, [{ outageMs: 0 }, { outageMs: 5 }, { outageMs: 90 }]), true);
    assert.equal(met('stop', 1, [{ outageMs: 0 }, { outageMs: 5.1 }, { outageMs: 90 }]), false);
  });

  it('whatever keepalived needs where nothing is wanted beside it', () => {
    assert.equal(met('preempted', 1, [{ outageMs: 0 }], [{ outageMs: 0 }]), true);
    assert.equal(met('preempted', 1, [{ outageMs: 4 }], [{ outageMs: 11 }]), false);
  });

  it('nothing that could not be measured', () => {
    assert.equal(met('stop', 1, [{ outageMs: Number.NaN }, { outageMs: 0 }, { outageMs: 0 }]), false);
    assert.equal(met('all-killed', 1, [{ outageMs: 0 }]), false);
  });

  it('the old address gone in time', () => {
    assert.equal(met('all-killed', 1, [{ outageMs: 0, doubleMs: 1500 }]), true);
    assert.equal(met('all-killed', 1, [{ outageMs: 0, doubleMs: 1501 }]), false);
    assert.equal(met('all-frozen', 0.01, [{ outageMs: 0, doubleMs: 2900 }]), true);
  });

  it('the owner unchanged each time its process is killed, at adverts of 1 s', () => {
    const outcomes = [
      { outageMs: 0, backupAdverts: 0 },
      { outageMs: 0, backupAdverts: 1 },
    ];
    assert.equal(met('vrrp-killed', 1, outcomes), false);
    assert.equal(met('vrrp-killed', 1, [{ outageMs: 0 }]), false);
    assert.equal(met('vrrp-killed', 0.01, outcomes), true);
  });

  it('a cut cable no longer than beside keepalived', () => {
    assert.equal(met('cable-cut', 1, [{ outageMs: 102 }], [{ outageMs: 100 }]), true);
    assert.equal(met('cable-cut', 1, [{ outageMs: 103 }], [{ outageMs: 100 }]), false);
    assert.equal(met('cable-cut', 0.01, [{ outageMs: 109 }], [{ outageMs: 100 }]), true);
  });
});
