/** How long a group that breaks waits for a successor: as long as one may take, and no longer. */
import assert from 'node:assert/strict';
import { groupFitness } from '../../../src/vrrp/election/group.js';
import type { Fault, Fitness, Router } from '../../../src/vrrp/election/state.js';
import { longestSkewMs, takeoverPossibleMs } from '../../../src/vrrp/election/timers.js';
import { FakeLan } from '../../support/fake-lan.js';
import { router } from '../../support/routers.js';

/** Two resignations, and what a peer may need beyond its time. */
const GRACE_MS = 20 + 500;

/** A master of two segments without a peer, whose outer member breaks: how long the inner one goes on. */
function lastsMs(fault: Fault, common: Partial<Router>): number {
  const lan = new FakeLan();
  const own = router({ ...common, grouped: true });
  const names = ['r1.in', 'r1.out'];
  for (const name of names) lan.add(name, own, { segment: name, group: 'r1' });
  for (const name of names) lan.start(name);
  lan.runUntil(20_000);
  const fitness = { priority: own.priority };
  const broken = groupFitness(
    'VG',
    new Map<string, Fitness>([
      ['r1.in', fitness],
      ['r1.out', { ...fitness, fault }],
    ]),
  );
  lan.together(names, (name) => ({ kind: 'fitness', fitness: broken.get(name) ?? fitness }));
  assert.equal(lan.stateOf('r1.in').name, 'HANDOVER');
  lan.runUntil(40_000);
  assert.equal(lan.stateOf('r1.in').name, 'FAULT');
  return (lan.holdings.at(-1)?.at ?? 0) - 20_000;
}

describe('a sync group that breaks with nobody to take over', () => {
  const timings = [
    { version: 3, advertIntMs: 1000 },
    { version: 3, advertIntMs: 10 },
    { version: 2, advertIntMs: 3000 },
  ] as const;
  for (const timing of timings) {
    const router_ = router(timing);
    const name = `v${timing.version}, ${timing.advertIntMs} ms`;

    it(`by a tracker: lets go after Skew_Time and half a second, as all of it has resigned (${name})`, () => {
      assert.equal(lastsMs({ kind: 'tracked', reason: 'web' }, timing), longestSkewMs(router_) + GRACE_MS);
    });

    it(`by a dead link: after Master_Down_Interval and half a second, as one could not resign (${name})`, () => {
      const down = takeoverPossibleMs(router_, 1);
      assert.equal(lastsMs({ kind: 'link', reason: 'eth1' }, timing), down + GRACE_MS);
    });
  }
});
