/** What holds whatever happens: random crashes, freezes, cuts, loss, delay and reordering in simulated time. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Router } from '../../src/vrrp/state.js';
import { masterDownIntervalMs, vipLifetimeS } from '../../src/vrrp/timers.js';
import { FakeLan } from '../support/fake-lan.js';
import { router } from '../support/routers.js';

const NAMES = ['a', 'b', 'c'] as const;

/** What may happen to the routers; the numbers choose who and when. */
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
  'fault',
  'tracker',
  'well',
] as const;
type Happening = {
  readonly what: (typeof HAPPENINGS)[number];
  readonly who: number;
  readonly whom: number;
  readonly at: number;
};

const scenario = fc.record({
  advertIntMs: fc.constantFrom(10, 100, 1000),
  preempt: fc.boolean(),
  downTimerAdverts: fc.constantFrom(1, 3, 5),
  priorities: fc.array(fc.integer({ min: 1, max: 254 }), { minLength: 2, maxLength: 3 }),
  /** Each number between 0 and 1 is one packet's fate, used in turn. */
  fates: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 10, maxLength: 50 }),
  loss: fc.double({ min: 0, max: 0.6, noNaN: true }),
  happenings: fc.array(
    fc.record({
      what: fc.constantFrom(...HAPPENINGS),
      who: fc.nat(2),
      whom: fc.nat(2),
      at: fc.double({ min: 0, max: 40, noNaN: true }),
    }),
    { maxLength: 25 },
  ),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

function build(
  chosen: Pick<Scenario, 'priorities' | 'advertIntMs' | 'preempt' | 'downTimerAdverts'>,
): FakeLan {
  const lan = new FakeLan();
  for (const [index, priority] of chosen.priorities.entries()) {
    const { advertIntMs, preempt, downTimerAdverts } = chosen;
    const primaryAddress = `10.0.0.${index + 1}`;
    lan.add(
      NAMES[index] ?? 'a',
      router({ priority, primaryAddress, advertIntMs, preempt, downTimerAdverts }),
    );
  }
  return lan;
}

function befall(lan: FakeLan, { what, who, whom }: Happening): void {
  const names = [...lan.nodes.keys()];
  const name = names[who % names.length] ?? 'a';
  const other = names[whom % names.length] ?? 'a';
  const node = lan.nodes.get(name);
  const priority = node?.router.priority ?? 100;
  switch (what) {
    case 'kill':
      lan.kill(name);
      break;
    case 'start':
      if (node?.running === false) lan.start(name);
      break;
    case 'freeze':
      lan.freeze(name);
      break;
    case 'thaw':
      lan.thaw(name);
      break;
    case 'stop':
      lan.feed(name, { kind: 'shutdown' });
      break;
    case 'handover':
    case 'resume':
      lan.feed(name, { kind: what });
      break;
    case 'cut':
      if (other !== name) lan.cut(name, other);
      break;
    case 'mend':
      lan.mend(name, other);
      break;
    case 'fault':
      lan.feed(name, { kind: 'fitness', fitness: { priority, fault: { kind: 'link', reason: 'cable' } } });
      break;
    case 'tracker':
      lan.feed(name, {
        kind: 'fitness',
        fitness: { priority, fault: { kind: 'tracked', reason: 'script' } },
      });
      break;
    case 'well':
      lan.feed(name, { kind: 'fitness', fitness: { priority } });
      break;
  }
}

/** Every router up, well and connected, no packet lost. */
function calm(lan: FakeLan): void {
  lan.deliverBy(() => 0.1);
  const names = [...lan.nodes.keys()];
  for (const name of names) for (const other of names) lan.mend(name, other);
  for (const name of names) {
    lan.thaw(name);
    const node = lan.nodes.get(name);
    if (node === undefined) continue;
    node.fitness = { priority: node.router.priority };
    if (!node.running) lan.start(name);
    lan.feed(name, { kind: 'fitness', fitness: node.fitness });
    lan.feed(name, { kind: 'resume' });
  }
}

/** Priorities decide between a master and a Backup; addresses only between two masters. */
function highestPriority(lan: FakeLan): number {
  return Math.max(...[...lan.nodes.values()].map((node) => node.router.priority));
}

/** How long anything the protocol or the kernel waits for can last, for the slowest of them. */
function longestMs(node: Router): number {
  return 1000 * (vipLifetimeS(node) ?? 0) + 3 * masterDownIntervalMs(node, 1, node.advertIntMs) + 1000;
}

function masters(lan: FakeLan): string[] {
  return [...lan.nodes.values()]
    .filter((n) => n.running && n.state.name === 'MASTER')
    .map(({ name }) => name);
}

