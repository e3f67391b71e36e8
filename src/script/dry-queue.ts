/** Runs no script, and says which it would. */
import type { ScriptQueue } from './queue.js';

export type DryQueueOptions = {
  readonly log: Readonly<Record<'info', (fields: object, text: string) => void>>;
};

export function createDryQueue({ log }: DryQueueOptions): ScriptQueue {
  return {
    run: ({ argv }, cause) => {
      log.info(cause, `would run the ${cause.event} script of ${cause.target}: ${argv.join(' ')}`);
    },
    idle: async () => {},
    stop: () => {},
  };
}
