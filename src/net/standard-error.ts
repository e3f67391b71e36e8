/**
 * Writing to standard error without waiting for whoever reads it. O_NONBLOCK belongs to the open file description (open(2)), which is
 * shared with the shell and every other process that inherited it: so it is never set there, but on a description of our own, or
 * for a single call.
 */
import { constants, fstatSync, openSync, write } from 'node:fs';
import type { Outlet } from '../log/backlog.js';
import * as libc from './libc.js';
import { EAGAIN, MSG_DONTWAIT, MSG_NOSIGNAL, POLLOUT } from './linux.js';

/** What a pipe takes whole or not at all (pipe(7)): the lines of several processes do not mix. */
const PIPE_BUF = 4096;
const FILE_BATCH = 1 << 16;

/** `reopen` gives another description of it, which never blocks; undefined: there is none to be had. */
export function openStandardError(fd = 2, reopen = reopenByName): Outlet {
  const found = fstatSync(fd);
  if (found.isFile()) return file(fd);
  if (found.isSocket()) return socket(fd);
  const own = reopen(fd);
  return own === undefined ? wary(fd) : openedAnew(own);
}

/** A terminal or pipe, unless it is another user's. */
function reopenByName(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}

function openedAnew(fd: number): Outlet {
  return { batchBytes: PIPE_BUF, write: (bytes) => taken(libc.write(fd, bytes)) };
}

/** The journal, above all. */
function socket(fd: number): Outlet {
  return {
    batchBytes: PIPE_BUF,
    write: (bytes) => taken(libc.send(fd, bytes, MSG_DONTWAIT | MSG_NOSIGNAL)),
  };
}

/** Asks before. A pipe that says yes has room for this much; of a terminal it is likely. */
function wary(fd: number): Outlet {
  return {
    batchBytes: PIPE_BUF,
    write: (bytes) => {
      if (libc.poll([{ fd, events: POLLOUT, revents: 0 }], 0) < 1) return 0;
      return taken(libc.write(fd, bytes.subarray(0, PIPE_BUF)));
    },
  };
}

/** Nothing about files waits for readers, but all of it for disks: those are left to the thread pool until the process ends. */
function file(fd: number): Outlet {
  let busy = false;
  let last = false;
  return {
    batchBytes: FILE_BATCH,
    write: (bytes) => {
      if (last) return taken(libc.write(fd, bytes));
      if (busy) return 0;
      busy = true;
      write(fd, bytes, () => {
        busy = false;
      });
      return bytes.length;
    },
    finish: () => {
      last = true;
    },
  };
}

function taken(result: number): number {
  return result === -EAGAIN ? 0 : result;
}
