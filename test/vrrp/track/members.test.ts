import assert from 'node:assert/strict';
import type { TrackConfig } from '../../../src/vrrp/track/config.js';
import { trackersOf } from '../../../src/vrrp/track/members.js';

const one = (name: string, weight: number) => ({ name, weight, reverse: false });
const NONE: TrackConfig = { interfaces: [], scripts: [], files: [], processes: [], pools: [] };
const own: TrackConfig = {
  ...NONE,
  interfaces: [one('eth1', 10)],
  scripts: [one('weighted', 5), one('fatal', 0)],
};
const group = { track: { ...NONE, scripts: [one('shared', 7)] }, trackingWeight: false, hasOwner: false };

describe('vrrp/track/members', () => {
  it('alone: as configured', () => {
    assert.deepEqual(trackersOf({ priority: 100, track: own }), own);
  });

  it('in a group: an own weight would part the members, so interfaces become faults and the others do not count', () => {
    const { interfaces, scripts } = trackersOf({ priority: 100, track: own }, group);
    assert.deepEqual(interfaces, [one('eth1', 0)]);
    assert.deepEqual(scripts, [one('fatal', 0), one('shared', 7)]);
  });

  it('sync_group_tracking_weight: own weights count', () => {
    const { scripts } = trackersOf({ priority: 100, track: own }, { ...group, trackingWeight: true });
    assert.deepEqual(scripts, [one('weighted', 5), one('fatal', 0), one('shared', 7)]);
  });

  it('an owner: own weights do not count; with an owner among them the weights of the group are faults', () => {
    assert.deepEqual(trackersOf({ priority: 255, track: own }).scripts, [one('fatal', 0)]);
    const { scripts } = trackersOf({ priority: 100, track: NONE }, { ...group, hasOwner: true });
    assert.deepEqual(scripts, [one('shared', 0)]);
  });

  it('what both track counts once, as the instance has it', () => {
    const both = { ...group, track: { ...NONE, scripts: [one('fatal', 9)] } };
    assert.deepEqual(trackersOf({ priority: 100, track: own }, both).scripts, [one('fatal', 0)]);
  });
});
