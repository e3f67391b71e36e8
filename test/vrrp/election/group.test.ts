import assert from 'node:assert/strict';
import { announceWith, groupFitness, groupOrders, groupState } from '../../../src/vrrp/election/group.js';
import { step } from '../../../src/vrrp/election/machine.js';
import type { Fitness, State } from '../../../src/vrrp/election/state.js';
import { FakeLan } from '../../support/fake-lan.js';
import { assertGolden } from '../../support/golden.js';
import { router } from '../../support/routers.js';

const node = router({ grouped: true });
const fitness = { priority: 100 };
const init: State = { name: 'INIT', fitness };
const fresh = step(node, init, { kind: 'startup' }, 0).state;
const better = { kind: 'advert', priority: 200, source: '10.0.0.9', maxAdverIntMs: 1000 } as const;
const backup = step(node, fresh, better, 0).state;
const ready = step(node, fresh, { kind: 'timeout' }, 4000).state;
const master = step(node, ready, { kind: 'promote' }, 4000).state;
const fault: State = { name: 'FAULT', fitness, yielded: false };
const leaving = step(node, master, { kind: 'demote' }, 5000).state;
const yielding = step(node, master, { kind: 'handover' }, 5000).state;

const said = (states: Record<string, State>) =>
  groupOrders(new Map(Object.entries(states))).map(({ instance, event }) => `${instance} ${event.kind}`);

describe('vrrp/group', () => {
  it('is MASTER only when every member may be', () => {
    assert.deepEqual(said({ a: ready, b: backup }), []);
    assert.deepEqual(said({ a: ready, b: ready }), ['a promote', 'b promote']);
    assert.deepEqual(said({ a: ready, b: master }), ['a promote']);
    assert.deepEqual(said({ a: ready, b: init }), [], 'one that has not started may not yet');
  });

  it('a member that loses its mastery takes the others along', () => {
    for (const lost of [backup, fault, leaving]) {
      assert.deepEqual(said({ a: master, b: lost, c: master }), ['a demote', 'c demote']);
    }
  });

  it('says nothing twice', () => {
    assert.deepEqual(said({ a: master, b: master }), []);
    assert.deepEqual(said({ a: backup, b: leaving }), []);
    assert.deepEqual(said({ a: fault, b: fault }), []);
  });

  it('waits while a member may yet come back from a hand-over', () => {
    assert.deepEqual(said({ a: master, b: yielding }), []);
  });

  it('members that start one after the other do not end each other', () => {
    assert.deepEqual(said({ a: master, b: init }), []);
  });

  it('a fault of one is a fault of all, with its name', () => {
    const broken: Fitness = { priority: 100, fault: { kind: 'link', reason: 'interface eth1 is down' } };
    const spread = groupFitness(
      'VG',
      new Map([
        ['in', { priority: 120 }],
        ['out', broken],
      ]),
    );
    assert.deepEqual(spread.get('out'), broken);
    assert.deepEqual(spread.get('in'), {
      priority: 120,
      fault: { kind: 'tracked', reason: 'sync group VG: out: interface eth1 is down', deadLink: true },
    });
    assert.deepEqual(groupFitness('VG', new Map([['in', { priority: 120 }]])).get('in'), { priority: 120 });
  });

  it('shows one state', () => {
    const shown = (...states: State[]) =>
      groupState(new Map(states.map((state, index) => [`${index}`, state])));
    assert.equal(shown(master, master), 'MASTER');
    assert.equal(shown(master, leaving), 'MASTER');
    assert.equal(shown(master, ready), 'BACKUP');
    assert.equal(shown(backup, leaving), undefined, 'not before the last has handed over');
    assert.equal(shown(init, leaving), undefined);
    assert.equal(shown(fault, leaving), undefined, 'one still answers');
    assert.equal(shown(backup, fault), 'FAULT');
    assert.equal(shown(init, init), 'INIT');
  });

  it('all announce when one met a lower master', () => {
    const members = new Map([
      ['a', master],
      ['b', master],
    ]);
    assert.deepEqual(announceWith(members, 'a'), [{ instance: 'b', event: { kind: 'announce' } }]);
  });
});

/** Two directors with an inner and an outer instance each, on two segments. */
function pair(): FakeLan {
  const lan = new FakeLan();
  for (const [host, priority, last] of [
    ['r1', 150, 1],
    ['r2', 100, 2],
  ] as const) {
    for (const [segment, net] of [
      ['in', '10.0.1'],
      ['out', '10.0.2'],
    ] as const) {
      const primaryAddress = `${net}.${last}`;
      lan.add(`${host}.${segment}`, router({ priority, primaryAddress, grouped: true }), {
        segment,
        group: host,
      });
    }
  }
  for (const name of lan.nodes.keys()) lan.start(name);
  lan.runUntil(6000);
  lan.trace.length = 0;
  return lan;
}

function break_(lan: FakeLan, host: string, member: string): void {
  const priority = lan.nodes.get(member)?.router.priority ?? 100;
  const own = new Map<string, Fitness>([
    [`${host}.in`, { priority }],
    [`${host}.out`, { priority }],
  ]);
  own.set(member, { priority, fault: { kind: 'link', reason: 'interface is down' } });
  const all = groupFitness('VG', own);
  lan.together([...all.keys()], (name) => ({ kind: 'fitness', fitness: all.get(name) ?? fitness }));
}

function mend(lan: FakeLan, host: string): void {
  const priority = lan.nodes.get(`${host}.in`)?.router.priority ?? 100;
  lan.together([`${host}.in`, `${host}.out`], () => ({ kind: 'fitness', fitness: { priority } }));
}

function golden(name: string, claim: string, lan: FakeLan): void {
  assertGolden(name, `# ${claim}\n# milliseconds  router  what it does\n${lan.trace.join('\n')}\n`);
}

describe('sync groups', () => {
  it('both move when one link of the master dies, and come back together', () => {
    const lan = pair();
    lan.at(6300, () => {
      lan.cut('r1.out', 'r2.out');
      break_(lan, 'r1', 'r1.out');
    });
    lan.at(13_000, () => {
      lan.mend('r1.out', 'r2.out');
      mend(lan, 'r1');
    });
    lan.runUntil(18_000);
    golden(
      'group-fault',
      'r1 and r2 hold an inner and an outer address in a sync group; the outer link of r1 dies',
      lan,
    );
    assert.deepEqual(lan.holders(), ['r1.in', 'r1.out']);
    const inner = lan.holdings
      .slice(1)
      .filter(({ holders }) => !holders.some((name) => name.endsWith('.in')));
    assert.deepEqual(inner, [], 'the address whose link lives always has an owner');
  });

  it('one preempted member takes the other along, without a gap', () => {
    const lan = pair();
    lan.at(6300, () => lan.together(['r1.in', 'r1.out'], () => ({ kind: 'handover' })));
    lan.at(9000, () => lan.together(['r1.in', 'r1.out'], () => ({ kind: 'resume' })));
    lan.runUntil(14_000);
    golden('group-handover', 'the operator hands the group over, and lets it come back', lan);
    assert.deepEqual(lan.holders(), ['r1.in', 'r1.out']);
    const segments = lan.holdings
      .slice(2)
      .map(({ holders }) => new Set(holders.map((name) => name.slice(3))).size);
    assert.ok(
      segments.every((count) => count === 2),
      'both addresses always had an owner',
    );
  });
});
