/** Facts of the state directory. */
import { accessSync, constants, statSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, join } from 'node:path';
import type { StateDirFacts } from './state-dir.js';

export async function readStateDir(path: string): Promise<StateDirFacts> {
  const stat = statSync(path, { throwIfNoEntry: false });
  const socket = join(path, 'lvsd.sock');
  const left = statSync(socket, { throwIfNoEntry: false }) !== undefined;
  return {
    path,
    kind: stat === undefined ? 'absent' : stat.isDirectory() ? 'folder' : 'other',
    writable: mayWrite(stat === undefined ? existing(dirname(path)) : path),
    mode: stat === undefined ? 0 : stat.mode & 0o7777,
    socket: left,
    answers: left && (await accepts(socket)),
  };
}

/** lvsd makes all folders that are missing. */
function existing(path: string): string {
  return statSync(path, { throwIfNoEntry: false }) === undefined && path !== '/'
    ? existing(dirname(path))
    : path;
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether somebody listens; whoever may not ask cannot know, and does not complain. */
function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(1000, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => settle(code === 'EACCES'));
  });
}
