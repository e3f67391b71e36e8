/** Loads configurations from text, as if each were a file. */
import type { Config } from '../../src/config/config.js';
import { matchesName } from '../../src/config/glob.js';
import { formatDiagnostic, type LoadOptions, loadConfig } from '../../src/config/load.js';
import type { Reader } from '../../src/config/reader.js';

export type Outcome = {
  readonly config?: Config;
  /** `LINE:COL: severity: text`, with the file before it when it is not `t.conf`. */
  readonly messages: readonly string[];
};

/** A reader of files that exist only here; wildcards match names with `*`. */
export function memoryReader(files: Readonly<Record<string, string>>): Reader {
  return {
    read: (file) => {
      const text = files[file];
      return text === undefined ? { error: 'no such file' } : { text };
    },
    list: (pattern) => {
      const parts = pattern.split('/');
      const fits = (name: string) => {
        const own = name.split('/');
        return (
          own.length === parts.length && own.every((part, index) => matchesName(parts[index] ?? '', part))
        );
      };
      return Object.keys(files).filter(fits).sort();
    },
    directoryOf: () => '/etc/lvsd',
  };
}

/** Loads `t.conf` among some files; it may be a piece of what lvsd runs with. */
export function loadFiles(files: Readonly<Record<string, string>>, options: LoadOptions = {}): Outcome {
  const { config, diagnostics } = loadConfig('t.conf', {
    reader: memoryReader(files),
    configId: 'd1',
    env: {},
    machine: { hostName: 'host' },
    piece: true,
    ...options,
  });
  const messages = diagnostics.map((one) => formatDiagnostic(one).replace(/^t\.conf:/, ''));
  return config === undefined ? { messages } : { config, messages };
}

/** Loads one text. */
export function load(text: string, options: LoadOptions = {}): Outcome {
  return loadFiles({ 't.conf': text }, options);
}

/** A configuration that must be good and raise nothing. */
export function loadClean(text: string, options: LoadOptions = {}): Config {
  const { config, messages } = load(text, options);
  if (config === undefined || messages.length > 0)
    throw new Error(`expected no messages:\n${messages.join('\n')}`);
  return config;
}
