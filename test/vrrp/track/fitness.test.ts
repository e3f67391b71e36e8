import assert from 'node:assert/strict';
import type { TrackConfig, TrackedConfig } from '../../../src/vrrp/track/config.js';
import { assess, type Reading } from '../../../src/vrrp/track/fitness.js';

const NONE: TrackConfig = { interfaces: [], scripts: [], files: [], processes: [], pools: [] };

/** One tracker and its reading; the priority it leaves of 100, or the fault. */
function leaves(kind: keyof TrackConfig, weight: number, reading: Reading, reverse = false): number | string {
  const tracked: TrackedConfig = { name: 'x', weight, reverse };
  const { fitness } = assess(100, { ...NONE, [kind]: [tracked] }, () => reading);
  return fitness.fault === undefined ? fitness.priority : `fault: ${fitness.fault.reason}`;
}

describe('vrrp/track/fitness', () => {
  it('weight 0: failing is a fault; with reverse being well is', () => {
    assert.equal(leaves('scripts', 0, false), 'fault: script x is down');
    assert.equal(leaves('scripts', 0, true), 100);
    assert.equal(leaves('interfaces', 0, true, true), 'fault: interface x is up');
    assert.equal(leaves('interfaces', 0, false, true), 100);
  });

  it('a positive weight is earned by being well', () => {
    assert.equal(leaves('interfaces', 20, true), 120);
    assert.equal(leaves('interfaces', 20, false), 100);
    assert.equal(leaves('interfaces', 20, true, true), 80);
    assert.equal(leaves('interfaces', 20, false, true), 100);
  });

  it('a negative weight is lost by failing', () => {
    assert.equal(leaves('pools', -20, false), 80);
    assert.equal(leaves('pools', -20, true), 100);
    assert.equal(leaves('pools', -20, false, true), 120);
  });

  it('the effective priority stays between 1 and 254', () => {
    assert.equal(leaves('scripts', -253, false), 1);
    assert.equal(leaves('scripts', 253, true), 254);
  });

  it('an owner stays 255 whatever its trackers say, but can fault', () => {
    const track = { ...NONE, scripts: [{ name: 'x', weight: -50, reverse: false }] };
    assert.equal(assess(255, track, () => false).fitness.priority, 255);
    const strict = { ...NONE, scripts: [{ name: 'x', weight: 0, reverse: false }] };
    assert.ok(assess(255, strict, () => false).fitness.fault);
  });

  it("a file's number is multiplied by the weight", () => {
    assert.equal(leaves('files', 1, 7), 107);
    assert.equal(leaves('files', 2, -7), 86);
    assert.equal(leaves('files', 2, 7, true), 86);
    assert.equal(leaves('files', 1, 0), 100);
    assert.equal(leaves('files', 100, 1_000_000_000), 254);
  });

  it('a file that takes off 254 or more is a fault; without weight any number but 0 is', () => {
    assert.equal(leaves('files', 1, -253), 1);
    assert.equal(leaves('files', 1, -254), 'fault: file x says -254');
    assert.equal(leaves('files', 0, 1), 'fault: file x says 1');
    assert.equal(leaves('files', 0, 0), 100);
    assert.equal(leaves('files', 0, 0, true), 'fault: file x says 0');
  });

  it('what is not known yet neither counts nor faults, but an instance waits for what could fault', () => {
    assert.equal(leaves('scripts', 20, undefined), 100);
    assert.equal(leaves('scripts', 0, undefined), 100);
    const track = {
      ...NONE,
      scripts: [
        { name: 'a', weight: 0, reverse: false },
        { name: 'b', weight: 5, reverse: false },
      ],
    };
    assert.deepEqual(assess(100, track, () => undefined).pending, ['script a not known yet']);
  });

  it('a dead link is told first, and makes the whole a fault of the link', () => {
    const track = { ...NONE, scripts: [{ name: 'x', weight: 0, reverse: false }] };
    assert.deepEqual(assess(100, track, () => false, ['interface eth0 is down']).fitness.fault, {
      kind: 'link',
      reason: 'interface eth0 is down, script x is down',
    });
  });

  it('all of them add up', () => {
    const one = (name: string, weight: number) => [{ name, weight, reverse: false }];
    const track: TrackConfig = {
      interfaces: one('eth1', 10),
      scripts: one('s', -20),
      files: one('f', 2),
      processes: one('p', 5),
      pools: one('v', -1),
    };
    const readings: Record<string, Reading> = { eth1: true, s: false, f: 3, p: true, v: false };
    assert.equal(assess(100, track, (_, name) => readings[name]).fitness.priority, 100 + 10 - 20 + 6 + 5 - 1);
  });
});
