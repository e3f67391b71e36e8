/** A process that the machine cannot start, in both ways in which Node says so. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../src/log.js';
import { Child } from '../../src/supervisor/child.js';
import { createFakeClock } from '../support/fake-clock.js';
import { useFolder } from '../support/scripts.js';

describe('supervisor/child: a start that fails', () => {
  const folder = useFolder();
  const module = () => join(folder(), 'lives.mjs');
  const node = process.execPath;
  before(() => {
    writeFileSync(
      module(),
      'process.on("message", () => process.exit(0)); process.send({ kind: "loaded" });',
    );
  });
  afterEach(() => {
    process.execPath = node;
  });

  /** A child of this program, and a promise of the next word about it. */
  function make(program: string) {
    process.execPath = program;
    const clock = createFakeClock();
    const words: string[] = [];
    let awaited = () => {};
    const say = (text: string) => {
      words.push(text);
      awaited();
    };
    const child = new Child({
      name: 'lvsd-lvs',
      module: module(),
      clock,
      log: { error: (_: object, text: string) => say(text) } as unknown as Log,
      greeting: () => ({ kind: 'leave' }),
      onPid: (pid) => say(pid === undefined ? 'no pid' : 'pid'),
      onLoaded: async () => {},
      onReady: () => {},
      onFatal: () => {},
      onRelay: () => {},
      onLooping: (looping) => say(`looping ${looping}`),
    });
    const until = async (count: number) => {
      while (words.length < count) {
        await new Promise<void>((resolve) => {
          awaited = resolve;
        });
      }
      await new Promise(setImmediate);
    };
    return { child, clock, words, until };
  }

  const ways = [
    ['told as an event, as for want of processes or descriptors', '/no/such/program'],
    ['thrown, as for want of memory', '/dev/null/program'],
  ] as const;
  for (const [way, program] of ways) {
    const failed = 'lvsd-lvs could not be started: starting it again';

    it(`is tried again until it succeeds: ${way}`, async () => {
      const { child, clock, words, until } = make(program);
      await until(1);
      clock.advance(0);
      await until(2);
      process.execPath = node;
      clock.advance(99);
      assert.deepEqual(words, [failed, failed]);
      clock.advance(1);
      await until(3);
      assert.equal(words[2], 'pid');
      await child.end({ kind: 'leave' }, 60_000);
    });

    it(`again and again is no running: ${way}`, async () => {
      const { child, clock, words, until } = make(program);
      for (const count of [1, 2, 4]) {
        await until(count);
        clock.advance(250);
      }
      assert.deepEqual(words.slice(0, 4), [failed, failed, failed, 'looping true']);
      await child.end({ kind: 'leave' }, 60_000);
    });

    it(`holds no stop up: ${way}`, async () => {
      const { child, until, clock, words } = make(program);
      await until(1);
      await child.end({ kind: 'stop' }, 60_000);
      clock.advance(60_000);
      await new Promise(setImmediate);
      assert.equal(words.length, 1, 'and it is not started any more');
    });
  }

  it('is one failure, though what it was sent meanwhile fails as well', async () => {
    const { child, words, until } = make('/no/such/program');
    child.send({ kind: 'leave' });
    await until(1);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    assert.equal(words.length, 1);
    await child.end({ kind: 'stop' }, 60_000);
  });

  it('a stop in the moment of the failure ends as well', async () => {
    const { child } = make('/no/such/program');
    await child.end({ kind: 'stop' }, 60_000);
  });
});
