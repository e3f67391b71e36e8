import assert from 'node:assert/strict';
import { systemClock } from '../../src/clock.js';
import { type RunOptions, runScript } from '../../src/script/run.js';
import type { Script } from '../../src/script.js';
import { createFakeClock } from '../support/fake-clock.js';
import { createFolder, type Folder, isAlive, shell, until } from '../support/scripts.js';

const asRoot = process.getuid?.() === 0;

function run(script: Script, more: Partial<RunOptions> = {}) {
  return runScript(script, { clock: systemClock, deadlineMs: 15_000, ...more });
}

describe('a script', () => {
  let folder: Folder;
  beforeEach(() => {
    folder = createFolder();
  });
  afterEach(() => folder.remove());

  it('gets its arguments as they are, whatever a shell would make of them', async () => {
    const words = ['two words', '$HOME', '`id`', '; touch x', "it's", '*'];
    const file = folder.write('show', '#!/bin/sh\nfor word; do echo "<$word>"; done\n');
    const { outcome, output } = await run({ argv: [file, ...words] });
    assert.deepEqual(outcome, { kind: 'exited', code: 0 });
    assert.equal(output, words.map((word) => `<${word}>\n`).join(''));
  });

  it('tells its exit status', async () => {
    assert.deepEqual((await run(shell('exit 7'))).outcome, { kind: 'exited', code: 7 });
  });

  it('tells the signal that ended it', async () => {
    assert.deepEqual((await run(shell('kill -9 $$'))).outcome, { kind: 'signalled', signal: 'SIGKILL' });
  });

  it('is found in PATH, and runs in the root directory', async () => {
    assert.equal((await run({ argv: ['pwd'] })).output, '/\n');
  });

  it('without #! is read by /bin/sh, as execvp(3) has it', async () => {
    assert.equal((await run({ argv: [folder.write('plain', 'echo read $1\n'), 'it'] })).output, 'read it\n');
  });

  const failures: readonly [what: string, argv: (f: Folder) => string[], reason: RegExp][] = [
    ['is not there', (f) => [f.path('none')], /no such file/],
    ['is not executable', (f) => [f.write('data', 'echo no\n', 0o644)], /not executable/],
    [
      'names no interpreter that exists',
      (f) => [f.write('odd', '#!/no/such/interpreter\n')],
      /no such interpreter/,
    ],
    ['is a directory', (f) => [f.path('')], /not executable/],
    ['is no word at all', () => [], /script ""/],
    ['has a NUL in an argument', () => ['/bin/echo', 'a\0b'], /null bytes/],
  ];
  for (const [what, argv, reason] of failures) {
    it(`that ${what} is not started, and nothing else happens`, async () => {
      const { outcome } = await run({ argv: argv(folder) });
      assert.equal(outcome.kind, 'not-started');
      assert.match(outcome.kind === 'not-started' ? outcome.reason : '', reason);
    });
  }

  it('of an unknown user or group is not started', async () => {
    const { outcome } = await run({ ...shell('true'), user: 'no-such-user' });
    assert.deepEqual(outcome, { kind: 'not-started', reason: 'user "no-such-user": not in /etc/passwd' });
  });

  it('runs as its user and group, without the groups of the daemon', async function () {
    if (!asRoot) this.skip();
    const { output } = await run({ ...shell('id -u; id -g; id -G'), user: 'nobody', group: 'nogroup' });
    assert.equal(output, '65534\n65534\n65534\n');
  });

  it('has the environment but for LD_PRELOAD and IFS', async () => {
    process.env.IFS = 'x';
    process.env.LD_PRELOAD = '';
    try {
      const { output } = await run({ argv: ['env'] }, { env: { LVSD_EVENT: 'server-down' } });
      assert.doesNotMatch(output, /^(IFS|LD_PRELOAD)=/m);
      assert.match(output, /^LVSD_EVENT=server-down$/m);
      assert.match(output, /^PATH=/m);
    } finally {
      delete process.env.IFS;
      delete process.env.LD_PRELOAD;
    }
  });

  it('leads a process group and session of its own', async () => {
    // proc(5): number, name, state, parent, process group, session.
    const { output } = await run(shell('cat /proc/$$/stat; true'));
    const [, pid, group, session] = /^(\d+) \(.*\) \S \d+ (\d+) (\d+)/.exec(output) ?? [];
    assert.ok(Number(pid) > 0, output);
    assert.deepEqual([group, session], [pid, pid]);
  });

  it('may write without end: the first 4 KiB are kept, and it is never held up', async () => {
    const { outcome, output } = await run(shell('head -c 3000000 /dev/zero | tr "\\0" x; echo >&2 end'));
    assert.deepEqual(outcome, { kind: 'exited', code: 0 });
    assert.equal(output.length, 4_096);
  });

  it('has ended when it ends, although something it left in the background holds its output', async () => {
    const { outcome, output } = await run(shell('echo before; sleep 30 & echo $!'));
    assert.deepEqual(outcome, { kind: 'exited', code: 0 });
    const [, background] = output.split('\n');
    assert.ok(isAlive(Number(background)), 'what a script starts to stay, stays');
    process.kill(Number(background), 'SIGKILL');
  });
});

