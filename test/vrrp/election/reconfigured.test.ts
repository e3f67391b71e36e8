/** A reload in each state of the election: deadlines follow the new configuration. */
import assert from 'node:assert/strict';
import { initialState, step, wakeAt } from '../../../src/vrrp/election/machine.js';
import type { Event, Router, State } from '../../../src/vrrp/election/state.js';
import { GARP, router } from '../../support/routers.js';

const MDI = 3609.375;
const timeout: Event = { kind: 'timeout' };
const startup: Event = { kind: 'startup' };
const advert = (change: { priority?: number; maxAdverIntMs?: number } = {}): Event => ({
  kind: 'advert',
  priority: 200,
  source: '10.0.0.2',
  maxAdverIntMs: 1000,
  ...change,
});

function play(node: Router, ...events: readonly (readonly [at: number, event: Event])[]): State {
  let state: State = initialState(node);
  for (const [at, event] of events) state = step(node, state, event, at).state;
  return state;
}

/** What is done from a reload on, with its time, until `endAt`. */
function outcome(
  reload: { readonly from: Router; readonly to: Router; readonly at: number; readonly endAt: number },
  start: State,
): string[] {
  const { from, to, at, endAt } = reload;
  let { state, actions } = step(to, start, { kind: 'reconfigured', before: from }, at);
  const done = actions.map(({ kind }) => `${at} ${kind}`);
  for (let now = wakeAt(state); now <= endAt; now = wakeAt(state)) {
    ({ state, actions } = step(to, state, timeout, now));
    done.push(...actions.map((each) => `${now} ${each.kind === 'announce' ? each.of : each.kind}`));
  }
  return done;
}

const only = (word: string) => (line: string) => line.endsWith(` ${word}`);
const masterOf = (node: Router) => play(node, [0, startup], [MDI, timeout]);

/** Every gap between renewals, and from the reload to the first, in ms. */
function renewalGaps(done: readonly string[]): number[] {
  const times = done.filter(only('renew')).map((line) => Number.parseFloat(line));
  return times.slice(1).map((at, i) => at - (times[i] ?? 0));
}

