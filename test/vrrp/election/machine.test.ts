/** The election, sentence by sentence. RFC 9568 says Active where the older RFCs, keepalived and we say Master. */
import assert from 'node:assert/strict';
import { initialState, step, wakeAt } from '../../../src/vrrp/election/machine.js';
import type { Action, Event, Router, State } from '../../../src/vrrp/election/state.js';
import { router } from '../../support/routers.js';

const MDI = 3609.375;

/** Feeds events at their times; the result, and what was done, in short words. */
function play(
  node: Router,
  ...events: readonly (readonly [at: number, event: Event])[]
): { state: State; done: string[] } {
  let state: State = initialState(node);
  let done: string[] = [];
  for (const [at, event] of events) {
    const result = step(node, state, event, at);
    state = result.state;
    done = result.actions.map(inShort);
  }
  return { state, done };
}

function inShort(action: Action): string {
  switch (action.kind) {
    case 'advertise':
      return `advertise ${action.priority}`;
    case 'announce':
      return `announce ${action.repeat}`;
    case 'transition':
      return `${action.from}→${action.to} ${action.cause.why}`;
    case 'rx-lower-pri':
      return `lower ${action.peer.address}`;
    case 'acquire':
    case 'renew':
    case 'release':
      return action.kind;
  }
}

/** When a backup that hears nothing more, and is woken on time, is master. */
function takesOverAt(from: State): number {
  let state = from;
  for (;;) {
    const at = wakeAt(state);
    assert.equal(state.name, 'BACKUP');
    state = step(router(), state, timeout, at).state;
    if (state.name === 'MASTER') return at;
  }
}

const startup = [0, { kind: 'startup' }] as const;
const timeout = { kind: 'timeout' } as const;

function advert(priority: number, change: { source?: string; maxAdverIntMs?: number } = {}): Event {
  return { kind: 'advert', priority, source: '10.0.0.2', maxAdverIntMs: 1000, ...change };
}

/** Becomes master at MDI. */
const mastership = [startup, [MDI, timeout]] as const;

describe('vrrp/machine: Initialize', () => {
  it('"Set the Active_Down_Timer to Active_Down_Interval; Transition to the {Backup} state" (§6.4.1)', () => {
    const { state, done } = play(router(), startup);
    assert.equal(wakeAt(state), MDI);
    assert.deepEqual(done, ['release', 'INIT→BACKUP startup']);
  });

  it('"If the Priority = 255, i.e. the router owns the IPvX address(es)" it is master at once (§6.4.1)', () => {
    const { state, done } = play(router({ priority: 255, initialState: 'MASTER' }), startup);
    assert.equal(state.name, 'MASTER');
    assert.deepEqual(done, ['acquire', 'announce 5', 'advertise 255', 'INIT→MASTER owner']);
  });

  it('as keepalived: 255 without `state MASTER` waits like everyone', () => {
    assert.equal(wakeAt(play(router({ priority: 255 }), startup).state), 3000 + 1000 / 256);
  });

  it('as keepalived: `state MASTER` waits for one advert only', () => {
    assert.equal(wakeAt(play(router({ initialState: 'MASTER' }), startup).state), 1000 + 2000 / 256);
  });

  it('a fault at startup is FAULT, holding nothing', () => {
    const fault = { kind: 'link', reason: 'interface eth0 is down' } as const;
    const { state, done } = play(
      router(),
      [0, { kind: 'fitness', fitness: { priority: 100, fault } }],
      startup,
    );
    assert.deepEqual(done, ['release', 'INIT→FAULT fault']);
    assert.equal(wakeAt(state), Number.POSITIVE_INFINITY);
  });
});

describe('vrrp/machine: adoption', () => {
  const adopt = (lastAdvertAgoMs: number) =>
    [0, { kind: 'startup', adopt: { of: 'last-run', lastAdvertAgoMs } }] as const;

  it('found its addresses and was master just now: goes on with an immediate advert, and nothing is announced', () => {
    const { done } = play(router(), adopt(700));
    assert.deepEqual(done, ['acquire', 'advertise 100', 'INIT→MASTER adopted']);
  });

  it('nopreempt: not when another may have taken over meanwhile', () => {
    const nopreempt = router({ preempt: false });
    assert.equal(play(nopreempt, adopt(3007)).state.name, 'MASTER');
    assert.deepEqual(play(nopreempt, adopt(3008)).done, ['release', 'INIT→BACKUP startup']);
  });

  it('preempt_delay waits here as well', () => {
    assert.equal(play(router({ preemptDelayMs: 5000 }), adopt(3500)).state.name, 'BACKUP');
  });

  it('preempt: goes on even late, as it would come back anyway and a better one answers at once', () => {
    assert.equal(play(router(), adopt(3900)).state.name, 'MASTER');
  });
});

