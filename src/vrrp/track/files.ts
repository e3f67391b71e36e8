/** The number in each track_file, read anew when the kernel tells of a change in its directory (inotify). */
import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Timer } from '../../clock.js';
import type { TrackFileConfig } from './config.js';
import { parseNumber } from './number.js';
import type { TrackerOptions } from './scripts.js';

export type FileTracker = {
  readonly configure: (files: readonly TrackFileConfig[]) => void;
  /** Undefined until it was read once; a file that is missing or has no number says 0. */
  readonly read: (name: string) => number | undefined;
  readonly stop: () => void;
};

type Watched = {
  readonly config: TrackFileConfig;
  value: number | undefined;
  /** Being read: one that hangs holds up one thread of the pool. `again` when it has changed meanwhile. */
  reading: 'no' | 'yes' | 'again';
  watcher: FSWatcher | undefined;
  retry: Timer | undefined;
};

/** A directory that is not there is looked for so often. */
const RETRY_MS = 1000;
/** More than a number may have; a longer file is not read to its end. */
const MOST_BYTES = 64;

export function createFileTracker({ clock, log, onChange }: TrackerOptions): FileTracker {
  const watched = new Map<string, Watched>();
  return {
    configure: (files) => {
      for (const [name, file] of watched) {
        if (!files.some((config) => config.name === name && config.path === file.config.path)) forget(file);
      }
      for (const config of files) if (!watched.has(config.name)) void begin(config);
    },
    read: (name) => watched.get(name)?.value,
    stop: () => {
      for (const file of [...watched.values()]) forget(file);
    },
  };

  async function begin(config: TrackFileConfig): Promise<void> {
    const file: Watched = { config, value: undefined, reading: 'no', watcher: undefined, retry: undefined };
    watched.set(config.name, file);
    await initialise(config).catch((error: Error) => log.warn({ path: config.path }, error.message));
    follow(file);
  }

  function follow(file: Watched): void {
    if (watched.get(file.config.name) !== file) return;
    const { path } = file.config;
    const folder = dirname(path);
    rest(file);
    try {
      file.watcher = watch(folder, (_kind, name) => {
        // What happens to the directory itself is told with its own name: another one may be there now.
        if (name === basename(folder)) follow(file);
        else if (name === null || name === basename(path)) void look(file);
      });
      file.watcher.on('error', () => again(file));
    } catch {
      again(file);
    }
    void look(file);
  }

  function again(file: Watched): void {
    rest(file);
    file.retry = clock.wake(clock.now() + RETRY_MS, () => follow(file));
  }

  async function look(file: Watched): Promise<void> {
    if (file.reading !== 'no') {
      file.reading = 'again';
      return;
    }
    file.reading = 'yes';
    const text = await readFile(file.config.path, 'latin1').catch(() => '');
    const isOld = (file.reading as Watched['reading']) === 'again';
    file.reading = 'no';
    take(file, parseNumber(text.slice(0, MOST_BYTES)));
    if (isOld) void look(file);
  }

  function take(file: Watched, value: number): void {
    if (watched.get(file.config.name) !== file || value === file.value) return;
    if (file.value !== undefined)
      log.info({ file: file.config.name, value }, `file ${file.config.name} says ${value}`);
    file.value = value;
    onChange();
  }

  function forget(file: Watched): void {
    watched.delete(file.config.name);
    rest(file);
  }
}

function rest(file: Watched): void {
  file.watcher?.close();
  file.watcher = undefined;
  file.retry?.cancel();
}

/** init_file: written where it is missing, or always with overwrite. */
async function initialise({ path, init }: TrackFileConfig): Promise<void> {
  if (init === undefined) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${init.value}\n`, { flag: init.overwrite ? 'w' : 'wx' }).catch((error) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
}
