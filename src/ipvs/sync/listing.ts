/** The kernel's list of connections, read in pieces between which other events have their turn. */
import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../clock.js';

const PATH = '/proc/net/ip_vs_conn';
/** The kernel gives a page at most. */
const PIECE_BYTES = 4096;
/** Pieces are read one after another for so long: a thread for each would take longer than the kernel does. */
const TURN_MS = 4;

/** Whole lines, some at a time. Rejects with what the file system says, ENOENT where there is no IPVS. */
export async function* listConnections(
  { now }: Pick<Clock, 'now'>,
  path = PATH,
): AsyncGenerator<readonly string[]> {
  const file = openSync(path, 'r');
  try {
    const piece = Buffer.alloc(PIECE_BYTES);
    let rest = '';
    let turnEndsAt = now() + TURN_MS;
    for (;;) {
      const bytes = readSync(file, piece);
      if (bytes === 0) break;
      const lines = (rest + piece.toString('latin1', 0, bytes)).split('\n');
      rest = lines.pop() ?? '';
      yield lines;
      if (now() < turnEndsAt) continue;
      await nextTurn();
      turnEndsAt = now() + TURN_MS;
    }
    if (rest !== '') yield [rest];
  } finally {
    closeSync(file);
  }
}