describe('vrrp/machine: Backup', () => {
  it('"If the Active_Down_Timer fires, then: Send an ADVERTISEMENT … gratuitous ARP … Transition to the {Active} state" (§6.4.2)', () => {
    const { state, done } = play(router(), startup, [MDI, timeout]);
    assert.deepEqual(done, ['acquire', 'advertise 100', 'announce 5', 'BACKUP→MASTER master-silent']);
    assert.equal(state.name === 'MASTER' && state.advertAt, MDI + 1000);
  });

  it('an early timeout changes nothing', () => {
    assert.deepEqual(play(router(), startup, [MDI - 0.001, timeout]).done, []);
  });

  it('"If the Priority in the ADVERTISEMENT is 0, then: Set the Active_Down_Timer to Skew_Time" (§6.4.2)', () => {
    const { state } = play(router(), startup, [1000, advert(150)], [2000, advert(0)]);
    assert.equal(takesOverAt(state), 2609.375);
  });

  it('a timer that is noticed late waits 5 ms more, once: the silence may have been our own', () => {
    const heard = [startup, [1000, advert(150)]] as const;
    const late = [1000 + MDI + 2, timeout] as const;
    const { state, done } = play(router(), ...heard, late);
    assert.deepEqual([done, takesOverAt(state)], [[], 1000 + MDI + 7]);
    assert.equal(play(router(), ...heard, late, [1000 + MDI + 50, timeout]).state.name, 'MASTER');
    const spoke = play(router(), ...heard, late, [1000 + MDI + 3, advert(150)]);
    assert.equal(takesOverAt(spoke.state), 1000 + MDI + 3 + MDI);
    const again = play(router(), ...heard, late, [1000 + MDI + 3, advert(150)], [9000, timeout]);
    assert.equal(takesOverAt(again.state), 9005, 'each silence is doubted by itself');
  });

  it('looks 5 ms before it takes over whether it is on time; if not, all who stood still with it get 5 ms to speak', () => {
    const heard = [startup, [1000, advert(150)]] as const;
    const end = 1000 + MDI;
    assert.equal(wakeAt(play(router(), ...heard).state), end - 5);
    assert.equal(wakeAt(play(router(), ...heard, [end - 3.1, timeout]).state), end, 'on time');
    assert.equal(wakeAt(play(router(), ...heard, [end - 3, timeout]).state), end + 2, 'held up until then');
    const lookedLate = play(router(), ...heard, [end - 1, timeout], [end + 3.9, timeout]);
    assert.deepEqual([lookedLate.done, wakeAt(lookedLate.state)], [[], end + 4]);
    const stoodStillLater = play(router(), ...heard, [end - 5, timeout], [end + 30, timeout]);
    assert.deepEqual([stoodStillLater.done, wakeAt(stoodStillLater.state)], [[], end + 35]);
    assert.equal(play(router(), ...heard, [end - 1, timeout], [end + 30, timeout]).state.name, 'MASTER');
  });

  it('a resignation is not doubted, nor a silence in which nobody was ever heard', () => {
    assert.equal(
      play(router(), startup, [1000, advert(150)], [2000, advert(0)], [9000, timeout]).state.name,
      'MASTER',
    );
    assert.equal(play(router(), startup, [9000, timeout]).state.name, 'MASTER');
  });

  it('a second priority 0 does not put the takeover off', () => {
    const { state } = play(router(), startup, [2000, advert(0)], [2500, advert(0)]);
    assert.equal(takesOverAt(state), 2609.375);
  });

  it('after priority 0 it holds and announces first, as the old master may answer until it hears the advert', () => {
    const { done } = play(router(), startup, [2000, advert(0)], [2609.375, timeout]);
    assert.deepEqual(done, ['acquire', 'announce 5', 'advertise 100', 'BACKUP→MASTER master-resigned']);
  });

  it('"If … the Priority in the ADVERTISEMENT is greater than or equal to the local Priority, then: … Set the Active_Down_Timer to Active_Down_Interval" (§6.4.2)', () => {
    for (const priority of [100, 101, 255]) {
      assert.equal(takesOverAt(play(router(), startup, [3000, advert(priority)]).state), 3000 + MDI);
    }
  });

  it('"Set the Active_Adver_Interval to the Max Advertise Interval contained in the ADVERTISEMENT" (§6.4.2)', () => {
    const { state } = play(router(), startup, [3000, advert(150, { maxAdverIntMs: 200 })]);
    assert.equal(takesOverAt(state), 3000 + 600 + (156 * 200) / 256);
  });

  it('VRRPv2 learns no interval', () => {
    const { state } = play(router({ version: 2 }), startup, [3000, advert(150, { maxAdverIntMs: 200 })]);
    assert.equal(takesOverAt(state), 3000 + MDI);
  });

  it('"If Preempt_Mode is False": a lower priority is put up with (§6.4.2)', () => {
    assert.equal(takesOverAt(play(router({ preempt: false }), startup, [3000, advert(1)]).state), 3000 + MDI);
  });

  it('"else // preempt was true and priority was less than the local priority: Discard the ADVERTISEMENT" (§6.4.2)', () => {
    assert.equal(takesOverAt(play(router(), startup, [3000, advert(99)]).state), MDI);
  });

  it('taking over from a lower master that is still there, it holds and announces before it tells', () => {
    const { done } = play(router(), startup, [3000, advert(99)], [MDI, timeout]);
    assert.deepEqual(done, ['acquire', 'announce 5', 'advertise 100', 'BACKUP→MASTER preempting']);
  });

  it('preempt_delay begins with the first lower advert', () => {
    const node = router({ preemptDelayMs: 5000 });
    const within = play(node, startup, [1000, advert(99)], [5900, advert(99)]);
    assert.equal(takesOverAt(within.state), 5900 + MDI);
    const after = play(node, startup, [1000, advert(99)], [5900, advert(99)], [6000, advert(99)]);
    assert.equal(takesOverAt(after.state), 5900 + MDI);
  });

  it('preempt_delay is forgotten with an advert that is not lower', () => {
    const node = router({ preemptDelayMs: 5000 });
    const { state } = play(node, startup, [1000, advert(99)], [2000, advert(150)], [6500, advert(99)]);
    assert.equal(takesOverAt(state), 6500 + MDI);
  });

  it('a new priority moves the timer by the change of skew', () => {
    const { state } = play(router(), startup, [1000, { kind: 'fitness', fitness: { priority: 228 } }]);
    assert.equal(takesOverAt(state), MDI - 500);
  });

  it('"If a Shutdown event is received, then: Cancel the Active_Down_Timer; Transition to the {Initialize} state" (§6.4.2)', () => {
    const { state, done } = play(router(), startup, [1000, { kind: 'shutdown' }]);
    assert.deepEqual(done, ['BACKUP→INIT shutdown']);
    assert.equal(wakeAt(state), Number.POSITIVE_INFINITY);
  });
});

