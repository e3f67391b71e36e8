import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/clock.js';
import { createFileTracker } from '../../../src/vrrp/track/files.js';
import { parseNumber } from '../../../src/vrrp/track/number.js';
import { eventually } from '../../support/namespaces.js';
import { useFolder } from '../../support/scripts.js';

describe('vrrp/track/files', () => {
  const folder = useFolder();
  let path = '';
  before(() => {
    path = join(folder(), 'number');
  });
  const quiet = { info: () => {}, warn: () => {} };
  let changes = 0;
  const tracker = createFileTracker({
    clock: systemClock,
    log: quiet,
    onChange: () => {
      changes += 1;
    },
  });
  after(() => tracker.stop());

  it('a file that is missing says 0', async () => {
    tracker.configure([{ name: 'n', path }]);
    await eventually('0', () => tracker.read('n') === 0);
  });

  it('a number that is written, or moved into place, is read', async () => {
    writeFileSync(path, '12\n');
    await eventually('12', () => tracker.read('n') === 12);
    writeFileSync(`${path}.new`, '-3');
    renameSync(`${path}.new`, path);
    await eventually('-3', () => tracker.read('n') === -3);
    assert.ok(changes >= 3);
  });

  it('init_file is written where there is none, and over one only with overwrite', async () => {
    const init = { value: 7, overwrite: false };
    tracker.configure([
      { name: 'kept', path, init },
      { name: 'made', path: join(folder(), 'made'), init },
    ]);
    await eventually('both read', () => tracker.read('kept') === -3 && tracker.read('made') === 7);
    tracker.configure([{ name: 'over', path, init: { value: 8, overwrite: true } }]);
    await eventually('8', () => tracker.read('over') === 8);
    assert.equal(readFileSync(path, 'utf8'), '8\n');
  });

  it('what is no number is 0', () => {
    assert.deepEqual(
      ['5', ' +5 x', '-5', '', 'x', '99999999999'].map(parseNumber),
      [5, 5, -5, 0, 0, 9999999999],
    );
  });
});
