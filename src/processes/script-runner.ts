/**
 * Runs scripts in the supervisor, which has time: starting a program holds a process up for milliseconds, and lvsd-vrrp's adverts do
 * not wait. Without a supervisor they run here.
 */
import { type RunOptions, runScript, type ScriptResult } from '../script/run.js';
import type { Script } from '../script.js';
import type { FromChild } from './messages.js';

export type ScriptRunner = {
  readonly run: (script: Script, options: RunOptions) => Promise<ScriptResult>;
  readonly ran: (id: number, result: ScriptResult) => void;
  /** The supervisor is gone: what it ran will not be told of. */
  readonly orphaned: () => void;
};

/** `send` is false when there is no supervisor. */
export function createScriptRunner(send: (message: FromChild) => boolean): ScriptRunner {
  const waiting = new Map<number, (result: ScriptResult) => void>();
  let last = 0;
  return {
    run: (script, options) => {
      last += 1;
      const id = last;
      const { deadlineMs, signal, env } = options;
      if (signal?.aborted === true) return Promise.resolve(CANCELLED);
      if (!send({ kind: 'run', id, script, deadlineMs, ...(env && { env }) }))
        return runScript(script, options);
      signal?.addEventListener('abort', () => send({ kind: 'cancel', id }), { once: true });
      return new Promise((resolve) => waiting.set(id, resolve));
    },
    ran: (id, result) => {
      waiting.get(id)?.(result);
      waiting.delete(id);
    },
    orphaned: () => {
      for (const resolve of waiting.values()) resolve(CANCELLED);
      waiting.clear();
    },
  };
}

const CANCELLED: ScriptResult = { outcome: { kind: 'cancelled' }, output: '', durationMs: 0 };
