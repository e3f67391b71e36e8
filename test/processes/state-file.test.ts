import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createStateFile, type StateFile } from '../../src/processes/state-file.js';
import { createFakeClock } from '../support/fake-clock.js';

type State = { readonly word: string };

describe('state file', () => {
  const clock = createFakeClock();
  let directory = '';
  let word = '';
  let asked = 0;
  let errors: string[] = [];
  let file: StateFile<State>;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lvsd-test-'));
    errors = [];
    asked = 0;
    file = createStateFile({
      directory,
      name: 'lvs',
      clock,
      state: () => {
        asked += 1;
        return { word };
      },
      onError: (text) => errors.push(text),
    });
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('gives back what was saved, to its owner alone', async () => {
    word = 'up';
    file.touch();
    await file.flush();
    assert.deepEqual(file.load(), { word: 'up' });
    assert.equal(statSync(join(directory, 'lvs.json')).mode & 0o777, 0o600);
  });

  it('writes a burst of changes once, 50 ms after its first', async () => {
    word = 'first';
    file.touch();
    clock.advance(49);
    assert.equal(file.load(), undefined);
    word = 'last';
    file.touch();
    clock.advance(1);
    while (file.load() === undefined) await new Promise(setImmediate);
    assert.deepEqual(file.load(), { word: 'last' });
    assert.equal(asked, 1);
  });

  it('writes states in their order, the last one last', async () => {
    for (word of ['a', 'b', 'c']) {
      file.touch();
      void file.flush();
    }
    word = 'd';
    file.touch();
    await file.flush();
    assert.deepEqual(file.load(), { word: 'd' });
  });

  it('has nothing from before the last boot, from another version, or from a torn file', async () => {
    word = 'up';
    file.touch();
    await file.flush();
    const path = join(directory, 'lvs.json');
    const good = JSON.parse(readFileSync(path, 'utf8'));
    for (const bad of [
      { ...good, bootId: 'another' },
      { ...good, format: 0 },
    ]) {
      writeFileSync(path, JSON.stringify(bad));
      assert.equal(file.load(), undefined);
    }
    writeFileSync(path, '{"format":');
    assert.equal(file.load(), undefined);
  });

  it('reports a directory it cannot write to, and goes on', async () => {
    rmSync(directory, { recursive: true });
    file.touch();
    await file.flush();
    assert.match(errors.join(), /cannot write .*lvs\.json: ENOENT/);
  });

  it('leaves nothing behind after a clean end', async () => {
    file.touch();
    await file.flush();
    file.touch();
    await file.remove();
    clock.advance(1000);
    await file.flush();
    assert.equal(file.load(), undefined);
  });
});
