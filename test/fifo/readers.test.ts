/** The scripts that read FIFOs. */
import assert from 'node:assert/strict';
import { createFifos, type Fifos } from '../../src/fifo/fifos.js';
import type { FromChild } from '../../src/processes/messages.js';
import { createScriptRunner } from '../../src/processes/script-runner.js';
import type { runScript, ScriptOutcome } from '../../src/script/run.js';
import { createScriptHost, type ScriptHost } from '../../src/supervisor/script-host.js';
import { createFakeClock, type FakeClock, settle } from '../support/fake-clock.js';
import { createFolder, type Folder, isAlive, shell, until } from '../support/scripts.js';

const DAY_MS = 24 * 3600 * 1000;

describe('the reader of a FIFO', () => {
  let folder: Folder;
  let clock: FakeClock;
  let warnings: string[];
  let fifos: Fifos;
  beforeEach(() => {
    folder = createFolder();
    clock = createFakeClock();
    warnings = [];
  });
  afterEach(() => {
    fifos.close();
    folder.remove();
  });

  function begin(run: typeof runScript, text: string): void {
    const log = { warn: (_: object, line: string) => void warnings.push(line) };
    fifos = createFifos({ clock, log, runScript: run });
    fifos.configure([{ path: folder.path('fifo'), script: shell(text, folder.path('pids')) }]);
  }

  describe('as a process that the supervisor runs for its child', () => {
    let host: ScriptHost;
    /** What goes between processes goes as JSON. */
    const runner = createScriptRunner((message) => {
      const copy = JSON.parse(JSON.stringify(message)) as FromChild;
      if (copy.kind === 'run') host.run(copy);
      if (copy.kind === 'cancel') host.cancel(copy.id);
      return true;
    });
    const pids = () => folder.lines('pids').map(Number);

    beforeEach(async () => {
      host = createScriptHost(clock, (message) => {
        if (message.kind === 'ran') runner.ran(message.id, message.result);
      });
      begin(runner.run, 'echo $$ >> $1; exec sleep 100');
      await until(() => pids().length === 1);
    });

    it('runs on after a hundred days, and ends with its pipe', async () => {
      assert.deepEqual(clock.pendingAt(), [], 'nothing is to end it');
      await clock.advanceAsync(100 * DAY_MS);
      assert.deepEqual(warnings, []);
      assert.ok(pids().every(isAlive));
      fifos.close();
      await until(() => !pids().some(isAlive));
      await clock.advanceAsync(DAY_MS);
      assert.equal(pids().length, 1);
    });

    it('is started again when it was killed', async () => {
      process.kill(pids()[0] ?? assert.fail(), 'SIGKILL');
      await until(() => warnings.length === 1);
      assert.match(
        warnings[0] ?? '',
        /^the script that reads FIFO \S+ was ended by SIGKILL, begins again in 1 s$/,
      );
      clock.advance(1000);
      await until(() => pids().length === 2);
      assert.ok(isAlive(pids()[1] ?? 0));
    });

    it('ends when the child whose lines it reads is gone', async () => {
      host.orphaned();
      await until(() => !pids().some(isAlive));
    });
  });

  it('that ends at once is started more and more seldom, and as soon as at first after it ran for a minute', async () => {
    const startedAt: number[] = [];
    let lastsMs = 0;
    const run: typeof runScript = (_script, { clock: now }) => {
      startedAt.push(now.now() / 1000);
      const outcome: ScriptOutcome = { kind: 'exited', code: 1 };
      return new Promise((resolve) => {
        now.wake(now.now() + lastsMs, () => resolve({ outcome, output: '', durationMs: lastsMs }));
      });
    };
    begin(run, '');
    await clock.advanceAsync(200_000);
    assert.deepEqual(startedAt, [0, 1, 3, 7, 15, 31, 63, 123, 183]);
    lastsMs = 60_000;
    await clock.advanceAsync(170_000);
    assert.deepEqual(startedAt.slice(9), [243, 304, 365]);
  });

  it('that is no longer wanted while it waits to begin again does not', async () => {
    let runs = 0;
    begin(() => {
      runs += 1;
      return Promise.resolve({ outcome: { kind: 'exited', code: 0 }, output: '', durationMs: 0 });
    }, '');
    await settle();
    fifos.configure([]);
    await clock.advanceAsync(DAY_MS);
    assert.deepEqual([runs, clock.pendingAt()], [1, []]);
  });
});
