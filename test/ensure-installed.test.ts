/** scripts/ensure-installed, with an npm of the test. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lab/paths.js';
import { createFolder, type Folder } from './support/scripts.js';

describe('scripts/ensure-installed', () => {
  let folder: Folder;
  beforeEach(() => {
    folder = createFolder();
    for (const name of ['bin', 'scripts', 'node_modules']) mkdirSync(folder.path(name));
    folder.write('scripts/ensure-installed', readFileSync(join(root, 'scripts/ensure-installed'), 'utf8'));
    folder.write('package-lock.json', '{}', 0o644);
    folder.write('bin/sleep', '#!/bin/sh\necho "sleep $1" >> done\n');
  });
  afterEach(() => folder.remove());

  /** Runs it with an npm that fails so often. */
  function install(failures: number) {
    const npm = `#!/bin/sh
echo "$1" >> done
[ "$(grep -c ci done)" -gt ${failures} ] || { echo 'npm error network' >&2; exit 7; }
touch node_modules/.package-lock.json
`;
    folder.write('bin/npm', npm);
    const env = { ...process.env, PATH: `${folder.path('bin')}:${process.env.PATH}` };
    const { status, stderr } = spawnSync(folder.path('scripts/ensure-installed'), { env, encoding: 'utf8' });
    return { status, stderr, done: folder.lines('done') };
  }

  it('installs once, and not again', () => {
    assert.deepEqual(install(0).done, ['ci']);
    const { status, stderr, done } = install(0);
    assert.deepEqual([status, stderr, done], [0, '', ['ci']]);
  });

  it('asks again after a while when the registry does not answer', () => {
    const { status, done } = install(2);
    assert.deepEqual([status, done], [0, ['ci', 'sleep 20', 'ci', 'sleep 20', 'ci']]);
    assert.deepEqual(install(0).done, done, 'it is installed now');
  });

  it('fails in the words of npm in the end, and has nothing installed then', () => {
    const { status, stderr, done } = install(3);
    assert.notEqual(status, 0);
    assert.match(stderr, /npm error network\n$/);
    assert.deepEqual(done, ['ci', 'sleep 20', 'ci', 'sleep 20', 'ci']);
    assert.equal(install(0).done.length, done.length + 1, 'it is not taken for installed');
  });
});