describe('vrrp/machine: Master', () => {
  it('"If the Adver_Timer fires, then: Send an ADVERTISEMENT; Reset the Adver_Timer to Advertisement_Interval" (§6.4.3)', () => {
    const { state, done } = play(router(), ...mastership, [MDI + 1000, timeout]);
    assert.deepEqual(done, ['renew', 'advertise 100']);
    assert.equal(wakeAt(state), MDI + 2000);
  });

  it('a late timer does not shift the beat; a beat missed altogether starts a new one', () => {
    assert.equal(wakeAt(play(router(), ...mastership, [MDI + 1300, timeout]).state), MDI + 2000);
    assert.equal(wakeAt(play(router(), ...mastership, [MDI + 2300, timeout]).state), MDI + 3300);
  });

  it('"If the Priority in the ADVERTISEMENT is 0, then: Send an ADVERTISEMENT; Reset the Adver_Timer" (§6.4.3)', () => {
    const { state, done } = play(router(), ...mastership, [MDI + 500, advert(0)]);
    assert.deepEqual(done, ['advertise 100']);
    assert.equal(wakeAt(state), MDI + 1500);
  });

  it('"If the Priority in the ADVERTISEMENT is greater than the local Priority … Transition to the {Backup} state" (§6.4.3)', () => {
    const { state, done } = play(router(), ...mastership, [5000, advert(101, { maxAdverIntMs: 500 })]);
    assert.deepEqual(done, ['release', 'MASTER→BACKUP higher-priority']);
    assert.equal(takesOverAt(state), 5000 + 1500 + (156 * 500) / 256, 'with its Max Advertise Interval');
  });

  it('"… equal to the local Priority and the primary IPvX address of the sender is greater … (unsigned integer comparison)" (§6.4.3)', () => {
    const node = router({ primaryAddress: '10.0.0.9' });
    const meets = (source: string) => play(node, ...mastership, [5000, advert(100, { source })]).state.name;
    assert.equal(meets('10.0.0.10'), 'BACKUP', 'not by text');
    assert.equal(meets('200.0.0.1'), 'BACKUP', 'not signed');
    assert.equal(meets('10.0.0.8'), 'MASTER');
    const six = router({ primaryAddress: 'fe80::9' });
    assert.equal(play(six, ...mastership, [5000, advert(100, { source: 'fe80::a' })]).state.name, 'BACKUP');
  });

  it('"Send an ADVERTISEMENT immediately to assert the {Active} state to the sending VRRP Router" (§6.4.3)', () => {
    const { state, done } = play(router(), ...mastership, [MDI + 500, advert(99)]);
    assert.deepEqual(done, ['renew', 'advertise 100', 'announce 5', 'lower 10.0.0.2']);
    assert.equal(wakeAt(state), MDI + 1000, 'and the Adver_Timer runs on');
  });

  it('a flood of lower adverts is answered ten times a second', () => {
    let state = play(router(), ...mastership).state;
    let answers = 0;
    for (let at = MDI; at < MDI + 900; at += 0.05) {
      const result = step(router(), state, advert(99), at);
      state = result.state;
      answers += result.actions.filter(({ kind }) => kind === 'advertise').length;
    }
    assert.equal(answers, 9);
  });

  it('lower_prio_no_advert: only announces', () => {
    const { done } = play(router({ lowerPrioNoAdvert: true }), ...mastership, [MDI + 500, advert(99)]);
    assert.deepEqual(done, ['announce 5', 'lower 10.0.0.2']);
  });

  it('higher_prio_send_advert: says a last word before it gives way', () => {
    const { done } = play(router({ higherPrioSendAdvert: true }), ...mastership, [5000, advert(101)]);
    assert.deepEqual(done, ['advertise 100', 'release', 'MASTER→BACKUP higher-priority']);
  });

  it('owner_ignore_adverts: an owner hears nobody', () => {
    const node = router({ priority: 255, initialState: 'MASTER', ownerIgnoreAdverts: true });
    const { state, done } = play(node, startup, [500, advert(255, { source: '10.0.0.99' })]);
    assert.equal(state.name, 'MASTER');
    assert.deepEqual(done, []);
  });

  it('its own priority from its own address is not answered, for that would echo for ever', () => {
    const { state, done } = play(router(), ...mastership, [5000, advert(100, { source: '10.0.0.1' })]);
    assert.equal(state.name, 'MASTER');
    assert.deepEqual(done, []);
  });

  it('timer_expired_backup: gives way when one of the others may have taken over', () => {
    const node = router({ timerExpiredBackup: 254 });
    const late = 3000 + (2 * 1000) / 256;
    assert.equal(play(node, ...mastership, [MDI + late - 1, timeout]).state.name, 'MASTER');
    assert.deepEqual(play(node, ...mastership, [MDI + late, timeout]).done, [
      'release',
      'MASTER→BACKUP late',
    ]);
  });

  it('takes the addresses again when their lifetime has run out meanwhile', () => {
    const { done } = play(router(), ...mastership, [MDI + 4000, timeout]);
    assert.deepEqual(done, ['acquire', 'announce 5', 'advertise 100']);
  });

  it('renews a short lifetime between adverts', () => {
    const node = router({ vipLifetime: { seconds: 1 } });
    const { state } = play(node, ...mastership);
    assert.equal(wakeAt(state), MDI + 500);
    assert.deepEqual(play(node, ...mastership, [MDI + 500, timeout]).done, ['renew']);
  });

  it('a dead link is FAULT at once, a failed tracker hands over first', () => {
    const faulty = (kind: 'link' | 'tracked') => {
      const fitness = { priority: 100, fault: { kind, reason: 'why' } };
      return play(router(), ...mastership, [5000, { kind: 'fitness', fitness }]).done;
    };
    assert.deepEqual(faulty('link'), ['advertise 0', 'release', 'MASTER→FAULT fault']);
    assert.deepEqual(faulty('tracked'), ['advertise 0', 'renew', 'MASTER→HANDOVER fault']);
  });

  it('addresses that someone removed are put back and announced', () => {
    assert.deepEqual(play(router(), ...mastership, [5000, { kind: 'repair' }]).done, [
      'acquire',
      'announce 5',
    ]);
  });
});

