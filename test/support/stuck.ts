/** Standard errors at whose other end somebody has stopped reading. */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, fstatSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import koffi from 'koffi';
import { recv, send } from '../../src/net/libc.js';
import { AF_UNIX, MSG_DONTWAIT, SOCK_CLOEXEC, SOCK_STREAM } from '../../src/net/linux.js';

export type Stuck = {
  /** To be inherited by a program as its standard error. */
  readonly fd: number;
  /** Where systemd says that the journal reads. */
  readonly journal?: string;
  /** From now on it is read. */
  readonly letGo: () => void;
  /** What has been read since, beyond what it was filled with. */
  readonly read: () => string;
  readonly close: () => void;
};

const { O_RDONLY, O_RDWR, O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;

const FILLING = Buffer.from(`${'.'.repeat(127)}\n`);

/** A pipe that is full. */
export function fullPipe(): Stuck {
  const folder = mkdtempSync(join(tmpdir(), 'lvsd-pipe-'));
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  const reader = openSync(path, O_RDONLY | O_NONBLOCK);
  const filler = openSync(path, O_WRONLY | O_NONBLOCK);
  fill(() => writeSync(filler, FILLING));
  closeSync(filler);
  const fd = openSync(path, O_WRONLY);
  rmSync(folder, { recursive: true });
  return readBy((buffer) => readSync(reader, buffer), [fd, reader]);
}

/** A terminal at which somebody has typed Ctrl-S. */
export function stoppedTerminal(): Stuck {
  const master = openSync('/dev/ptmx', O_RDWR | O_NONBLOCK | O_NOCTTY);
  if (unlockpt(master) !== 0) throw new Error('no terminal to be had');
  const terminal = openSync(ptsname(master), O_RDWR | O_NOCTTY);
  writeSync(master, '\x13');
  const stuck = readBy((buffer) => readSync(master, buffer), [terminal, master]);
  const letGo = () => {
    writeSync(master, '\x11');
    stuck.letGo();
  };
  return { ...stuck, letGo };
}

/** A journal that hangs. */
export function stuckJournal(): Stuck {
  const pair = new Int32Array(2);
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) !== 0) throw new Error('no sockets to be had');
  const [fd = 0, reader = 0] = pair;
  fill(() => send(fd, FILLING, MSG_DONTWAIT));
  const { dev, ino } = fstatSync(fd);
  return {
    ...readBy((buffer) => recv(reader, buffer, MSG_DONTWAIT), [fd, reader]),
    journal: `${dev}:${ino}`,
  };
}

const library = koffi.load(null);
const unlockpt = library.func('int unlockpt(int)') as unknown as (fd: number) => number;
const ptsname = library.func('const char *ptsname(int)') as unknown as (fd: number) => string;
const socketpair = library.func('int socketpair(int, int, int, _Out_ int *)') as unknown as (
  domain: number,
  type: number,
  protocol: number,
  pair: Int32Array,
) => number;

/** `write` throws or gives less when there is no more room. */
function fill(write: () => number): void {
  try {
    while (write() === FILLING.length);
  } catch {
    // It is full.
  }
}

function readBy(
  take: (buffer: Buffer) => number,
  fds: readonly [fd: number, reader: number],
): Omit<Stuck, 'journal'> {
  const buffer = Buffer.alloc(1 << 16);
  let reading: NodeJS.Timeout | undefined;
  let text = '';
  const takeAll = () => {
    try {
      for (let taken = take(buffer); taken > 0; taken = take(buffer))
        text += buffer.toString('utf8', 0, taken);
    } catch {
      // There is no more for now.
    }
  };
  return {
    fd: fds[0],
    letGo: () => {
      takeAll();
      reading = setInterval(takeAll, 5);
    },
    read: () => {
      if (reading !== undefined) takeAll();
      return text.replaceAll(FILLING.toString(), '').replaceAll('\r', '');
    },
    close: () => {
      clearInterval(reading);
      for (const fd of fds) closeSync(fd);
    },
  };
}