describe('elections, whatever happens', function () {
  // Thousands of runs: seconds on a busy machine.
  this.timeout(30_000);

  it('end with exactly one master that alone holds the addresses, and then nothing moves any more', () => {
    fc.assert(
      fc.property(scenario, (chosen) => {
        const lan = build(chosen);
        let packet = 0;
        lan.deliverBy(() => {
          packet += 1;
          const fate = chosen.fates[packet % chosen.fates.length] ?? 0;
          // Up to half an interval late, so that later packets overtake.
          return fate < chosen.loss ? undefined : ((fate * 7919) % 1) * 0.5 * chosen.advertIntMs;
        });
        for (const name of lan.nodes.keys()) lan.start(name);
        for (const happening of chosen.happenings) {
          lan.at(happening.at * chosen.advertIntMs, () => befall(lan, happening));
        }
        lan.runUntil(40 * chosen.advertIntMs);
        const [first] = lan.nodes.values();
        const longest = longestMs(first?.router ?? router());
        calm(lan);
        lan.runUntil(lan.now + longest);
        // Some were still stopping.
        calm(lan);
        lan.runUntil(lan.now + longest);
        const settledAt = lan.trace.length;
        const [master, ...others] = masters(lan);
        assert.ok(
          master !== undefined && others.length === 0,
          `masters: ${masters(lan).join(' ') || 'none'}`,
        );
        assert.deepEqual(lan.holders(), [master]);
        if (chosen.preempt) assert.equal(lan.nodes.get(master)?.router.priority, highestPriority(lan));
        lan.runUntil(lan.now + 20 * chosen.advertIntMs);
        const moved = lan.trace
          .slice(settledAt)
          .filter((line) => line.includes('→') || line.includes('addresses go'));
        assert.deepEqual(moved, []);
      }),
      { numRuns: 300 },
    );
  });

  it('never show two running masters for longer than it takes the better to speak and the other to hear', () => {
    const crashes = scenario.map((chosen) => ({
      ...chosen,
      happenings: chosen.happenings.filter(({ what }) =>
        ['kill', 'start', 'stop', 'handover', 'resume', 'tracker', 'well'].includes(what),
      ),
    }));
    fc.assert(
      fc.property(crashes, (chosen) => {
        const delayMs = chosen.advertIntMs / 8;
        const lan = build(chosen);
        lan.deliverBy(() => delayMs);
        for (const name of lan.nodes.keys()) lan.start(name);
        for (const happening of chosen.happenings) {
          lan.at(happening.at * chosen.advertIntMs, () => befall(lan, happening));
        }
        let twoSince = Number.POSITIVE_INFINITY;
        // An answer may wait for the gap between two answers, at most one advert.
        const allowedMs = 2 * delayMs + chosen.advertIntMs;
        for (let at = 0; at < 40 * chosen.advertIntMs; at += delayMs / 2) {
          lan.runUntil(at);
          if (masters(lan).length < 2) twoSince = Number.POSITIVE_INFINITY;
          else twoSince = Math.min(twoSince, at);
          assert.ok(at - twoSince <= allowedMs, `two masters since ${twoSince} ms, now ${at} ms`);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('outlast a host that stands still with both routers in it, whenever and however long, if the master is back within 3 ms of the backup', () => {
    const interval = fc.constantFrom(10, 100, 1000);
    const pause = fc.record({
      phase: fc.double({ min: 0, max: 1, noNaN: true }),
      /** When the backup is back, seen from its deadline: mostly about then. */
      backMs: fc.oneof(
        { weight: 4, arbitrary: fc.double({ min: -8, max: 8, noNaN: true }) },
        fc.double({ min: -3000, max: 3000, noNaN: true }),
      ),
      masterLaterMs: fc.double({ min: 0, max: 2.8, noNaN: true }),
    });
    fc.assert(
      fc.property(interval, fc.array(pause, { minLength: 1, maxLength: 10 }), (advertIntMs, pauses) => {
        const lan = build({ advertIntMs, preempt: true, downTimerAdverts: 3, priorities: [150, 100] });
        lan.deliverBy(() => 0.1);
        for (const name of lan.nodes.keys()) lan.start(name);
        lan.runUntil(10 * advertIntMs);
        for (const { phase, backMs, masterLaterMs } of pauses) {
          lan.runUntil(lan.now + phase * advertIntMs);
          for (const name of lan.nodes.keys()) lan.freeze(name);
          const backup = lan.stateOf('b');
          assert.equal(backup.name, 'BACKUP');
          lan.runUntil(Math.max(lan.now, (backup.name === 'BACKUP' ? backup.masterDownAt : 0) + backMs));
          lan.thaw('b');
          lan.runUntil(lan.now + masterLaterMs);
          lan.thaw('a');
          lan.runUntil(lan.now + 5 * advertIntMs);
          assert.deepEqual(masters(lan), ['a']);
        }
        assert.deepEqual(
          lan.trace.filter((line) => /b .* → MASTER/.test(line)),
          [],
        );
      }),
      { numRuns: 300 },
    );
  });

  it('never leave the addresses alone in planned moves while a peer is there', () => {
    const moves = fc.array(fc.constantFrom('stop', 'handover', 'restart', 'tracker'), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(moves, fc.constantFrom(10, 100, 1000), fc.boolean(), (planned, advertIntMs, preempt) => {
        const lan = build({ advertIntMs, preempt, downTimerAdverts: 3, priorities: [150, 100] });
        for (const name of lan.nodes.keys()) lan.start(name);
        const pause = 8 * advertIntMs + 2000;
        lan.runUntil(pause);
        for (const move of planned) {
          const [master] = masters(lan);
          assert.ok(master !== undefined);
          makeMove(lan, master, move);
          lan.runUntil(lan.now + pause);
          calm(lan);
          lan.runUntil(lan.now + pause);
        }
        const alone = lan.holdings.slice(1).filter(({ holders }) => holders.length === 0);
        assert.deepEqual(alone, []);
      }),
      { numRuns: 100 },
    );
  });
});

function makeMove(lan: FakeLan, master: string, move: 'stop' | 'handover' | 'restart' | 'tracker'): void {
  const priority = lan.nodes.get(master)?.router.priority ?? 100;
  switch (move) {
    case 'stop':
      lan.feed(master, { kind: 'shutdown' });
      break;
    case 'handover':
      lan.feed(master, { kind: 'handover' });
      break;
    case 'tracker':
      lan.feed(master, {
        kind: 'fitness',
        fitness: { priority, fault: { kind: 'tracked', reason: 'script' } },
      });
      break;
    case 'restart':
      lan.kill(master);
      lan.start(master);
      break;
  }
}
