/** Processes that cannot be read: theirs is the loss, and no thread is missed by others. */
import assert from 'node:assert/strict';
import type { TrackProcessConfig } from '../../../src/vrrp/track/config.js';
import type { Proc } from '../../../src/vrrp/track/proc.js';
import type { ProcessInfo } from '../../../src/vrrp/track/process-match.js';
import { createProcessTracker, type ProcessTracker } from '../../../src/vrrp/track/processes.js';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.js';

const TRACKED: TrackProcessConfig = {
  name: 'p',
  command: 'served',
  args: [],
  fullCommand: false,
  quorum: 1,
  forkDelayMs: 0,
  terminateDelayMs: 0,
};

describe('vrrp/track/processes and a process that hangs', () => {
  let clock: FakeClock;
  let tracker: ProcessTracker;
  /** Names by process id; those that hang answer when they are let go. */
  let there: Map<string, string>;
  let hanging: Set<string>;
  let waiting: (() => void)[];
  let counts: { lists: number; reads: string[]; under: number; most: number };
  let listing: () => Promise<void>;

  const proc: Proc = {
    list: async () => {
      counts.lists += 1;
      await listing();
      return [...there.keys()];
    },
    read: async (pid) => {
      counts.reads.push(pid);
      counts.under += 1;
      counts.most = Math.max(counts.most, counts.under);
      if (hanging.has(pid)) await new Promise<void>((resolve) => waiting.push(resolve));
      else await Promise.resolve();
      counts.under -= 1;
      const name = there.get(pid);
      if (name === undefined) throw new Error('ENOENT');
      return { name, argv: [name] } satisfies ProcessInfo;
    },
  };

  beforeEach(() => {
    clock = createFakeClock();
    there = new Map(['init', 'served', 'shell'].map((name, i) => [`${i + 1}`, name]));
    hanging = new Set();
    waiting = [];
    counts = { lists: 0, reads: [], under: 0, most: 0 };
    listing = () => Promise.resolve();
    const log = { info: () => {}, warn: () => {} };
    tracker = createProcessTracker({ clock, log, onChange: () => {} }, proc);
  });
  afterEach(() => tracker.stop());

  const says = () => tracker.read('p');
  const begin = () => tracker.configure([TRACKED]);

  it('one is read at a time, and no scan begins before the last has ended', async () => {
    begin();
    await clock.advanceAsync(2000);
    assert.deepEqual([says(), counts.most], [true, 1]);
    let go: (() => void) | undefined;
    const long = new Promise<void>((resolve) => {
      go = resolve;
    });
    listing = () => long;
    await clock.advanceAsync(500);
    const before = counts.lists;
    await clock.advanceAsync(60_000);
    assert.equal(counts.lists, before);
    go?.();
    await clock.advanceAsync(120_000);
    assert.ok(counts.lists > before);
  });

  it('those that hang are waited for a moment, two at most, and the others are counted on', async () => {
    for (const pid of ['91', '92', '93', '94']) {
      there.set(pid, 'stuck');
      hanging.add(pid);
    }
    begin();
    await clock.advanceAsync(20_000);
    assert.equal(says(), true);
    assert.deepEqual(
      counts.reads.filter((pid) => hanging.has(pid)),
      ['91', '92'],
    );
    assert.equal(counts.most, 2);
    there.delete('2');
    await clock.advanceAsync(5000);
    assert.equal(says(), false);
  });

  it('one that hangs is known as it was, until it ends or answers again', async () => {
    begin();
    await clock.advanceAsync(2000);
    hanging.add('2');
    await clock.advanceAsync(30_000);
    assert.deepEqual([says(), counts.under], [true, 1]);
    hanging.delete('2');
    there.set('2', 'other');
    for (const answer of waiting) answer();
    await clock.advanceAsync(30_000);
    assert.deepEqual([says(), counts.under], [false, 0]);
    there.set('4', 'served');
    await clock.advanceAsync(5000);
    assert.equal(says(), true);
    hanging.add('4');
    await clock.advanceAsync(30_000);
    there.delete('4');
    await clock.advanceAsync(5000);
    assert.equal(says(), false);
  });

  it('a list of processes that cannot be had changes nothing, and is asked for again', async () => {
    begin();
    await clock.advanceAsync(1000);
    listing = () => Promise.reject(new Error('EMFILE'));
    await clock.advanceAsync(3000);
    assert.equal(says(), true);
    there.delete('2');
    listing = () => Promise.resolve();
    await clock.advanceAsync(1000);
    assert.equal(says(), false);
  });
});
