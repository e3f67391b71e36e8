/** Tells the world of transitions: FIFOs at once, scripts in the order of their instance, mails when a server takes them. */
import type { Clock } from '../../clock.js';
import type { Mail } from '../../mail/config.js';
import { createScriptQueue } from '../../script/queue.js';
import type { RunOptions, runScript } from '../../script/run.js';
import type { Script } from '../../script.js';
import type { NotifyConfig, NotifyFifoConfig, VrrpProcessConfig } from '../config.js';
import { type Fifo, openFifo } from './fifo.js';
import { fifoLine, mailText, type Notice, scriptsOf } from './notice.js';

export type NotifierOptions = {
  readonly clock: Clock;
  readonly log: Readonly<Record<'debug' | 'warn', (fields: object, text: string) => void>>;
  readonly runScript: typeof runScript;
  readonly sendMail: (mail: Mail) => void;
};

export type Notifier = {
  readonly configure: (config: VrrpProcessConfig) => void;
  readonly notify: (notice: Notice, config: NotifyConfig) => void;
  /** Gives scripts under way so long to end, and lets go of the FIFOs. */
  readonly close: (withinMs: number) => Promise<void>;
};

/** A notify script that runs longer than this is ended. */
const SCRIPT_DEADLINE_MS = 60_000;
/** A script that reads a FIFO runs as long as the daemon; no timer can be set for longer. */
const FOREVER_MS = 2 ** 31 - 1;

type Open = { readonly config: NotifyFifoConfig; readonly fifo: Fifo; readonly reader: AbortController };

export function createNotifier(options: NotifierOptions): Notifier {
  const { clock, log, sendMail } = options;
  const queue = createScriptQueue({
    clock,
    log,
    deadlineMs: SCRIPT_DEADLINE_MS,
    runScript: options.runScript,
  });
  let fifos: readonly Open[] = [];
  /** The last line of each instance and group, for fifo_write_vrrp_states_on_reload. */
  const last = new Map<string, string>();
  return { configure, notify, close };

  function configure({ notifyFifos, fifoWriteStatesOnReload }: VrrpProcessConfig): void {
    const reload = fifos.length > 0;
    const stay = fifos.filter(({ config }) => notifyFifos.some((each) => same(each, config)));
    for (const open of fifos) if (!stay.includes(open)) shut(open);
    fifos = notifyFifos.map((config) => stay.find((open) => same(open.config, config)) ?? begin(config));
    if (reload && fifoWriteStatesOnReload) for (const line of last.values()) write(line);
  }

  function begin(config: NotifyFifoConfig): Open {
    const fifo = openFifo(config, (fields, text) => log.warn(fields, text));
    const reader = new AbortController();
    if (config.script !== undefined) runReader(config.script, config.path, reader.signal);
    return { config, fifo, reader };
  }

  function runReader(script: Script, path: string, signal: AbortSignal): void {
    const run: RunOptions = { clock, deadlineMs: FOREVER_MS, signal };
    void options.runScript({ ...script, argv: [...script.argv, path] }, run).then(({ outcome }) => {
      if (outcome.kind !== 'cancelled')
        log.warn({ path, outcome }, `the script that reads FIFO ${path} ended`);
    });
  }

  function notify(notice: Notice, config: NotifyConfig): void {
    const line = fifoLine(notice);
    const target = `${notice.of} ${notice.name}`;
    if (notice.state === 'STOP' || notice.state === 'DELETED') last.delete(target);
    else last.set(target, line);
    write(line);
    for (const script of scriptsOf(notice, config)) {
      queue.run(script, { target, event: `notify ${notice.state}` });
    }
    const mail = mailText(notice, config);
    if (mail !== undefined) sendMail(mail);
  }

  function write(line: string): void {
    for (const { fifo } of fifos) fifo.write(line);
  }

  function shut({ fifo, reader }: Open): void {
    reader.abort();
    fifo.close();
  }

  async function close(withinMs: number): Promise<void> {
    const late = new Promise<void>((resolve) => clock.wake(clock.now() + withinMs, resolve));
    await Promise.race([queue.idle(), late]);
    for (const open of fifos) shut(open);
  }
}

function same(a: NotifyFifoConfig, b: NotifyFifoConfig): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
