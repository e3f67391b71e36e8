/** fork_delay and terminate_delay, and what a reload or the end makes of them while they run. */
import assert from 'node:assert/strict';
import type { TrackProcessConfig } from '../../../src/vrrp/track/config.js';
import { createProcessTracker, type ProcessTracker } from '../../../src/vrrp/track/processes.js';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.js';

const TRACKED: TrackProcessConfig = {
  name: 'p',
  command: 'served',
  args: [],
  fullCommand: false,
  quorum: 1,
  forkDelayMs: 0,
  terminateDelayMs: 60_000,
};

describe('vrrp/track/processes and their delays', () => {
  let clock: FakeClock;
  let tracker: ProcessTracker;
  let there: Set<string>;
  let hangs: boolean;
  let told: string[];

  beforeEach(async () => {
    clock = createFakeClock();
    there = new Set(['served']);
    hangs = false;
    told = [];
    const say = (_fields: object, text: string) => void told.push(`${clock.now()} ${text}`);
    const proc = {
      list: () => (hangs ? new Promise<readonly string[]>(() => {}) : Promise.resolve([...there])),
      name: async (name: string) => name,
      argv: async (name: string) => [name],
    };
    tracker = createProcessTracker({ clock, log: { info: say, warn: say }, onChange: () => {} }, proc);
    tracker.configure([TRACKED]);
    await clock.advanceAsync(10_000);
    there.clear();
    // Seen gone by the next scan.
    await clock.advanceAsync(500);
    told = [];
  });
  afterEach(() => tracker.stop());

  const DOWN = '70500 process p is down: 0 run, quorum 1';

  it('what is gone is down when it has been so for terminate_delay', async () => {
    await clock.advanceAsync(59_999);
    assert.deepEqual([tracker.read('p'), told], [true, []]);
    await clock.advanceAsync(1);
    assert.deepEqual([tracker.read('p'), told], [false, [DOWN]]);
  });

  it('a reload puts it off no more, even where no list of processes is to be had', async () => {
    hangs = true;
    await clock.advanceAsync(30_000);
    tracker.configure([TRACKED]);
    await clock.advanceAsync(30_000);
    assert.deepEqual(
      told.filter((text) => / is (up|down):/.test(text)),
      [DOWN],
    );
  });

  for (const [what, end] of [
    ['a reload takes out', () => tracker.configure([])],
    ['was stopped', () => tracker.stop()],
  ] as const) {
    it(`nothing is told of one that ${what}`, async () => {
      end();
      await clock.advanceAsync(120_000);
      assert.deepEqual([tracker.read('p'), told], [undefined, []]);
    });
  }
});
