import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aptGet } from '../../lab/apt.js';
import { useFolder } from '../support/scripts.js';

const LOCKED =
  'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)\nE: Unable to lock directory /var/lib/apt/lists/';

describe('lab/apt', () => {
  const folder = useFolder();
  const calls = () => readFileSync(join(folder(), 'calls'), 'utf8').split('\n').filter(Boolean);

  /** A program that fails with these words so often, and then succeeds. */
  function pretend(words: string, times: number): { readonly program: string; readonly waitMs: number } {
    const program = join(folder(), 'apt-get');
    writeFileSync(join(folder(), 'calls'), '');
    const script = `#!/bin/sh
cd '${folder()}'
echo "$@" >> calls
[ $(wc -l < calls) -gt ${times} ] && exit 0
echo '${words}' >&2
exit 100
`;
    writeFileSync(program, script, { mode: 0o755 });
    return { program, waitMs: 1 };
  }

  it('is tried again while another one holds a lock', async () => {
    await aptGet(['update'], pretend(LOCKED, 2));
    assert.equal(calls().length, 3);
    assert.match(calls()[2] ?? '', / update$/);
  });

  it('and fails in its words when that lasts too long', async () => {
    await assert.rejects(
      aptGet(['update'], { ...pretend(LOCKED, 1000), longestMs: 20 }),
      /Could not get lock/,
    );
  });

  it('fails at once of anything else', async () => {
    await assert.rejects(aptGet(['install', 'x'], pretend('E: Unable to locate package x', 1)), /exit 100/);
    assert.equal(calls().length, 1);
  });
});
