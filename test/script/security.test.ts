import assert from 'node:assert/strict';
import { checkScriptSecurity, findInsecurePart, type PathPart } from '../../src/script/security.js';
import { createFolder } from '../support/scripts.js';

const DIRECTORY = 0o040000;
const FILE = 0o100000;

describe('the security of a script that runs as root', () => {
  const rows: readonly [what: string, part: Omit<PathPart, 'path'>, insecure?: RegExp][] = [
    ["root's own file", { uid: 0, gid: 0, mode: FILE | 0o755 }],
    ["root's group may write: still root", { uid: 0, gid: 0, mode: FILE | 0o775 }],
    ['a group that may only read', { uid: 0, gid: 4, mode: FILE | 0o750 }],
    ['a group that may write', { uid: 0, gid: 4, mode: FILE | 0o770 }, /changed by group 4/],
    ['anyone may write', { uid: 0, gid: 0, mode: FILE | 0o757 }, /changed by anyone/],
    [
      "another user's file, even read-only",
      { uid: 1000, gid: 0, mode: FILE | 0o500 },
      /belongs to user 1000/,
    ],
    ['a directory open to all', { uid: 0, gid: 0, mode: DIRECTORY | 0o777 }, /changed by anyone/],
    ['a sticky directory open to all, as /tmp', { uid: 0, gid: 0, mode: DIRECTORY | 0o1777 }],
    ['a sticky file, which means nothing', { uid: 0, gid: 0, mode: FILE | 0o1777 }, /changed by anyone/],
  ];
  for (const [what, part, insecure] of rows) {
    it(`${what}: ${insecure ? 'refused' : 'fine'}`, () => {
      const root = { path: '/', uid: 0, gid: 0, mode: DIRECTORY | 0o755 };
      const found = findInsecurePart([root, { path: '/x', ...part }]);
      if (insecure) assert.match(found ?? '', insecure);
      else assert.equal(found, undefined);
    });
  }

  it('is asked of the file system, for programs in PATH too', async () => {
    assert.equal(await checkScriptSecurity('true', '/nonexistent:/usr/bin'), undefined);
    assert.match((await checkScriptSecurity('no-such-program')) ?? '', /not found in PATH/);
    assert.match((await checkScriptSecurity('/no/such/file')) ?? '', /ENOENT/);
    const folder = createFolder();
    assert.match(
      (await checkScriptSecurity(folder.write('open', ''))) ?? '',
      /(changed by anyone|belongs to user)/,
    );
    folder.remove();
  });
});
