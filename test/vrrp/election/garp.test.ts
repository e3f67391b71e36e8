import assert from 'node:assert/strict';
import {
  dueGarp,
  garpAt,
  lowerPrioGarp,
  resumeGarp,
  settleGarp,
  startGarp,
} from '../../../src/vrrp/election/garp.js';
import { GARP } from '../../support/routers.js';

/** Every set until `end`, as `at×repeat`. */
function sets(schedule: ReturnType<typeof startGarp>, end: number): string[] {
  const seen: string[] = [];
  let pending = schedule;
  for (let at = garpAt(pending); at <= end; at = garpAt(pending)) {
    const { due, schedule: next } = dueGarp(pending, at);
    seen.push(...due.map(({ of, repeat }) => `${at} ${of}×${repeat}`));
    pending = next;
  }
  return seen;
}

describe('vrrp/garp', () => {
  it('garp_master_delay: a second set that much later, then quiet', () => {
    assert.deepEqual(sets(startGarp(GARP, 1000), 1e6), ['6000 addresses×5']);
  });

  it('garp_master_delay 0: no second set', () => {
    assert.deepEqual(sets(startGarp({ ...GARP, masterDelayMs: 0 }, 1000), 1e6), []);
  });

  it('garp_master_refresh: again and again with its own repeat, from the second set on', () => {
    const garp = { ...GARP, masterRefreshMs: 60_000, masterRefreshRepeat: 2 };
    assert.deepEqual(sets(startGarp(garp, 0), 130_000), [
      '5000 addresses×5',
      '65000 addresses×2',
      '125000 addresses×2',
    ]);
  });

  it('garp_extra_if: one for each other interface', () => {
    const garp = { ...GARP, masterDelayMs: 0, extraIf: { intervalMs: 1000, all: false } };
    assert.deepEqual(sets(startGarp(garp, 0), 2000), ['1000 extra-interfaces×1', '2000 extra-interfaces×1']);
  });

  it('after a lower advert: a second set later, put off by the next one, never two', () => {
    const once = lowerPrioGarp([], GARP, 0);
    assert.deepEqual(sets(lowerPrioGarp(once, GARP, 3000), 1e6), ['8000 addresses×5']);
  });

  it('garp_lower_prio_repeat 0: nothing after a lower advert', () => {
    assert.deepEqual(lowerPrioGarp([], { ...GARP, lowerPrioRepeat: 0 }, 0), []);
  });

  it('a refresh that comes late does not make up for what it missed', () => {
    const garp = { ...GARP, masterDelayMs: 0, masterRefreshMs: 1000 };
    const { due, schedule } = dueGarp(startGarp(garp, 0), 10_500);
    assert.equal(due.length, 1);
    assert.ok(garpAt(schedule) > 10_500 && garpAt(schedule) <= 11_500);
  });

  it('a master that went on where it was keeps only what is periodic', () => {
    assert.deepEqual(resumeGarp(GARP, 0), []);
    assert.equal(garpAt(resumeGarp({ ...GARP, masterRefreshMs: 1000 }, 0)), 6000);
  });

  it('one more announcement soon after a takeover from a router that still answered', () => {
    assert.deepEqual(sets(settleGarp([], 0), 1e6), ['100 addresses×1']);
  });
});
