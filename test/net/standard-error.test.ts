/** In a process of its own, for whoever writes where nobody reads may never come back. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const source = new URL('../../src/', import.meta.url).href;

/** Fills a pipe; prints what was taken last, before and after somebody has read some of it, and when the reader is gone. */
const PROGRAM = (path: string, reopen: string) => `
  import { closeSync, constants, openSync, readSync } from 'node:fs';
  import { openStandardError } from '${source}net/standard-error.js';
  const reader = openSync('${path}', constants.O_RDONLY | constants.O_NONBLOCK);
  const { write } = openStandardError(openSync('${path}', constants.O_WRONLY)${reopen});
  const bytes = Buffer.alloc(1000);
  const told = [];
  let taken;
  let total = 0;
  while ((taken = write(bytes)) > 0) total += taken;
  told.push(taken);
  readSync(reader, Buffer.alloc(20000));
  told.push(write(bytes));
  // More than the pipe has room for.
  taken = write(Buffer.alloc(1 << 20));
  told.push(taken > 0 && taken < 1 << 20);
  closeSync(reader);
  told.push(write(bytes) < 0);
  console.log(JSON.stringify(told));`;

describe('net/standard-error', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lvsd-pipe-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  for (const [whose, reopen] of [
    ['that may be opened anew', ''],
    ["of another user's", ', () => undefined'],
  ] as const) {
    it(`a pipe ${whose}: what it has no room for is not waited for`, () => {
      const path = join(folder, 'pipe');
      execFileSync('mkfifo', [path]);
      const { stdout, signal, stderr } = spawnSync(
        process.execPath,
        ['--input-type=module', '-e', PROGRAM(path, reopen)],
        { encoding: 'utf8', timeout: 20_000, killSignal: 'SIGKILL' },
      );
      assert.equal(signal, null, 'it waited');
      assert.equal(stderr, '');
      assert.deepEqual(JSON.parse(stdout), [0, 1000, true, true]);
    });
  }
});
