/** Makes and opens no pipe, runs no reader, and says what they would be told. */
import type { FifoConfig } from './config.js';
import type { Fifos } from './fifos.js';

export type DryFifosOptions = {
  readonly log: Readonly<Record<'info', (fields: object, text: string) => void>>;
};

export function createDryFifos({ log }: DryFifosOptions): Fifos {
  let present: readonly FifoConfig[] = [];
  return {
    configure: (configs) => {
      const before = present;
      present = configs;
      return before.length > 0;
    },
    write: (line) => {
      for (const { path } of present) log.info({ path }, `would write "${line.trimEnd()}" to FIFO ${path}`);
    },
    close: () => {},
  };
}
