/** A track_file in a directory that goes and comes, as that of a service with RuntimeDirectory= does when it is started again. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/clock.js';
import { createFileTracker, type FileTracker } from '../../../src/vrrp/track/files.js';
import { eventually } from '../../support/namespaces.js';

const LONG_MS = 20_000;

describe('vrrp/track/files in a directory that is made anew', function () {
  this.timeout(4 * LONG_MS);
  let root: string;
  let folder: string;
  let tracker: FileTracker;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lvsd-track-'));
    folder = join(root, 'service');
    make();
    tracker = createFileTracker({
      clock: systemClock,
      log: { info: () => {}, warn: () => {} },
      onChange: () => {},
    });
  });
  afterEach(() => {
    tracker.stop();
    rmSync(root, { recursive: true });
  });

  const make = () => mkdirSync(folder);
  const remove = () => rmSync(folder, { recursive: true });
  const write = (value: number, name = 'n') => writeFileSync(join(folder, name), `${value}\n`);
  const follow = (...names: readonly string[]) =>
    tracker.configure(names.map((name) => ({ name, path: join(folder, name) })));
  const says = (value: number, name = 'n') =>
    eventually(`${name} says ${value}`, () => tracker.read(name) === value, LONG_MS);

  /** Changes after the first show that it is watched, not looked at once. */
  async function counts(name = 'n'): Promise<void> {
    for (const value of [7, 8, 9]) {
      write(value, name);
      await says(value, name);
    }
  }

  it('removed, it says 0; made anew, it is read and watched as before', async () => {
    write(5);
    follow('n');
    await says(5);
    remove();
    await says(0);
    make();
    write(6);
    await says(6);
    await counts();
  });

  it('within a moment, and several files of one directory', async () => {
    follow('n', 'm');
    write(5);
    write(5, 'm');
    await says(5);
    await says(5, 'm');
    remove();
    make();
    write(6);
    await says(6);
    await says(0, 'm');
    await counts();
    await counts('m');
  });

  it('moved away, and another one made in its place, that one is watched', async () => {
    write(5);
    follow('n');
    await says(5);
    renameSync(folder, join(root, 'before'));
    make();
    write(6);
    await says(6);
    await counts();
  });

  it('a file with the name of its directory is followed as well', async () => {
    follow('service');
    await says(0, 'service');
    await counts('service');
  });

  it('one that cannot be read to its end is waited for once, however often it changes: the others are read', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    follow('pipe', 'm');
    await says(0, 'm');
    try {
      for (let i = 0; i < 8; i += 1) {
        utimesSync(path, i, i);
        write(10 + i, 'm');
        await says(10 + i, 'm');
      }
    } finally {
      // A writer lets the reader go on, which then finds a file there.
      const writer = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
      write(20, 'file');
      renameSync(join(folder, 'file'), path);
      closeSync(writer);
    }
    await says(20, 'pipe');
  });
});
