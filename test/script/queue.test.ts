import assert from 'node:assert/strict';
import { systemClock } from '../../src/clock.js';
import { createScriptQueue, type QueueOptions } from '../../src/script/queue.js';
import { createFolder, type Folder, shell, until } from '../support/scripts.js';

describe('the script queue', () => {
  let folder: Folder;
  beforeEach(() => {
    folder = createFolder();
  });
  afterEach(() => folder.remove());

  function queueOf(more: Partial<QueueOptions> = {}) {
    const logged: string[] = [];
    const log = {
      debug: (_: object, text: string) => logged.push(`debug ${text}`),
      warn: (_: object, text: string) => logged.push(`warn ${text}`),
    };
    return { queue: createScriptQueue({ clock: systemClock, log, deadlineMs: 15_000, ...more }), logged };
  }

  /** Writes its word when it may, which is when the file `go` is there. */
  const gated = (word: string) =>
    shell(
      'while [ ! -e "$2" ]; do sleep 0.01; done; echo "$1" >> "$3"',
      word,
      folder.path('go'),
      folder.path('log'),
    );
  const writes = (word: string) => shell('echo "$1" >> "$2"', word, folder.path('log'));

  it('runs the scripts of one target one after another, in order, however long each takes', async () => {
    const { queue } = queueOf();
    queue.run(gated('down'), { target: 'a', event: 'server-down' });
    queue.run(writes('up'), { target: 'a', event: 'server-up' });
    queue.run(writes('down again'), { target: 'a', event: 'server-down' });
    queue.run(writes('other'), { target: 'b', event: 'server-down' });
    await until(() => folder.lines('log').length === 1);
    assert.deepEqual(folder.lines('log'), ['other'], 'another target does not wait');
    folder.write('go', '');
    await queue.idle();
    assert.deepEqual(folder.lines('log'), ['other', 'down', 'up', 'down again']);
  });

  it('runs no more at one time than it may', async () => {
    const { queue } = queueOf({ concurrency: 2 });
    // The first waits for a second one.
    const counts = shell(
      'mkdir "$2"; until n=$(ls -d "$1"* | wc -l); [ $n -gt 1 ] || [ -e "$3" ]; do sleep 0.01; done; sleep 0.05; rmdir "$2"; echo $n >> "$3"',
      folder.path('running-'),
      folder.path('running-'),
      folder.path('log'),
    );
    for (let index = 0; index < 8; index++) {
      const argv = [...counts.argv];
      argv[5] = folder.path(`running-${index}`);
      queue.run({ argv }, { target: `t${index}`, event: 'server-down' });
    }
    await queue.idle();
    const most = Math.max(...folder.lines('log').map(Number));
    assert.equal(folder.lines('log').length, 8);
    assert.equal(most, 2);
  });

  it('goes on with the next when one fails, and says what happened', async () => {
    const { queue, logged } = queueOf();
    queue.run(shell('echo oops; exit 3'), { target: 'a', event: 'server-down' });
    queue.run({ argv: ['/no/such/file'] }, { target: 'a', event: 'server-up' });
    queue.run(shell('true'), { target: 'a', event: 'server-down' });
    await queue.idle();
    assert.deepEqual(logged, [
      'warn server-down script "/bin/sh" of a ended with status 3',
      'debug server-down script "/bin/sh" of a wrote: oops\n',
      'warn server-up script "/no/such/file" of a could not be started: script "/no/such/file": no such file, or no such interpreter as its first line names',
      'debug server-down script "/bin/sh" of a ended with status 0',
    ]);
  });

  it('drops the oldest that wait when they come faster than they end, and says so', async () => {
    const { queue, logged } = queueOf();
    for (let index = 0; index <= 10; index++) {
      queue.run(index === 0 ? gated('0') : writes(String(index)), { target: 'a', event: 'server-down' });
    }
    folder.write('go', '');
    await queue.idle();
    assert.deepEqual(folder.lines('log'), ['0', '3', '4', '5', '6', '7', '8', '9', '10']);
    assert.equal(logged.filter((line) => line.startsWith('warn')).length, 2);
  });

  it('stops: ends what runs, forgets what waits, takes no more', async () => {
    const { queue, logged } = queueOf();
    queue.run(shell('echo yes > "$1"; sleep 30', folder.path('started')), {
      target: 'a',
      event: 'server-down',
    });
    queue.run(writes('waiting'), { target: 'a', event: 'server-up' });
    await until(() => folder.lines('started').length === 1);
    queue.stop();
    queue.run(writes('late'), { target: 'b', event: 'server-up' });
    await queue.idle();
    assert.deepEqual(folder.lines('log'), []);
    assert.deepEqual(logged, [
      'warn server-down script "/bin/sh" of a was ended because it is no longer wanted',
    ]);
  });

  it('is idle from the beginning', () => queueOf().queue.idle());
});
