/** Tells the world of transitions: FIFOs at once, scripts in the order of their instance, mails when a server takes them. */
import type { Clock } from '../../clock.js';
import { createFifos } from '../../fifo/fifos.js';
import type { Mail } from '../../mail/config.js';
import { createScriptQueue } from '../../script/queue.js';
import type { runScript } from '../../script/run.js';
import type { NotifyConfig, VrrpProcessConfig } from '../config.js';
import { fifoLine, mailText, type Notice, scriptsOf } from './notice.js';

export type NotifierOptions = {
  readonly clock: Clock;
  readonly log: Readonly<Record<'debug' | 'warn', (fields: object, text: string) => void>>;
  readonly runScript: typeof runScript;
  readonly sendMail: (mail: Mail) => void;
};

export type Notifier = {
  /** The sync groups there are: the states of others are not repeated. */
  readonly keepGroups: (names: readonly string[]) => void;
  readonly configure: (config: VrrpProcessConfig) => void;
  readonly notify: (notice: Notice, config: NotifyConfig) => void;
  /** Gives scripts under way so long to end, and lets go of the FIFOs. */
  readonly close: (withinMs: number) => Promise<void>;
};

/** A notify script that runs longer than this is ended. */
const SCRIPT_DEADLINE_MS = 60_000;

export function createNotifier(options: NotifierOptions): Notifier {
  const { clock, log, sendMail } = options;
  const queue = createScriptQueue({
    clock,
    log,
    deadlineMs: SCRIPT_DEADLINE_MS,
    runScript: options.runScript,
  });
  const fifos = createFifos(options);
  /** The last line of each instance and group, for fifo_write_vrrp_states_on_reload. */
  const last = new Map<string, string>();
  return { keepGroups, configure, notify, close };

  function keepGroups(names: readonly string[]): void {
    const kept = new Set(names.map((name) => `GROUP ${name}`));
    for (const target of last.keys())
      if (target.startsWith('GROUP ') && !kept.has(target)) last.delete(target);
  }

  function configure({ notifyFifos, fifoWriteStatesOnReload }: VrrpProcessConfig): void {
    const reload = fifos.configure(notifyFifos);
    if (reload && fifoWriteStatesOnReload) for (const line of last.values()) fifos.write(line);
  }

  function notify(notice: Notice, config: NotifyConfig): void {
    const target = `${notice.of} ${notice.name}`;
    remember(target, notice);
    fifos.write(fifoLine(notice));
    for (const script of scriptsOf(notice, config)) {
      const passing = notice.state === 'MASTER_RX_LOWER_PRI';
      queue.run(script, { target, event: `notify ${notice.state}`, passing });
    }
    const mail = mailText(notice, config);
    if (mail !== undefined) sendMail(mail);
  }

  /** An event changes no state, though it may change the priority told with it. */
  function remember(target: string, notice: Notice): void {
    switch (notice.state) {
      case 'MASTER':
      case 'BACKUP':
      case 'FAULT':
        if (notice.removed) last.delete(target);
        else last.set(target, fifoLine(notice));
        return;
      case 'STOP':
      case 'DELETED':
        last.delete(target);
        return;
      case 'MASTER_PRIORITY':
        last.set(target, fifoLine({ ...notice, state: 'MASTER' }));
        return;
      case 'BACKUP_PRIORITY':
        last.set(target, fifoLine({ ...notice, state: 'BACKUP' }));
        return;
      case 'MASTER_RX_LOWER_PRI':
        return;
    }
  }

  async function close(withinMs: number): Promise<void> {
    const late = new Promise<void>((resolve) => clock.wake(clock.now() + withinMs, resolve));
    await Promise.race([queue.idle(), late]);
    fifos.close();
  }
}
