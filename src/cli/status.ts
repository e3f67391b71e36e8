/** `lvsd status`: what the daemon knows. */
import { join } from 'node:path';
import axios, { AxiosError } from 'axios';
import type { Status } from '../admin/status.js';
import { readSettings } from '../settings.js';
import { formatStatus } from './status-text.js';

/** A daemon that does not answer within this is as good as none. */
const DEADLINE_MS = 10_000;
const MAX_BYTES = 256 << 20;

/** Prints the status of the daemon of a state directory; 0, or 1 when there is none to ask. */
export async function status(flags: { readonly stateDir?: string; readonly json?: true }): Promise<number> {
  const { stateDir } = readSettings(flags.stateDir === undefined ? {} : { stateDir: flags.stateDir });
  const socketPath = join(stateDir, 'lvsd.sock');
  try {
    const { data } = await axios.get<Status>('http://lvsd/v1/status', {
      socketPath,
      signal: AbortSignal.timeout(DEADLINE_MS),
      maxContentLength: MAX_BYTES,
      proxy: false,
    });
    console.log(flags.json === true ? JSON.stringify(data, undefined, 2) : formatStatus(data));
    return 0;
  } catch (error) {
    console.error(`status: ${socketPath}: ${reason(error)}`);
    return 1;
  }
}

function reason(error: unknown): string {
  if (!(error instanceof AxiosError)) return (error as Error).message;
  switch (error.code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return 'no lvsd runs with this state directory (see --state-dir)';
    case 'EACCES':
      return 'permission denied: only the user lvsd runs as may ask';
    case 'ERR_CANCELED':
      return `lvsd did not answer within ${DEADLINE_MS / 1000} s`;
    default:
      return error.message;
  }
}