describe('vrrp/machine: hand-over', () => {
  const resigning = [...mastership, [5000, { kind: 'shutdown' }]] as const;
  const patience = 20 + (255 * 1000) / 256 + 500;

  it('"Send an ADVERTISEMENT with Priority = 0" (§6.4.3), and goes on answering', () => {
    const { state, done } = play(router(), ...resigning);
    assert.deepEqual(done, ['advertise 0', 'renew', 'MASTER→HANDOVER shutdown']);
    assert.equal(wakeAt(state), 5020);
  });

  it('says it twice, as one packet may be lost', () => {
    assert.deepEqual(play(router(), ...resigning, [5020, timeout]).done, ['advertise 0']);
  });

  it('releases when the peer takes over', () => {
    const { done } = play(router(), ...resigning, [5600, advert(1)]);
    assert.deepEqual(done, ['release', 'HANDOVER→INIT peer-took-over']);
  });

  it('is not taken in by the resignation of another', () => {
    assert.deepEqual(play(router(), ...resigning, [5600, advert(0)]).done, []);
  });

  it('releases after the longest Skew_Time and 500 ms when nobody comes', () => {
    const waiting = play(router(), ...resigning, [5020, timeout]);
    assert.equal(wakeAt(waiting.state), 5000 + patience);
    const { done } = play(router(), ...resigning, [5020, timeout], [5000 + patience, timeout]);
    assert.deepEqual(done, ['release', 'HANDOVER→INIT nobody-took-over']);
  });

  it('by command: Backup, and no preemption of the lower peer it handed over to', () => {
    const { state, done } = play(router(), ...mastership, [5000, { kind: 'handover' }], [5600, advert(1)]);
    assert.deepEqual(done, ['release', 'HANDOVER→BACKUP peer-took-over']);
    assert.equal(takesOverAt(step(router(), state, advert(1), 7000).state), 7000 + MDI);
  });

  it('by command, and a tracker fails before the peer has come: FAULT, and when it is well again still no preemption', () => {
    const failed: Event = {
      kind: 'fitness',
      fitness: { priority: 100, fault: { kind: 'tracked', reason: 'script' } },
    };
    const well: Event = { kind: 'fitness', fitness: { priority: 100 } };
    const start = [...mastership, [5000, { kind: 'handover' }], [5010, failed]] as const;
    const faulty = play(router(), ...start, [5600, advert(1)]);
    assert.deepEqual(faulty.done, ['release', 'HANDOVER→FAULT fault']);
    const backup = play(router(), ...start, [5600, advert(1)], [6000, well], [6600, advert(1)]);
    assert.equal(takesOverAt(backup.state), 6600 + MDI, 'put up with');
    const wellFirst = play(router(), ...start, [5020, well], [5600, advert(1)], [6600, advert(1)]);
    assert.equal(takesOverAt(wellFirst.state), 6600 + MDI, 'put up with');
    const resumed = play(router(), ...start, [5015, { kind: 'resume' }], [5020, well], [5600, advert(1)]);
    assert.equal(takesOverAt(step(router(), resumed.state, advert(1), 6600).state), 5600 + MDI, 'preempted');
  });

  it('by command, and told to resume: the lower peer is preempted as usual', () => {
    const { state } = play(
      router(),
      ...mastership,
      [5000, { kind: 'handover' }],
      [5600, advert(1)],
      [6000, { kind: 'resume' }],
      [6600, advert(1)],
    );
    assert.equal(takesOverAt(state), 5600 + MDI);
  });

  it('by command, and taken back before anyone came: master as before', () => {
    const { state, done } = play(
      router(),
      ...mastership,
      [5000, { kind: 'handover' }],
      [5100, { kind: 'resume' }],
    );
    assert.equal(state.name, 'MASTER');
    assert.ok(done.includes('advertise 100'));
  });

  it('by command, with nobody there: stays master', () => {
    const end = 5000 + patience + 1000;
    const { state, done } = play(router(), ...mastership, [5000, { kind: 'handover' }], [end, timeout]);
    assert.equal(state.name, 'MASTER');
    assert.ok(!done.includes('release'));
    assert.ok(done.includes('advertise 100'));
  });

  it('for a failed tracker: FAULT when the peer has taken over, Backup when it is well again by then', () => {
    const fault = { kind: 'tracked', reason: 'script' } as const;
    const failing = [...mastership, [5000, { kind: 'fitness', fitness: { priority: 100, fault } }]] as const;
    assert.equal(play(router(), ...failing, [5600, advert(1)]).state.name, 'FAULT');
    const well = { kind: 'fitness', fitness: { priority: 100 } } as const;
    assert.equal(play(router(), ...failing, [5300, well], [5600, advert(1)]).state.name, 'BACKUP');
  });

  it('a link that dies meanwhile ends it at once', () => {
    const fault = { kind: 'link', reason: 'down' } as const;
    const dies = { kind: 'fitness', fitness: { priority: 100, fault } } as const;
    const { done } = play(router(), ...mastership, [5000, { kind: 'handover' }], [5100, dies]);
    assert.deepEqual(done, ['release', 'HANDOVER→FAULT fault']);
  });

  it('a stop during a hand-over ends in Initialize', () => {
    const { state } = play(
      router(),
      ...mastership,
      [5000, { kind: 'handover' }],
      [5100, { kind: 'shutdown' }],
      [5600, advert(1)],
    );
    assert.equal(state.name, 'INIT');
  });
});