describe('vrrp/machine: a reload', () => {
  const quiet = { ...GARP, masterDelayMs: 0 };

  it('of a master: an advert at once', () => {
    const node = router({ garp: quiet });
    const done = outcome({ from: node, to: node, at: 4000, endAt: 5000 }, masterOf(node));
    assert.deepEqual(done.filter(only('advertise')), ['4000 advertise', '5000 advertise']);
  });

  it('of a master from `vip_lifetime off` to a lifetime: renewed before each end of it, and never taken again as lost', () => {
    const [from, to] = [router({ vipLifetime: 'off', garp: quiet }), router({ garp: quiet })];
    const done = outcome({ from, to, at: 10_000, endAt: 60_000 }, masterOf(from));
    const gaps = renewalGaps(done);
    assert.ok(gaps.length >= 10 && Math.max(...gaps) < 4000, gaps.join());
    assert.deepEqual(done.filter(only('acquire')), []);
  });

  it('of a master to a shorter advert_int: renewed within the lifetime that follows from it', () => {
    const [from, to] = [router({ advertIntMs: 30_000, garp: quiet }), router({ garp: quiet })];
    const start = play(from, [0, startup], [1e6, timeout]);
    const gaps = renewalGaps(outcome({ from, to, at: 1e6 + 10, endAt: 1e6 + 60_000 }, start));
    assert.ok(gaps.length >= 10 && Math.max(...gaps) < 4000, gaps.join());
  });

  it('of a master to `vip_lifetime off`: the addresses get it once, and no renewal after that', () => {
    const [from, to] = [router({ garp: quiet }), router({ vipLifetime: 'off', garp: quiet })];
    const done = outcome({ from, to, at: 10_000, endAt: 60_000 }, masterOf(from));
    assert.deepEqual(done.filter(only('renew')), ['10000 renew']);
  });

  it('of a master to a shorter advert_int with timer_expired_backup: not late by times that did not hold', () => {
    const nopreempt = { preempt: false, timerExpiredBackup: 254, garp: quiet };
    const from = router({ ...nopreempt, advertIntMs: 30_000 });
    const to = router(nopreempt);
    const start = play(from, [0, startup], [1e6, timeout]);
    const done = outcome({ from, to, at: 1e6 + 20_000, endAt: 1e6 + 30_000 }, start);
    assert.deepEqual(done.filter(only('transition')), []);
  });

  it('of a master that is late by the times it had: it gives way', () => {
    const node = router({ preempt: false, timerExpiredBackup: 254, garp: quiet });
    const { state } = step(node, masterOf(node), { kind: 'reconfigured', before: node }, 60_000);
    assert.equal(state.name, 'BACKUP');
  });

  const refreshed = (masterRefreshMs: number) => router({ garp: { ...quiet, masterRefreshMs } });

  it('of a master with a new garp_master_refresh: it begins, with another interval it begins anew', () => {
    for (const from of [router({ garp: quiet }), refreshed(7000)]) {
      const done = outcome({ from, to: refreshed(2000), at: 10_000, endAt: 15_000 }, masterOf(from));
      assert.deepEqual(done.filter(only('addresses')), ['12000 addresses', '14000 addresses']);
    }
  });

  it('of a master without the garp_master_refresh it had: it ends; one that stays keeps its beat', () => {
    const from = refreshed(2000);
    const start = masterOf(from);
    const reload = { from, at: 4000, endAt: 8000 };
    assert.deepEqual(
      outcome({ ...reload, to: router({ garp: quiet }) }, start).filter(only('addresses')),
      [],
    );
    assert.deepEqual(outcome({ ...reload, to: from }, start).filter(only('addresses')), [
      `${MDI + 2000} addresses`,
      `${MDI + 4000} addresses`,
    ]);
  });

  it('of a master with a new garp_extra_if: the other interfaces are announced on', () => {
    const from = router({ garp: quiet });
    const to = router({ garp: { ...quiet, extraIf: { intervalMs: 3000, all: true } } });
    const done = outcome({ from, to, at: 10_000, endAt: 16_000 }, masterOf(from));
    assert.deepEqual(done.filter(only('extra-interfaces')), [
      '13000 extra-interfaces',
      '16000 extra-interfaces',
    ]);
  });

  it('of a master before its second set: that is announced still', () => {
    const node = router();
    const done = outcome({ from: node, to: node, at: 4000, endAt: 10_000 }, masterOf(node));
    assert.deepEqual(done.filter(only('addresses')), [`${MDI + 5000} addresses`]);
  });

  it('of a master that hands over: the lifetime is the new one', () => {
    const [from, to] = [router({ vipLifetime: 'off' }), router({ vipLifetime: { seconds: 1 } })];
    const resigned = play(from, [0, startup], [MDI, timeout], [MDI + 10, { kind: 'shutdown' }]);
    const at = MDI + 11;
    const done = outcome({ from, to, at, endAt: at + 1100 }, resigned);
    assert.deepEqual(done.filter(only('renew')), [`${at} renew`, `${at + 500} renew`, `${at + 1000} renew`]);
  });

  const v2 = (advertIntMs: number) => router({ version: 2, advertIntMs });
  const backupOf = (node: Router) => play(node, [0, startup], [1000, advert()]);
  /** When it is master, if it hears nothing more. */
  const takesOverAt = (from: Router, to: Router, at: number) => {
    const done = outcome(
      { from, to, at, endAt: 1e6 },
      backupOf(from).name === 'BACKUP' ? backupOf(from) : assert.fail(),
    );
    return Number.parseFloat(done.find(only('acquire')) ?? assert.fail('never'));
  };
  const skew = 609.375;

  it('of a VRRPv2 backup to a longer advert_int: it waits for the longer silence, counted from the last advert', () => {
    assert.equal(takesOverAt(v2(1000), v2(10_000), 2000), 1000 + 30_000 + skew);
  });

  it('of a VRRPv2 backup to a shorter advert_int: it waits for the shorter silence, from the reload on', () => {
    assert.equal(takesOverAt(v2(10_000), v2(1000), 20_000), 20_000 + 3000 + skew);
  });

  it('of a VRRPv2 backup to a shorter advert_int, shortly before its time: it waits no longer for that', () => {
    assert.equal(takesOverAt(v2(10_000), v2(1000), 31_000), 1000 + 30_000 + skew);
  });

  it('of a VRRPv3 backup: the interval is the master’s, whatever its own is now', () => {
    assert.equal(takesOverAt(router(), router({ advertIntMs: 10_000 }), 2000), 1000 + MDI);
  });

  it('of a backup to more down_timer_adverts: it waits for them', () => {
    assert.equal(takesOverAt(router(), router({ downTimerAdverts: 5 }), 2000), 1000 + 5000 + skew);
  });

  it('of a backup whose master has resigned: it takes over as soon as it would have', () => {
    const from = v2(1000);
    const resigned = play(from, [0, startup], [1000, advert()], [2000, advert({ priority: 0 })]);
    const done = outcome({ from, to: v2(10_000), at: 2100, endAt: 1e6 }, resigned);
    assert.equal(done.find(only('acquire')), `${2000 + skew} acquire`);
  });
});
