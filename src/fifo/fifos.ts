/** Several named pipes that are told the same, each with the script that reads it. */
import type { Clock } from '../clock.js';
import type { RunOptions, runScript } from '../script/run.js';
import type { Script } from '../script.js';
import type { FifoConfig } from './config.js';
import { type Fifo, openFifo } from './fifo.js';

export type FifosOptions = {
  readonly clock: Clock;
  readonly log: Readonly<Record<'warn', (fields: object, text: string) => void>>;
  readonly runScript: typeof runScript;
};

export type Fifos = {
  /** Sets which there are; those that stay the same stay open. True when any was open before. */
  readonly configure: (configs: readonly FifoConfig[]) => boolean;
  /** Gives each a line, which ends with a newline. */
  readonly write: (line: string) => void;
  readonly close: () => void;
};

/** A script that reads a FIFO runs as long as the daemon; no timer can be set for longer. */
const FOREVER_MS = 2 ** 31 - 1;

type Open = { readonly config: FifoConfig; readonly fifo: Fifo; readonly reader: AbortController };

export function createFifos({ clock, log, runScript }: FifosOptions): Fifos {
  let open: readonly Open[] = [];
  return {
    configure,
    write: (line) => {
      for (const { fifo } of open) fifo.write(line);
    },
    close: () => {
      for (const each of open) shut(each);
      open = [];
    },
  };

  function configure(configs: readonly FifoConfig[]): boolean {
    const before = open;
    const stay = before.filter(({ config }) => configs.some((each) => same(each, config)));
    for (const each of before) if (!stay.includes(each)) shut(each);
    open = configs.map((config) => stay.find((each) => same(each.config, config)) ?? begin(config));
    return before.length > 0;
  }

  function begin(config: FifoConfig): Open {
    const fifo = openFifo(config, (fields, text) => log.warn(fields, text));
    const reader = new AbortController();
    if (config.script !== undefined) read(config.script, config.path, reader.signal);
    return { config, fifo, reader };
  }

  function read(script: Script, path: string, signal: AbortSignal): void {
    const run: RunOptions = { clock, deadlineMs: FOREVER_MS, signal };
    void runScript({ ...script, argv: [...script.argv, path] }, run).then(({ outcome }) => {
      if (outcome.kind !== 'cancelled')
        log.warn({ path, outcome }, `the script that reads FIFO ${path} ended`);
    });
  }
}

function shut({ fifo, reader }: Open): void {
  reader.abort();
  fifo.close();
}

function same(a: FifoConfig, b: FifoConfig): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
