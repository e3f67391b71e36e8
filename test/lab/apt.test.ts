import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aptGet, withLists } from '../../lab/apt.js';
import { useFolder } from '../support/scripts.js';

const LOCKED =
  'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7 (apt-get)\nE: Unable to lock directory /var/lib/apt/lists/';

const UNKNOWN = 'E: Unable to locate package x';

describe('lab/apt', () => {
  const folder = useFolder();
  const calls = () => readFileSync(join(folder(), 'calls'), 'utf8').split('\n').filter(Boolean);

  /** The calls without their options. */
  const words = () => calls().map((call) => call.replace(/^-qq(?: -o \S+)* /, ''));

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
    await assert.rejects(aptGet(['install', 'x'], pretend(UNKNOWN, 1)), /exit 100/);
    assert.equal(calls().length, 1);
  });

  it('what needs the lists is done again when they were fetched, also after they could not be', async () => {
    const apt = pretend(UNKNOWN, 3);
    const complaints: string[] = [];
    const complain = (text: string) => void complaints.push(text);
    await withLists(() => aptGet(['install', 'x'], apt), { ...apt, restsMs: [0, 1, 1], complain });
    assert.deepEqual(words(), ['install x', 'update', 'install x', 'update', 'install x']);
    assert.match(complaints.join(), /^[^,]* update: exit 100: [^,]*$/);
  });

  it('and fails in its own words in the end', async () => {
    const apt = pretend(UNKNOWN, 1000);
    const options = { ...apt, restsMs: [0, 1], complain: () => {} };
    const install = withLists(() => aptGet(['install', 'x'], apt), options);
    await assert.rejects(install, /install x: exit 100: E: Unable to locate package x/);
    assert.equal(calls().length, 5);
  });
});
