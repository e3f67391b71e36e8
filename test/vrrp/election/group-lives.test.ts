/** Two directors with a sync group, through faults that come and go, hand-overs and reloads: what holds at every moment, and who is told. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { longestSkewMs, takeoverPossibleMs } from '../../../src/vrrp/election/timers.js';
import {
  type Common,
  DIRECTORS,
  type DirectorName,
  type File,
  GroupLives,
  MEMBERS,
  type Told,
} from '../../support/group-lives.js';

const WORDS = ['cut', 'part', 'ill', 'handover', 'reload'] as const;

const timing = fc.constantFrom<Pick<Common, 'version' | 'advertIntMs'>>(
  { version: 3, advertIntMs: 100 },
  { version: 3, advertIntMs: 1000 },
  { version: 2, advertIntMs: 1000 },
);
const commons: fc.Arbitrary<Common> = fc
  .record({ timing, preempt: fc.boolean(), preemptDelayMs: fc.constantFrom(0, 0, 700) })
  .map(({ timing: chosen, ...rest }) => ({ ...chosen, ...rest }));

/** In adverts. */
const LASTS = 50;
const happenings = fc.array(
  fc.record({
    what: fc.constantFrom(...WORDS),
    who: fc.constantFrom(...DIRECTORS),
    member: fc.constantFrom(...MEMBERS),
    size: fc.constantFrom<2 | 3>(2, 3),
    rank: fc.constantFrom(0, 50),
    at: fc.double({ min: 0, max: LASTS, noNaN: true }),
    /** Until it is over, which a reload never is. */
    lasts: fc.double({ min: 0, max: 8, noNaN: true }),
  }),
  { minLength: 3, maxLength: 10 },
);
type Happening = typeof happenings extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

/** Never the same as the other one's. */
const fileOf = (who: DirectorName, { size, rank }: Pick<Happening, 'size' | 'rank'>): File => ({
  size,
  priority: (who === 'a' ? 120 : 100) + rank,
});

type Act = (lives: GroupLives, happening: Happening, begins: boolean) => void;
const ACTS: Readonly<Record<(typeof WORDS)[number], Act>> = {
  cut: (lives, { who, member }, begins) => lives.setLink(who, member, !begins),
  part: (lives, { who }, begins) => lives.setJoined(who, !begins),
  ill: (lives, { who }, begins) => lives.setWell(who, !begins),
  handover: (lives, { who }, begins) => (begins ? lives.handOver(who) : lives.resume(who)),
  reload: (lives, happening, begins) => {
    if (begins) lives.load(happening.who, fileOf(happening.who, happening));
  },
};

/** Plays it, and lets somebody look often. */
function play(common: Common, all: readonly Happening[], look: (lives: GroupLives) => void): GroupLives {
  const lives = new GroupLives(common);
  for (const who of DIRECTORS) lives.load(who, fileOf(who, { size: 2, rank: 0 }));
  const { advertIntMs } = common;
  for (const each of all) {
    lives.clock.wake(each.at * advertIntMs, () => ACTS[each.what](lives, each, true));
    lives.clock.wake((each.at + each.lasts) * advertIntMs, () => ACTS[each.what](lives, each, false));
  }
  pass(lives, LASTS * advertIntMs, advertIntMs / 8, () => look(lives));
  return lives;
}

function pass(lives: GroupLives, forMs: number, stepMs: number, look: () => void): void {
  for (const endAt = lives.clock.now() + forMs; lives.clock.now() < endAt; ) {
    lives.clock.advance(stepMs);
    look();
  }
}

/** How long each of some conditions has been so without a break. */
function stopwatch(lives: GroupLives): (name: string, holds: boolean) => number {
  const since = new Map<string, number>();
  return (name, holds) => {
    if (!holds) since.delete(name);
    else if (!since.has(name)) since.set(name, lives.clock.now());
    return lives.clock.now() - (since.get(name) ?? lives.clock.now());
  };
}

/** What may follow what. */
const INSTANCE_AFTER: Readonly<Record<string, readonly string[]>> = {
  nothing: ['BACKUP', 'FAULT'],
  BACKUP: ['MASTER', 'FAULT', 'DELETED'],
  MASTER: ['BACKUP', 'FAULT', 'DELETED'],
  FAULT: ['BACKUP', 'DELETED'],
  DELETED: ['BACKUP', 'FAULT'],
};
const GROUP_AFTER: Readonly<Record<string, readonly string[]>> = {
  nothing: ['BACKUP', 'FAULT'],
  BACKUP: ['MASTER', 'FAULT'],
  MASTER: ['BACKUP', 'FAULT'],
  FAULT: ['BACKUP'],
};

