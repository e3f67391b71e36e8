import assert from 'node:assert/strict';
import { resolveAccount } from '../../src/script/account.js';

const PASSWD = `root:x:0:0:root:/root:/bin/bash
keepalived_script:x:107:113::/nonexistent:/usr/sbin/nologin
# a line of no use
broken
odd:x:minus one:5::/:/bin/sh
1234:x:61:62:a name made of digits:/:/bin/sh
`;
const GROUPS = 'root:x:0:\nadm:x:4:root\nkeepalived_script:x:113:\n';

describe('names of user and group', () => {
  const rows: readonly [user: string | undefined, group: string | undefined, wanted: object][] = [
    ['root', undefined, { uid: 0, gid: 0 }],
    ['keepalived_script', undefined, { uid: 107, gid: 113 }],
    ['keepalived_script', 'adm', { uid: 107, gid: 4 }],
    [undefined, 'adm', { gid: 4 }],
    [undefined, undefined, {}],
    ['107', undefined, { uid: 107, gid: 113 }],
    ['4711', '4712', { uid: 4711, gid: 4712 }],
    ['1234', undefined, { uid: 61, gid: 62 }],
    ['nobody', undefined, { error: 'user "nobody": not in /etc/passwd' }],
    ['root', 'wheel', { error: 'group "wheel": not in /etc/group' }],
    ['4711', undefined, { error: 'user "4711": not in /etc/passwd, so a group is needed with it' }],
    ['odd', undefined, { error: 'user "odd": not in /etc/passwd' }],
    ['broken', undefined, { error: 'user "broken": not in /etc/passwd' }],
    ['', undefined, { error: 'user "": not in /etc/passwd' }],
    // setuid(2^32 - 1) means "leave it as it is", which is root.
    ['4294967295', '0', { error: 'user "4294967295": not in /etc/passwd' }],
    ['-1', '0', { error: 'user "-1": not in /etc/passwd' }],
  ];
  for (const [user, group, wanted] of rows) {
    it(`${user ?? '(no user)'}${group === undefined ? '' : `:${group}`} is ${JSON.stringify(wanted)}`, () => {
      const names = { ...(user !== undefined && { user }), ...(group !== undefined && { group }) };
      assert.deepEqual(resolveAccount(names, PASSWD, GROUPS), wanted);
    });
  }
});