describe('vrrp/machine: Fault', () => {
  const fault = { kind: 'link', reason: 'eth0 is down' } as const;
  const broken = [startup, [1000, { kind: 'fitness', fitness: { priority: 100, fault } }]] as const;
  const mended = { kind: 'fitness', fitness: { priority: 100 } } as const;

  it('hears nothing and waits for nothing', () => {
    const { state } = play(router(), ...broken, [2000, advert(1)]);
    assert.equal(state.name, 'FAULT');
    assert.equal(wakeAt(state), Number.POSITIVE_INFINITY);
  });

  it('ends in Backup with the whole Master_Down_Interval', () => {
    const { state, done } = play(router(), ...broken, [9000, mended]);
    assert.deepEqual(done, ['FAULT→BACKUP fault-cleared']);
    assert.equal(wakeAt(state), 9000 + MDI);
  });

  it('an owner with `state MASTER` is master again at once', () => {
    const node = router({ priority: 255, initialState: 'MASTER' });
    const fit = { kind: 'fitness', fitness: { priority: 255 } } as const;
    assert.equal(play(node, ...broken, [9000, fit]).state.name, 'MASTER');
  });
});

describe('vrrp/machine: in a sync group', () => {
  const node = router({ grouped: true });

  it('a timer that runs out makes it ready, and only promotion makes it master', () => {
    const waiting = play(node, startup, [MDI, timeout]);
    assert.deepEqual(waiting.done, []);
    assert.equal(waiting.state.name === 'BACKUP' && waiting.state.ready, true);
    const { done } = play(node, startup, [MDI, timeout], [MDI + 10, { kind: 'promote' }]);
    assert.deepEqual(done, ['acquire', 'announce 5', 'advertise 100', 'BACKUP→MASTER group']);
  });

  it('is not ready any more when a better master speaks', () => {
    const { state } = play(node, startup, [MDI, timeout], [MDI + 10, advert(150)]);
    assert.equal(state.name === 'BACKUP' && state.ready, false);
    assert.deepEqual(step(node, state, { kind: 'promote' }, MDI + 20).actions, []);
  });

  it('demotion hands over to the peer rather than letting go', () => {
    const master = [startup, [MDI, timeout], [MDI, { kind: 'promote' }]] as const;
    assert.deepEqual(play(node, ...master, [9000, { kind: 'demote' }]).done, [
      'advertise 0',
      'renew',
      'MASTER→HANDOVER group',
    ]);
    const { state } = play(node, ...master, [9000, { kind: 'demote' }], [14_600, timeout]);
    assert.equal(state.name, 'BACKUP', 'also when nobody comes');
  });

  it('announces when another member met a lower master', () => {
    const master = [startup, [MDI, timeout], [MDI, { kind: 'promote' }]] as const;
    assert.deepEqual(play(node, ...master, [9000, { kind: 'announce' }]).done, ['announce 5']);
  });

  it('an owner waits for its group too', () => {
    const owner = router({ grouped: true, priority: 255, initialState: 'MASTER' });
    const { state } = play(owner, startup);
    assert.equal(state.name === 'BACKUP' && state.ready, true);
  });
});
