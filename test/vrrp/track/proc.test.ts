/** Processes that cannot be read: theirs is the loss, and no thread is missed by others. */
import assert from 'node:assert/strict';
import type { TrackProcessConfig } from '../../../src/vrrp/track/config.js';
import type { Proc } from '../../../src/vrrp/track/proc.js';
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
  let args: Map<string, readonly string[]>;
  let hanging: Set<string>;
  let waiting: (() => void)[];
  let counts: { lists: number; reads: string[]; under: number; most: number };
  let listing: () => Promise<void>;
  let told: string[];

  const proc: Proc = {
    list: async () => {
      counts.lists += 1;
      await listing();
      return [...there.keys()];
    },
    name: async (pid) => {
      const name = there.get(pid);
      if (name === undefined) throw new Error('ENOENT');
      return name;
    },
    argv: async (pid) => {
      counts.reads.push(pid);
      counts.under += 1;
      counts.most = Math.max(counts.most, counts.under);
      if (hanging.has(pid)) await new Promise<void>((resolve) => waiting.push(resolve));
      else await Promise.resolve();
      counts.under -= 1;
      const name = there.get(pid);
      if (name === undefined) throw new Error('ENOENT');
      return [name, ...(args.get(pid) ?? [])];
    },
  };

  beforeEach(() => {
    clock = createFakeClock();
    there = new Map(['init', 'served', 'shell'].map((name, i) => [`${i + 1}`, name]));
    args = new Map();
    hanging = new Set();
    told = [];
    waiting = [];
    counts = { lists: 0, reads: [], under: 0, most: 0 };
    listing = () => Promise.resolve();
    const say = (_fields: object, text: string) => void told.push(text);
    const log = { info: say, warn: say };
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

  describe('while two hang', () => {
    const WITH_ARGUMENT = { ...TRACKED, args: ['-d'] };
    const OPEN = /^processes could not be told for 10 s, as some hang: .* of p stays as it was$/;
    const openTold = () => told.filter((text) => OPEN.test(text)).length;

    /** It is up, and then two others hang. */
    async function begins(tracked: TrackProcessConfig): Promise<void> {
      args.set('2', ['-d']);
      tracker.configure([tracked]);
      await clock.advanceAsync(2000);
      assert.equal(says(), true);
      told = [];
      for (const pid of ['91', '92']) {
        there.set(pid, 'stuck');
        hanging.add(pid);
      }
      await clock.advanceAsync(5000);
    }

    /** As of a service that is started again. */
    function startsAgain(): void {
      there.delete('2');
      there.set('5', 'served');
      args.set('5', ['-d']);
    }

    it('one that is started again is up all the time: its name is enough where no argument is asked for', async () => {
      await begins({ ...TRACKED, args: [] });
      startsAgain();
      await clock.advanceAsync(60_000);
      assert.deepEqual([says(), told], [true, []]);
    });

    it('and where one is asked for it stays as it was, which is told once', async () => {
      await begins(WITH_ARGUMENT);
      startsAgain();
      await clock.advanceAsync(9000);
      assert.deepEqual([says(), told], [true, []]);
      await clock.advanceAsync(60_000);
      assert.deepEqual([says(), openTold()], [true, 1]);
      hanging.clear();
      for (const answer of waiting) answer();
      await clock.advanceAsync(5000);
      assert.deepEqual([says(), told.length, told.at(-1)], [true, 2, 'processes can be told again']);
    });

    it('one of which none is left is down at once', async () => {
      await begins(WITH_ARGUMENT);
      there.delete('2');
      await clock.advanceAsync(1000);
      assert.equal(says(), false);
    });

    it('one that becomes another program is told by its name', async () => {
      await begins(WITH_ARGUMENT);
      there.set('2', 'other');
      await clock.advanceAsync(11_000);
      assert.equal(says(), false);
    });

    it('too few are down, whichever of those that are open are among them', async () => {
      for (const pid of ['6', '7']) {
        there.set(pid, 'served');
        args.set(pid, ['-d']);
      }
      await begins({ ...WITH_ARGUMENT, quorum: 2 });
      startsAgain();
      there.delete('6');
      await clock.advanceAsync(1000);
      assert.equal(says(), true, 'one, and perhaps another');
      there.delete('7');
      await clock.advanceAsync(1000);
      assert.equal(says(), false, 'one at the most');
    });
  });

  it('a list that never comes is told once, and changes nothing', async () => {
    begin();
    await clock.advanceAsync(2000);
    told = [];
    listing = () => new Promise(() => {});
    await clock.advanceAsync(60_000);
    assert.deepEqual([says(), told.length], [true, 1]);
  });
});
