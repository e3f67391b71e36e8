/** Three routers with a sync group of two each, whatever happens to them and to either segment: in simulated time. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { groupFitness } from '../../../src/vrrp/election/group.js';
import type { Fitness } from '../../../src/vrrp/election/state.js';
import { disturb, election, longestMs, network, type Settings } from '../../support/elections.js';
import { FakeLan } from '../../support/fake-lan.js';
import { router } from '../../support/routers.js';

const ROUTERS = ['r1', 'r2', 'r3'] as const;
const SEGMENTS = ['in', 'out'] as const;
type Segment = (typeof SEGMENTS)[number];

/** What may happen to a whole router, or to its link on one segment. */
const HAPPENINGS = [
  'kill',
  'start',
  'freeze',
  'thaw',
  'stop',
  'handover',
  'resume',
  'cut',
  'mend',
  'link fault',
  'tracker fault',
  'well',
] as const;

const happenings = fc.array(
  fc.record({
    what: fc.constantFrom(...HAPPENINGS),
    who: fc.constantFrom(...ROUTERS),
    whom: fc.constantFrom(...ROUTERS),
    segment: fc.constantFrom(...SEGMENTS),
    at: fc.double({ min: 0, max: 40, noNaN: true }),
  }),
  { maxLength: 25 },
);
type Happening = typeof happenings extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

const anyPriorities = fc.tuple(...ROUTERS.map(() => fc.constantFrom(1, 100, 100, 254)));
const anyOrder = fc.shuffledSubarray([1, 2, 3], { minLength: 3 });
/** Also equal ones whose addresses decide otherwise on one segment than on the other: with the same timers none can win. */
const whichever = fc.record({ priorities: anyPriorities, outer: anyOrder });
const unequal = fc.record({
  priorities: fc.uniqueArray(fc.integer({ min: 1, max: 254 }), { minLength: 3, maxLength: 3 }),
  outer: anyOrder,
});
/** One of them would win on both segments. */
const decided = fc.oneof(
  unequal,
  fc.record({ priorities: anyPriorities, outer: fc.constant<number[]>([1, 2, 3]) }),
);
type Routers = { readonly priorities: readonly number[]; readonly outer: readonly number[] };

function membersOf(who: string): readonly string[] {
  return SEGMENTS.map((segment) => `${who}.${segment}`);
}

function build(common: Partial<Settings>, { priorities, outer }: Routers): FakeLan {
  const lan = new FakeLan();
  for (const [index, who] of ROUTERS.entries()) {
    const priority = priorities[index] ?? 100;
    const own = (primaryAddress: string) => router({ ...common, priority, primaryAddress, grouped: true });
    lan.add(`${who}.in`, own(`10.0.0.${index + 1}`), { segment: 'in', group: who });
    lan.add(`${who}.out`, own(`10.0.1.${outer[index]}`), { segment: 'out', group: who });
  }
  return lan;
}

/** A fault of one member is one of the other too. */
function fitnessOf(lan: FakeLan, who: string, segment?: Segment, kind: 'link' | 'tracked' = 'link') {
  const own = new Map<string, Fitness>();
  for (const name of membersOf(who)) {
    const priority = lan.nodes.get(name)?.router.priority ?? 100;
    const fault = { kind, reason: 'broken' } as const;
    own.set(name, segment !== undefined && name.endsWith(`.${segment}`) ? { priority, fault } : { priority });
  }
  return groupFitness('VG', own);
}

function tell(lan: FakeLan, who: string, all: ReadonlyMap<string, Fitness>): void {
  for (const [name, fitness] of all) {
    const node = lan.nodes.get(name);
    if (node !== undefined) node.fitness = fitness;
  }
  lan.together(membersOf(who), (name) => ({
    kind: 'fitness',
    fitness: all.get(name) ?? { priority: 100 },
  }));
}

function start(lan: FakeLan, who: string): void {
  for (const name of membersOf(who)) if (lan.nodes.get(name)?.running === false) lan.start(name);
}

type Word = (typeof HAPPENINGS)[number];

const ACTS: Readonly<Record<Word, (lan: FakeLan, happening: Happening) => void>> = {
  kill: (lan, { who }) => each(who, (name) => lan.kill(name)),
  start: (lan, { who }) => start(lan, who),
  freeze: (lan, { who }) => each(who, (name) => lan.freeze(name)),
  thaw: (lan, { who }) => each(who, (name) => lan.thaw(name)),
  stop: (lan, { who }) => lan.together(membersOf(who), () => ({ kind: 'shutdown' })),
  handover: (lan, { who }) => lan.together(membersOf(who), () => ({ kind: 'handover' })),
  resume: (lan, { who }) => lan.together(membersOf(who), () => ({ kind: 'resume' })),
  cut: (lan, { who, whom, segment }) => {
    if (who !== whom) lan.cut(`${who}.${segment}`, `${whom}.${segment}`);
  },
  mend: (lan, { who, whom, segment }) => lan.mend(`${who}.${segment}`, `${whom}.${segment}`),
  'link fault': (lan, { who, segment }) => tell(lan, who, fitnessOf(lan, who, segment)),
  'tracker fault': (lan, { who, segment }) => tell(lan, who, fitnessOf(lan, who, segment, 'tracked')),
  well: (lan, { who }) => tell(lan, who, fitnessOf(lan, who)),
};

