/** Logging: readable lines on a terminal, one JSON object a line otherwise; always to standard error. */
import { createRequire } from 'node:module';
import { type Logger, pino } from 'pino';

const require = createRequire(import.meta.url);

export type Log = Logger;

export type LogOptions = {
  /** The process that speaks: `lvsd`, `lvsd-lvs`, `lvsd-vrrp`. */
  readonly name: string;
  readonly level: string;
  /** `auto` is `text` on a terminal and `json` elsewhere. */
  readonly format: 'auto' | 'text' | 'json';
};

/** Bytes of log kept while standard error is stuck; more is dropped, for the checks must go on. */
const BACKLOG_BYTES = 1 << 20;

/** A logger that never makes its caller wait for the reader of standard error. */
export function createLog({ name, level, format }: LogOptions): Log {
  const text = format === 'text' || (format === 'auto' && process.stderr.isTTY === true);
  const options = { name, level };
  if (text) {
    // Loaded only where a person reads: it would cost every daemon a megabyte.
    const { PinoPretty } = require('pino-pretty') as typeof import('pino-pretty');
    return pino(
      options,
      PinoPretty({ destination: 2, sync: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss.l' }),
    );
  }
  return pino(options, pino.destination({ dest: 2, sync: false, maxLength: BACKLOG_BYTES }));
}
