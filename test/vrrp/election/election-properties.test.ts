/** What holds whatever happens: random crashes, freezes, cuts, loss, delay and reordering in simulated time. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  befall,
  build,
  calm,
  disturb,
  election,
  happenings,
  highestPriority,
  longestMs,
  masters,
  network,
  startAll,
} from '../../support/elections.js';
import type { FakeLan } from '../../support/fake-lan.js';

describe('elections, whatever happens', () => {
  it('end with exactly one master that alone holds the addresses, and then nothing moves any more', () => {
    fc.assert(
      fc.property(election, network, happenings(), (chosen, packets, all) => {
        const { advertIntMs, preempt } = chosen.settings;
        const lan = build(chosen);
        disturb(lan, packets, { advertIntMs });
        startAll(lan);
        for (const each of all) lan.at(each.at * advertIntMs, () => befall(lan, each));
        lan.runUntil(40 * advertIntMs);
        const longest = longestMs(lan);
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
        if (preempt) assert.equal(lan.nodes.get(master)?.router.priority, highestPriority(lan));
        lan.runUntil(lan.now + 20 * advertIntMs);
        const moved = lan.trace
          .slice(settledAt)
          .filter((line) => line.includes('→') || line.includes('addresses go'));
        assert.deepEqual(moved, []);
      }),
      { numRuns: 300 },
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
        const lan = build({ settings: { advertIntMs }, priorities: [150, 100] });
        lan.deliverBy(() => 0.1);
        startAll(lan);
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
        const lan = build({ settings: { advertIntMs, preempt }, priorities: [150, 100] });
        startAll(lan);
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
