/** Several named pipes that are told the same, each with the script that reads it. */
import type { Clock } from '../clock.js';
import { describeOutcome } from '../script/queue.js';
import type { runScript } from '../script/run.js';
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

/** How soon a reader that ended is started again; each time it ends soon, after twice as long. */
const REST_MS = 1000;
const LONGEST_REST_MS = 60_000;

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

  /** It runs as long as the pipe is kept. */
  function read(script: Script, path: string, signal: AbortSignal, usualRestMs = REST_MS): void {
    const startedAt = clock.now();
    const argv = [...script.argv, path];
    void runScript({ ...script, argv }, { clock, signal }).then(({ outcome }) => {
      if (outcome.kind === 'cancelled') return;
      const restMs = clock.now() - startedAt < LONGEST_REST_MS ? usualRestMs : REST_MS;
      const ended = `the script that reads FIFO ${path} ${describeOutcome(outcome)}`;
      log.warn({ path, outcome }, `${ended}, begins again in ${restMs / 1000} s`);
      const again = clock.wake(clock.now() + restMs, () => {
        signal.removeEventListener('abort', cancel);
        read(script, path, signal, Math.min(2 * restMs, LONGEST_REST_MS));
      });
      const cancel = () => again.cancel();
      signal.addEventListener('abort', cancel);
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
