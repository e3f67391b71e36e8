/** The thread of regex.ts: one match at a time, each under a time limit. */
import { createContext, Script } from 'node:vm';
import { parentPort } from 'node:worker_threads';
import type { MatchRequest } from './regex.js';
import { matchBody } from './regex-match.js';

/** More than any sound expression needs on the largest body, even on a busy machine. */
const LIMIT_MS = 500;

const context = createContext({ run: () => false });
const script = new Script('run()');

parentPort?.on('message', ({ id, regex, body }: MatchRequest) => {
  context.run = () => matchBody(regex, body);
  parentPort?.postMessage({ id, answer: bounded() });
});

function bounded(): unknown {
  try {
    return script.runInContext(context, { timeout: LIMIT_MS });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return `regex not matched within ${LIMIT_MS} ms`;
    return `regex not matched: ${(error as Error).message}`;
  }
}
