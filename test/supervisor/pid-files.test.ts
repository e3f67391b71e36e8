/** The pid files of a running daemon whose state directory is full, taken away, or no directory for a while. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../src/log.js';
import { readPid } from '../../src/supervisor/pid-file.js';
import { createPidFiles } from '../../src/supervisor/pid-files.js';
import { createFakeClock } from '../support/fake-clock.js';

describe('pid files of a running daemon', () => {
  const parent = mkdtempSync(join(tmpdir(), 'lvsd-test-'));
  const directory = join(parent, 'state');
  let said: string[] = [];

  after(() => rmSync(parent, { recursive: true }));
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  function make() {
    said = [];
    const say = (level: string) => (text: string) => said.push(`${level}: ${text}`);
    const log = { info: say('info'), error: say('error') } as unknown as Pick<Log, 'info' | 'error'>;
    const clock = createFakeClock();
    const files = createPidFiles({ directory, clock, log });
    files.note('lvsd', 11);
    return { files, clock };
  }

  it('stop nothing where the disk is full: told once, written when there is room, told once more', () => {
    const { files, clock } = make();
    const full = join(directory, 'lvsd-vrrp.pid.new');
    symlinkSync('/dev/full', full);
    for (const pid of [21, undefined, 22, undefined, 23]) files.note('lvsd-vrrp', pid);
    clock.advance(60_000);
    assert.equal(readPid(directory, 'lvsd-vrrp'), undefined);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /^error: cannot write to the state directory .*state: ENOSPC/);
    rmSync(full);
    clock.advance(5000);
    assert.equal(readPid(directory, 'lvsd-vrrp'), 23);
    assert.deepEqual(said.slice(1), [`info: the state directory ${directory} can be written again`]);
  });

  it('are all there again when somebody took the directory away', () => {
    const { files, clock } = make();
    files.note('lvsd-lvs', 31);
    rmSync(directory, { recursive: true });
    clock.advance(5000);
    assert.deepEqual([readPid(directory, 'lvsd'), readPid(directory, 'lvsd-lvs')], [11, 31]);
    rmSync(directory, { recursive: true });
    files.note('lvsd-lvs', 32);
    assert.equal(readPid(directory, 'lvsd-lvs'), 32);
    assert.deepEqual(said, []);
  });

  it('a process that is gone is forgotten, and stays forgotten', () => {
    const { files, clock } = make();
    files.note('lvsd-lvs', 31);
    files.note('lvsd-lvs', undefined);
    clock.advance(5000);
    assert.equal(readPid(directory, 'lvsd-lvs'), undefined);
    assert.equal(readPid(directory, 'lvsd'), 11);
  });

  it('a place that is no directory throws neither where one begins nor where one ends', () => {
    const { files } = make();
    rmSync(directory, { recursive: true });
    writeFileSync(directory, '');
    files.note('lvsd-lvs', 31);
    files.note('lvsd-lvs', undefined);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', /ENOTDIR|EEXIST/);
  });

  it('are left alone after the end', () => {
    const { files, clock } = make();
    files.note('lvsd', undefined);
    files.close();
    assert.deepEqual(clock.pendingAt(), []);
  });
});
