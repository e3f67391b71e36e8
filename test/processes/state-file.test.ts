import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
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
  let mended: string[] = [];
  let file: StateFile<State>;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lvsd-test-'));
    errors = [];
    mended = [];
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
      onMended: (text) => mended.push(text),
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

  it('makes a directory anew that somebody took away', async () => {
    rmSync(directory, { recursive: true });
    word = 'up';
    file.touch();
    await file.flush();
    assert.deepEqual(file.load(), { word: 'up' });
    assert.deepEqual(errors, []);
  });

  it('a disk that is full is told of once, and once more when it is not', async () => {
    symlinkSync('/dev/full', join(directory, 'lvs.json.new'));
    word = 'late';
    file.touch();
    for (let failure = 0; failure < 5; failure += 1) await file.flush();
    assert.equal(asked, 5);
    assert.equal(errors.length, 1);
    assert.match(errors[0] ?? '', /cannot write .*lvs\.json: ENOSPC/);
    assert.deepEqual([file.load(), mended], [undefined, []]);
    rmSync(join(directory, 'lvs.json.new'));
    await file.flush();
    assert.deepEqual(file.load(), { word: 'late' });
    assert.equal(mended.length, 1);
    await file.flush();
    assert.equal(asked, 6, 'what is written is not tried again');
  });

  it('what could not be written is tried again by itself, a second later', async () => {
    symlinkSync('/dev/full', join(directory, 'lvs.json.new'));
    word = 'late';
    file.touch();
    await file.flush();
    rmSync(join(directory, 'lvs.json.new'));
    clock.advance(999);
    assert.equal(asked, 1);
    clock.advance(1);
    while (file.load() === undefined) await new Promise(setImmediate);
    assert.deepEqual(file.load(), { word: 'late' });
  });

  it('a place that cannot be a directory hinders neither the work nor the end', async () => {
    rmSync(directory, { recursive: true });
    writeFileSync(directory, '');
    file.touch();
    await file.flush();
    assert.match(errors.join(), /cannot write .*lvs\.json: ENOTDIR/);
    void file.flush();
    await file.remove();
    assert.equal(errors.length, 1);
    assert.deepEqual(clock.pendingAt(), [], 'and nothing is tried after the end');
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
