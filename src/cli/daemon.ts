/** Asks the daemon of a state directory by its admin socket. */
import { join } from 'node:path';
import axios, { AxiosError } from 'axios';
import { readSettings } from '../settings.js';

export type Answer<T> = { readonly data: T } | { readonly error: string };

const MAX_BYTES = 256 << 20;

/** The JSON the daemon answers with, or one line that says why there is none. */
export async function ask<T>(
  method: 'GET' | 'POST',
  path: string,
  stateDir: string | undefined,
  deadlineMs: number,
): Promise<Answer<T>> {
  const settings = readSettings(stateDir === undefined ? {} : { stateDir });
  const socketPath = join(settings.stateDir, 'lvsd.sock');
  try {
    const { data } = await axios.request<T>({
      method,
      url: `http://lvsd${path}`,
      socketPath,
      signal: AbortSignal.timeout(deadlineMs),
      maxContentLength: MAX_BYTES,
      proxy: false,
    });
    return { data };
  } catch (error) {
    return { error: reason(error, socketPath, deadlineMs) };
  }
}

function reason(error: unknown, socketPath: string, deadlineMs: number): string {
  if (!(error instanceof AxiosError)) return `${socketPath}: ${(error as Error).message}`;
  const said = (error.response?.data as { readonly error?: unknown } | undefined)?.error;
  return typeof said === 'string' ? said : `${socketPath}: ${describe(error, deadlineMs)}`;
}

function describe({ code, message }: AxiosError, deadlineMs: number): string {
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return 'no lvsd runs with this state directory (see --state-dir)';
    case 'EACCES':
      return 'permission denied: only the user lvsd runs as may ask';
    case 'ERR_CANCELED':
      return `lvsd-lvs, which serves this socket, did not answer within ${deadlineMs / 1000} s`;
    default:
      return message;
  }
}