/** Hears what one director tells, and objects to what makes no sense. */
function listener(): (told: Told) => void {
  const last = new Map<string, string>();
  return ({ of, name, state }) => {
    if (state === 'MASTER_RX_LOWER_PRI') {
      assert.equal(last.get(name), 'MASTER');
      return;
    }
    const before = last.get(name) ?? 'nothing';
    const after = of === 'GROUP' ? GROUP_AFTER : INSTANCE_AFTER;
    assert.ok(after[before]?.includes(state), `${of} ${name}: ${state} after ${before}`);
    last.set(name, state);
    if (of === 'INSTANCE') return;
    const members = MEMBERS.map((each) => `${each} ${last.get(each) ?? 'nothing'}`);
    const masters = members.filter((each) => each.endsWith('MASTER'));
    if (state === 'MASTER') assert.ok(masters.length > 0, `group MASTER: ${members}`);
    else assert.deepEqual(masters, [], `group ${state}: ${members}`);
  };
}

describe('sync groups of two directors, whatever happens', () => {
  it('each is told of in an order that makes sense: a group is no master while no member is, and nothing else while one is', () => {
    let count = 0;
    fc.assert(
      fc.property(commons, happenings, (common, all) => {
        const listeners = { a: listener(), b: listener() };
        play(common, all, (lives) => {
          for (const who of DIRECTORS) {
            for (const told of lives.news(who)) {
              listeners[who](told);
              count += 1;
            }
          }
        });
      }),
      { numRuns: 100 },
    );
    assert.ok(count > 1000, `only ${count} told`);
  });

  it('no instance has two masters for longer than until the next advert, where packets arrive', () => {
    fc.assert(
      fc.property(commons, happenings, (common, all) => {
        let watch: ReturnType<typeof stopwatch> | undefined;
        play(common, all, (lives) => {
          watch ??= stopwatch(lives);
          const [a, b] = [lives.states('a'), lives.states('b')];
          for (const name of MEMBERS) {
            const both = lives.joined && a.get(name) === 'MASTER' && b.get(name) === 'MASTER';
            const ms = watch(name, both);
            assert.ok(ms <= common.advertIntMs, `two masters of ${name} for ${ms} ms`);
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  it('at no moment is a member master and another, that has not just been added, backup or at fault; none hands over for longer than it says', () => {
    fc.assert(
      fc.property(commons, happenings, (common, all) => {
        const timing = { ...common, downTimerAdverts: 3 };
        const downMs = takeoverPossibleMs(timing, 1);
        const mostMs = Math.max(downMs, longestSkewMs(timing) + common.advertIntMs) + 520;
        let watch: ReturnType<typeof stopwatch> | undefined;
        play(common, all, (lives) => {
          watch ??= stopwatch(lives);
          for (const who of DIRECTORS) {
            const states = [...lives.states(who)];
            const isNew = (name: string) =>
              lives.clock.now() - (lives.addedAt.get(`${who}.${name}`) ?? 0) < downMs + common.advertIntMs;
            const apart = states.filter(
              ([name, state]) => state === 'FAULT' || (state === 'BACKUP' && !isNew(name)),
            );
            if (states.some(([, state]) => state === 'MASTER'))
              assert.deepEqual(apart, [], `${who} at ${lives.clock.now()} ms: ${states.join(' ')}`);
            for (const [name, state] of states) {
              const ms = watch(`${who}.${name}`, state === 'HANDOVER');
              assert.ok(ms <= mostMs, `${who}.${name} hands over for ${ms} ms of ${mostMs} ms`);
            }
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  it('end with one director that is master of all and alone holds all addresses', () => {
    fc.assert(
      fc.property(commons, happenings, (common, all) => {
        const lives = play(common, all, () => {});
        for (const who of DIRECTORS) {
          for (const member of MEMBERS) lives.setLink(who, member, true);
          lives.setWell(who, true);
          lives.setJoined(who, true);
          lives.resume(who);
          lives.load(who, fileOf(who, { size: 3, rank: 0 }));
        }
        pass(lives, 20 * common.advertIntMs + 5000, common.advertIntMs, () => {});
        const found = DIRECTORS.map((who) => [...lives.states(who).values()].join(' '));
        const shown = found.join(', ');
        const masters = DIRECTORS.filter((_, i) => found[i] === 'MASTER MASTER MASTER');
        assert.deepEqual([masters.length, found.includes('BACKUP BACKUP BACKUP')], [1, true], shown);
        if (common.preempt) assert.deepEqual(masters, ['a']);
        for (const name of MEMBERS) {
          assert.deepEqual(
            DIRECTORS.filter((who) => lives.holds(who, name)),
            masters,
          );
        }
      }),
      { numRuns: 100 },
    );
  });
});
