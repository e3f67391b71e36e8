/** Logging to standard error: readable lines on a terminal, with priorities for the journal, one JSON object a line otherwise. */
import { fstatSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isatty } from 'node:tty';
import type { Logger } from 'pino';
import { createBacklog, type Outlet } from './log/backlog.js';
import { type Entry, journalLine, textOf } from './log/line.js';

export type Log = Logger;

/** `auto` is `text` on a terminal, `journal` where systemd reads, and `json` elsewhere. */
export type LogFormat = 'auto' | 'text' | 'journal' | 'json';

export type LogOptions = {
  /** The process that speaks: `lvsd`, `lvsd-lvs`, `lvsd-vrrp`. */
  readonly name: string;
  readonly level: string;
  readonly format: LogFormat;
  /** Standard error. */
  readonly outlet: Outlet;
};

const STANDARD_ERROR = 2;

// With the module: a process that follows upon another has no time when it begins.
const { pino } = load<typeof import('pino')>('pino');

/**
 * The log of this process, of which there is one. It never makes its caller wait for a reader. Errors that nobody catches end the process
 * with a line of it, and at every end but a kill all lines are written, if somebody reads them.
 */
export function createLog({ name, level, format, outlet }: LogOptions): Log {
  const form = formOf(format === 'auto' ? fittingFormat() : format);
  const backlog = createBacklog({ outlet, form, onDropped });
  const log = pino({ name, level }, backlog);
  process.on('exit', backlog.flush);
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'ends by an error that nobody caught');
    process.exit(1);
  });
  process.removeAllListeners('warning').on('warning', (warning) => log.warn(`node: ${warning}`));
  return log;

  function onDropped(count: number): void {
    log.error({ dropped: count }, `${count} log lines are lost: nobody read them in time`);
  }
}

function fittingFormat(): LogFormat {
  if (isatty(STANDARD_ERROR)) return 'text';
  return process.env.JOURNAL_STREAM === identity() ? 'journal' : 'json';
}

/** As systemd writes it into JOURNAL_STREAM, which may be inherited from a service that logged elsewhere (systemd.exec(5)). */
function identity(): string {
  const { dev, ino } = fstatSync(STANDARD_ERROR, { bigint: true });
  return `${dev}:${ino}`;
}

function formOf(format: LogFormat): (line: string) => string {
  switch (format) {
    case 'text':
      return pretty();
    case 'journal':
      return journalLine;
    case 'auto':
    case 'json':
      return (line) => line;
  }
}

function pretty(): (line: string) => string {
  // Loaded only where a person reads: it would cost every daemon a megabyte.
  const { prettyFactory } = load<typeof import('pino-pretty')>('pino-pretty');
  return prettyFactory({
    colorize: isatty(STANDARD_ERROR) && process.env.NO_COLOR === undefined,
    ignore: 'pid,hostname',
    translateTime: 'SYS:HH:MM:ss.l',
    hideObject: true,
    messageFormat: (entry) => textOf(entry as unknown as Entry),
  });
}

/**
 * These packages load node:assert, which asks process.stderr for colours: with the first question Node would make a pipe or socket
 * non-blocking for everybody who writes there, the shell too.
 */
function load<T>(name: string): T {
  const real = Object.getOwnPropertyDescriptor(process, 'stderr') ?? {};
  Object.defineProperty(process, 'stderr', { configurable: true, value: { isTTY: false } });
  try {
    return createRequire(import.meta.url)(name) as T;
  } finally {
    Object.defineProperty(process, 'stderr', real);
  }
}
