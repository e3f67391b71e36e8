import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChildPrograms } from './child-programs.js';

describe('support: child programs', () => {
  it('a line that a child is still writing has not been heard yet', () => {
    const programs = new ChildPrograms();
    const write = (text: string) => appendFileSync(join(programs.folder, 'lvsd-lvs.told'), text);
    const heard = () => programs.heard('lvsd-lvs').map(({ kind }) => kind);
    assert.deepEqual(heard(), []);
    write('{"kind":"leave"}\n{"kind":');
    assert.deepEqual(heard(), ['leave']);
    write('"stop"}\n');
    assert.deepEqual(heard(), ['leave', 'stop']);
    programs.remove();
  });
});