function each(who: string, act: (name: string) => void): void {
  for (const name of membersOf(who)) act(name);
}

/** Every router up, well and connected, no packet lost. */
function calm(lan: FakeLan): void {
  lan.deliverBy(() => 0.1);
  for (const who of ROUTERS)
    for (const whom of ROUTERS)
      for (const segment of SEGMENTS) lan.mend(`${who}.${segment}`, `${whom}.${segment}`);
  for (const who of ROUTERS) {
    each(who, (name) => lan.thaw(name));
    start(lan, who);
    tell(lan, who, fitnessOf(lan, who));
    lan.together(membersOf(who), () => ({ kind: 'resume' }));
  }
}

function statesOf(lan: FakeLan, who: string): readonly string[] {
  return membersOf(who).map((name) => lan.stateOf(name).name);
}

/** Plays it, and lets somebody look often. */
function play(lan: FakeLan, events: readonly Happening[], advertIntMs: number, look: () => void): void {
  for (const who of ROUTERS) start(lan, who);
  for (const event of events) lan.at(event.at * advertIntMs, () => ACTS[event.what](lan, event));
  for (let at = 0; at < 40 * advertIntMs; at += advertIntMs / 8) {
    lan.runUntil(at);
    look();
  }
}

describe('sync groups, whatever happens', () => {
  it('at no moment is one member of a router master and another backup or at fault', () => {
    let mixed = 0;
    fc.assert(
      fc.property(election, whichever, network, happenings, ({ settings }, all, packets, events) => {
        const lan = build(settings, all);
        disturb(lan, packets, settings);
        play(lan, events, settings.advertIntMs, () => {
          for (const who of ROUTERS) {
            const states = statesOf(lan, who);
            if (!states.includes('MASTER')) continue;
            const others = states.filter((each) => each !== 'MASTER');
            mixed += 1;
            assert.deepEqual(
              others.filter((each) => each !== 'HANDOVER'),
              [],
              `${who} at ${lan.now} ms`,
            );
          }
        });
      }),
      { numRuns: 300 },
    );
    assert.ok(mixed > 1000, `only ${mixed} looks at a master`);
  });

  it('end with one router that is master on both segments and alone holds both addresses, the others backups on both', () => {
    fc.assert(
      fc.property(election, decided, network, happenings, ({ settings }, all, packets, events) => {
        const lan = build(settings, all);
        disturb(lan, packets, settings);
        play(lan, events, settings.advertIntMs, () => {});
        const longest = longestMs(lan);
        calm(lan);
        lan.runUntil(lan.now + longest);
        // Some were still stopping.
        calm(lan);
        lan.runUntil(lan.now + longest);
        const found = new Map(ROUTERS.map((who) => [who, statesOf(lan, who).join(' ')]));
        const masters = ROUTERS.filter((who) => found.get(who) === 'MASTER MASTER');
        const backups = ROUTERS.filter((who) => found.get(who) === 'BACKUP BACKUP');
        const shown = [...found].map((each) => each.join(': ')).join(', ');
        assert.deepEqual([masters.length, backups.length], [1, 2], shown);
        assert.deepEqual(lan.holders(), membersOf(masters[0] ?? ''));
        const priorityOf = (who: (typeof ROUTERS)[number]) => all.priorities[ROUTERS.indexOf(who)] ?? 0;
        if (settings.preempt) assert.equal(priorityOf(masters[0] ?? 'r1'), Math.max(...all.priorities));
      }),
      { numRuns: 300 },
    );
  });

  /** RFC 9568 knows no groups: this is keepalived's, whose members move together. A dead link's router has nobody on it to hand over to. */
  it('a router whose group breaks on one segment holds neither address once another is master on both', () => {
    fc.assert(
      fc.property(
        election,
        unequal,
        fc.constantFrom(...SEGMENTS),
        fc.constantFrom('link', 'tracked'),
        ({ settings }, all, segment, kind) => {
          const lan = build({ ...settings, preemptDelayMs: 0 }, all);
          lan.deliverBy(() => 0.1);
          for (const who of ROUTERS) start(lan, who);
          lan.runUntil(2 * longestMs(lan));
          const master = ROUTERS.find((who) => statesOf(lan, who).join() === 'MASTER,MASTER');
          assert.ok(master !== undefined, 'a master at first');
          tell(lan, master, fitnessOf(lan, master, segment, kind as 'link' | 'tracked'));
          const before = lan.holdings.length;
          lan.runUntil(lan.now + longestMs(lan));
          const heirs = ROUTERS.filter((who) => statesOf(lan, who).join() === 'MASTER,MASTER');
          assert.equal(heirs.length, 1);
          assert.deepEqual(statesOf(lan, master), ['FAULT', 'FAULT']);
          assert.deepEqual(lan.holders(), membersOf(heirs[0] ?? ''));
          const healthy = segment === 'in' ? '.out' : '.in';
          const alone = lan.holdings
            .slice(before)
            .filter(({ holders }) => !holders.some((name) => name.endsWith(healthy)));
          assert.deepEqual(alone, [], 'the address whose link lives always has an owner');
        },
      ),
      { numRuns: 200 },
    );
  });
});
