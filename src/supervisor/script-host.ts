/** Runs the scripts that a child asks for, and tells it how they ended. */
import type { Clock } from '../clock.js';
import type { FromChild, ToChild } from '../processes/messages.js';
import { runScript } from '../script/run.js';

export type ScriptHost = {
  readonly run: (message: Extract<FromChild, { kind: 'run' }>) => void;
  readonly cancel: (id: number) => void;
  /** The child is gone: scripts that it waits for forever end; the others run out. */
  readonly orphaned: () => void;
};

export function createScriptHost(clock: Clock, send: (message: ToChild) => void): ScriptHost {
  const running = new Map<number, { readonly abort: AbortController; readonly endless: boolean }>();
  return {
    run: ({ id, script, deadlineMs, env }) => {
      const abort = new AbortController();
      running.set(id, { abort, endless: deadlineMs === undefined });
      const options = { clock, deadlineMs, signal: abort.signal, ...(env && { env }) };
      void runScript(script, options).then((result) => {
        // A child that was started again counts from one as well.
        if (running.get(id)?.abort !== abort) return;
        running.delete(id);
        send({ kind: 'ran', id, result });
      });
    },
    cancel: (id) => running.get(id)?.abort.abort(),
    orphaned: () => {
      for (const { abort, endless } of running.values()) if (endless) abort.abort();
      running.clear();
    },
  };
}