describe('a script past its deadline', () => {
  let folder: Folder;
  beforeEach(() => {
    folder = createFolder();
  });
  afterEach(() => folder.remove());

  /** Starts a script and waits until it says that it runs, by the pids it writes into the file named by $1. */
  async function started(text: string, pids: number, more: Partial<RunOptions> = {}) {
    const clock = createFakeClock();
    const result = runScript(shell(text, folder.path('pids')), { clock, deadlineMs: 5_000, ...more });
    await until(() => folder.lines('pids').length === pids);
    return { clock, result, pids: folder.lines('pids').map(Number) };
  }

  it('is left alone until then', async () => {
    const { clock, result, pids } = await started('echo $$ > $1; sleep 30', 1);
    clock.advance(4_999);
    assert.ok(isAlive(pids[0] ?? 0));
    clock.advance(1);
    assert.deepEqual((await result).outcome, { kind: 'timed-out', afterMs: 5_000 });
  });

  it('is ended by SIGTERM with all its children', async () => {
    const { clock, result, pids } = await started(
      'sleep 30 & sleep 30 & echo $$ >> $1; echo $! >> $1; wait',
      2,
    );
    clock.advance(5_000);
    assert.deepEqual((await result).outcome, { kind: 'timed-out', afterMs: 5_000 });
    await until(() => !pids.some(isAlive));
  });

  it('may use SIGTERM to tidy up', async () => {
    const { clock, result } = await started(
      'trap "echo tidy; exit 0" TERM; echo $$ > $1; while :; do sleep 0.01; done',
      1,
    );
    clock.advance(5_000);
    const { outcome, output } = await result;
    assert.equal(outcome.kind, 'timed-out');
    assert.match(output, /tidy/);
  });

  it('gets SIGKILL 2 s later when it does not heed', async () => {
    const { clock, result, pids } = await started(
      'trap "" TERM; echo $$ > $1; while :; do sleep 0.01; done',
      1,
    );
    clock.advance(6_999);
    assert.ok(isAlive(pids[0] ?? 0));
    clock.advance(1);
    assert.equal((await result).outcome.kind, 'timed-out');
    await until(() => !pids.some(isAlive));
  });

  it('has children killed too that outlive it and do not heed', async () => {
    const child = 'trap "" TERM; echo $$ >> $1; while :; do sleep 0.01; done';
    const stubborn = `echo $$ >> $1; sh -c '${child}' sh $1 & wait`;
    const { clock, result, pids } = await started(stubborn, 2);
    clock.advance(5_000);
    await until(() => !isAlive(pids[0] ?? 0));
    // Its leader is gone; the output is still held by the child.
    await until(() => clock.pendingAt().length === 2);
    clock.advance(2_000);
    assert.equal((await result).outcome.kind, 'timed-out');
    await until(() => !pids.some(isAlive));
  });

  it('leaves no wake-up behind when it ended in time', async () => {
    const clock = createFakeClock();
    await runScript(shell('true'), { clock, deadlineMs: 5_000 });
    assert.deepEqual(clock.pendingAt(), []);
  });

  it('is ended the same way when it is no longer wanted', async () => {
    const cancel = new AbortController();
    const { result, pids } = await started('echo $$ > $1; sleep 30', 1, { signal: cancel.signal });
    cancel.abort();
    assert.deepEqual((await result).outcome, { kind: 'cancelled' });
    await until(() => !pids.some(isAlive));
    const never = await run(shell('true'), { signal: cancel.signal });
    assert.deepEqual(never.outcome, { kind: 'cancelled' });
  });
});
