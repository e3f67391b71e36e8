/** Everything that is tracked beside the network itself. */
import type { VrrpConfig } from '../config.js';
import { createFileTracker } from './files.js';
import type { Reading, TrackerKind } from './fitness.js';
import { createProcessTracker } from './processes.js';
import { createScriptTracker, type RunScript, type TrackerOptions } from './scripts.js';

export type Trackers = {
  readonly configure: (config: VrrpConfig) => void;
  /** Whether each virtual server has its quorum, by id. */
  readonly setPools: (up: Readonly<Record<string, boolean>>) => void;
  /** What was told last; undefined: nothing yet. */
  readonly pools: () => Readonly<Record<string, boolean>> | undefined;
  readonly read: (kind: TrackerKind, name: string) => Reading;
  readonly stop: () => void;
};

export type TrackersOptions = TrackerOptions & {
  readonly run: RunScript;
  readonly interfaceUp: (name: string) => boolean | undefined;
};

export function createTrackers(options: TrackersOptions): Trackers {
  const scripts = createScriptTracker(options);
  const files = createFileTracker(options);
  const processes = createProcessTracker(options);
  let pools: Readonly<Record<string, boolean>> | undefined;
  return {
    configure: (config) => {
      scripts.configure(config.scripts);
      files.configure(config.trackFiles);
      processes.configure(config.trackProcesses);
    },
    setPools: (up) => {
      pools = up;
      options.onChange();
    },
    pools: () => pools,
    read: (kind, name) => {
      switch (kind) {
        case 'interface':
          return options.interfaceUp(name);
        case 'script':
          return scripts.read(name);
        case 'file':
          return files.read(name);
        case 'process':
          return processes.read(name);
        case 'pool':
          return pools?.[name];
      }
    },
    stop: () => {
      scripts.stop();
      files.stop();
      processes.stop();
    },
  };
}
