/** The process `lvsd`: reads the configuration, keeps the children alive, and turns signals into messages to them. */
import { mkdirSync } from 'node:fs';
import { systemClock } from '../clock.js';
import type { Config, Diagnostic } from '../config/config.js';
import { formatDiagnostic, loadConfig } from '../config/load.js';
import type { Log } from '../log.js';
import type { ChildName, ChildSettings } from '../processes/messages.js';
import { hasState } from '../processes/state-file.js';
import { Children } from './children.js';
import { createManager, type Manager } from './manager.js';
import { livingPid, writePid } from './pid-file.js';
import { createPidFiles, type PidFiles, STATE_DIR_MODE } from './pid-files.js';
import type { Scope } from './scope.js';

export type SupervisorOptions = ChildSettings & {
  readonly file: string;
  /** As in Settings. */
  readonly configId: string;
  readonly scope: Scope;
  readonly log: Log;
};

/** State files of processes that have left something in the kernel. */
const LEFT: Readonly<Record<ChildName, string>> = {
  'lvsd-lvs': 'lvs',
  'lvsd-vrrp': 'vrrp-placed',
};

/** Exit codes of `lvsd run`. */
export const EXIT = { ok: 0, fatal: 1, config: 2 } as const;

/** Runs the daemon until it is told to stop; resolves to the exit code. */
export async function supervise(options: SupervisorOptions): Promise<number> {
  const { stateDir, log } = options;
  const config = readConfig(options);
  if (config === undefined) return EXIT.config;
  const problem = claim(stateDir);
  if (problem !== undefined) {
    log.error(`run: ${problem}`);
    return EXIT.fatal;
  }
  process.title = 'lvsd';
  const pids = createPidFiles({ directory: stateDir, clock: systemClock, log });
  pids.note('lvsd', process.pid);
  const code = await new Supervisor(options, { config, pids }).finished;
  pids.note('lvsd', undefined);
  pids.close();
  return code;
}

/** Makes the state directory this process's own, or says why it cannot be. */
function claim(stateDir: string): string | undefined {
  try {
    mkdirSync(stateDir, { recursive: true, mode: STATE_DIR_MODE });
    const other = livingPid(stateDir, 'lvsd');
    if (other !== undefined)
      return `lvsd runs already with the state directory ${stateDir} (process ${other}): use another --state-dir`;
    writePid(stateDir, 'lvsd', process.pid);
    return undefined;
  } catch (error) {
    return `cannot use the state directory ${stateDir}: ${(error as Error).message}: not started`;
  }
}

class Supervisor {
  readonly finished: Promise<number>;
  readonly #children: Children;
  #finish: (code: number) => void = () => {};
  readonly #manager: Manager;
  #running: Config;
  #ending = false;

  constructor(
    private readonly options: SupervisorOptions,
    { config, pids }: { readonly config: Config; readonly pids: PidFiles },
  ) {
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    const { log, scope, stateDir, dryRun, logLevel, logFormat } = options;
    const { env: environment, pid } = process;
    this.#manager = createManager({ clock: systemClock, log, environment, pid });
    const children = {
      settings: { stateDir, dryRun, logLevel, logFormat },
      scope,
      clock: systemClock,
      log,
      orphan: (name: ChildName) => livingPid(stateDir, name),
      hasLeft: (name: ChildName) => hasState(stateDir, LEFT[name]),
      onPid: pids.note,
      onAllReady: () => {
        if (!this.#ending) this.#manager.ready();
      },
      onReload: (id: number) => this.#children.tell({ kind: 'reloaded', id, ...this.#reload() }),
      onFatal: (text: string) => {
        log.error(text);
        void this.#end(EXIT.fatal);
      },
    };
    this.#running = config;
    // Before there is a child that would be left behind.
    process.on('SIGHUP', () => void this.#reload());
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void this.#end(EXIT.ok));
    process.on('SIGQUIT', () => void this.#end(EXIT.ok, 'leave'));
    this.#children = new Children(children, config);
  }

  /** Gives the warnings of the file, or why it was not read. */
  #reload(): { readonly warnings: readonly string[]; readonly refused?: string } {
    const { file, configId, log } = this.options;
    if (this.#ending) {
      log.warn(`reload: lvsd is stopping: ${file} is not read`);
      return { warnings: [], refused: 'lvsd is stopping: the file is not read' };
    }
    this.#manager.reloading();
    const { config, diagnostics } = loadConfig(file, { configId, running: this.#running });
    const at = Date.now();
    report(diagnostics, log);
    const texts = (wanted: Diagnostic['severity']) =>
      diagnostics.filter(({ severity }) => severity === wanted).map(formatDiagnostic);
    if (config === undefined) {
      const errors = texts('error');
      log.error(`reload: ${file} has ${errors.length} error(s): the running configuration goes on`);
      this.#children.tell({ kind: 'reloadFailed', errors, at });
      this.#manager.ready();
      return { warnings: texts('warning') };
    }
    log.info(`reload: ${file} read`);
    this.#running = config;
    this.#children.configure(config, at);
    this.#manager.ready();
    return { warnings: texts('warning') };
  }

  async #end(code: number, how: 'stop' | 'leave' = 'stop'): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.#manager.stopping();
    this.options.log.info(
      how === 'stop' ? 'stopping' : 'leaving: the kernel stays as it is for the next lvsd run',
    );
    await this.#children.end(how);
    this.options.log.info('stopped');
    this.#finish(code);
  }
}

function readConfig({ file, configId, log }: SupervisorOptions): Config | undefined {
  const { config, diagnostics } = loadConfig(file, { configId });
  report(diagnostics, log);
  if (config === undefined)
    log.error(`run: ${file} has errors: not started (lvsd check -f ${file} lists them)`);
  return config;
}

function report(diagnostics: readonly Diagnostic[], log: Log): void {
  for (const diagnostic of diagnostics) {
    log[diagnostic.severity === 'error' ? 'error' : 'warn'](formatDiagnostic(diagnostic));
  }
}
