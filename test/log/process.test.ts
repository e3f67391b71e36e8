/** The log of a real process, on each kind of standard error. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const source = new URL('../../src/', import.meta.url).href;
const JOURNAL = 'export JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2)';

/** Where standard error leads to: a line of shell that runs "$@" and has its log in $LOG or its own standard error. */
const KINDS = {
  pipe: '{ "$@" 2>&1 >&3 | cat >$LOG; } 3>&1',
  file: '"$@" 2>$LOG',
  socket: '"$@"',
} as const;

type Kind = keyof typeof KINDS;

describe('log, of a process', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lvsd-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs code that has `log`: what it logged, and its exit code where the shell knows it. */
  function run(kind: Kind, code: string, { before = 'true', format = 'auto', first = '' } = {}) {
    const program = `
      ${first}
      const { createLog } = await import('${source}log.js');
      const { openStandardError } = await import('${source}net/standard-error.js');
      const log = createLog({ name: 'lvsd-lvs', level: 'info', format: '${format}', outlet: openStandardError() });
      ${code}`;
    const LOG = join(folder, 'log');
    const argv = [process.execPath, '--input-type=module', '-e', program];
    const { JOURNAL_STREAM: _, ...env } = process.env;
    const { status, stderr, stdout } = spawnSync('sh', ['-c', `${before}; ${KINDS[kind]}`, 'sh', ...argv], {
      env: { ...env, LOG },
      encoding: 'utf8',
    });
    return { log: kind === 'socket' ? stderr : readFileSync(LOG, 'utf8'), status, stdout };
  }

  const messages = (log: string) =>
    log
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly msg: string }).msg);

  for (const kind of Object.keys(KINDS) as Kind[]) {
    const wanted = Array.from({ length: 4000 }, (_, i) => `line ${i}`);
    const say = "for (let i = 0; i < 4000; i += 1) log.info('line ' + i);";

    it(`${kind}: a process that ends the moment it has spoken is heard to the end`, () => {
      assert.deepEqual(messages(run(kind, `${say} process.exit(0)`).log), wanted);
      // With a write under way, which on a file is done by another thread.
      const { log } = run(kind, `${say} setImmediate(() => process.exit(0))`);
      assert.deepEqual(messages(log).sort(), wanted.toSorted());
    });

    it(`${kind}: an error that nobody caught is the last line, after all others`, () => {
      const { log, status } = run(kind, `${say} await Promise.reject(new Error('the fault'))`);
      assert.deepEqual(messages(log), [...wanted, 'ends by an error that nobody caught']);
      const { level, err } = JSON.parse(log.trimEnd().split('\n').at(-1) ?? '');
      assert.deepEqual([level, err.message], [60, 'the fault']);
      if (kind !== 'pipe') assert.equal(status, 1);
    });

    it(`${kind}: it stays as it is for the others who write there`, () => {
      const flags = "/flags:\\s*(\\d+)/.exec(readFileSync('/proc/self/fdinfo/2', 'utf8'))[1]";
      const { stdout } = run(
        kind,
        `log.info('text'); setTimeout(() => console.log([before, ${flags}].join()), 50);`,
        { first: `import { readFileSync } from 'node:fs'; const before = ${flags};` },
      );
      const [before, after] = stdout.trim().split(',');
      assert.ok(before !== undefined && before !== '');
      assert.equal(after, before);
    });
  }

  it('with the journal at the other end lines have priorities, one an event, and elsewhere they have none', () => {
    const code = "log.warn('a\\nb'); throw new Error('the fault')";
    const lines = run('socket', code, { before: JOURNAL }).log.trimEnd().split('\n');
    assert.equal(lines[0], '<4>lvsd-lvs: a | b');
    assert.match(
      lines[1] ?? '',
      /^<2>lvsd-lvs: ends by an error that nobody caught: Error: the fault \| at /,
    );
    assert.equal(lines.length, 2);
    // Inherited from a service whose standard error led to the journal.
    assert.deepEqual(messages(run('file', "log.warn('a')", { before: JOURNAL }).log), ['a']);
    assert.equal(run('file', "log.warn('a')", { format: 'journal' }).log, '<4>lvsd-lvs: a\n');
  });

  it('in lines for people an event is one, whatever belongs to it', () => {
    const code = "log.warn({ some: { more: 1 } }, 'a\\nb'); log.info({ err: new Error('c') }, 'd')";
    const [first = '', second = '', ...more] = run('pipe', code, { format: 'text' }).log.split('\n');
    assert.match(first, /^\[\d\d:\d\d:\d\d\.\d{3}\] WARN \(lvsd-lvs\): a \| b$/);
    assert.match(second, / INFO \(lvsd-lvs\): d: Error: c \| at /);
    assert.deepEqual(more, ['']);
  });

  it('a warning of Node is a line like any other', () => {
    assert.deepEqual(messages(run('socket', "process.emitWarning('hot')").log), ['node: Warning: hot']);
  });
});
