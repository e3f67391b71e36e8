/** The process `lvsd`: reads the configuration, keeps the children alive, and turns signals into messages to them. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../clock.js';
import type { Config, Diagnostic } from '../config/config.js';
import { formatDiagnostic, loadConfig } from '../config/load.js';
import type { Log } from '../log.js';
import type { ChildName, ChildSettings } from '../processes/messages.js';
import { VERSION } from '../version.js';
import { Child } from './child.js';
import { endOrphan, livingPid, writePid } from './pid-file.js';

export type SupervisorOptions = ChildSettings & {
  readonly file: string;
  readonly log: Log;
};

/** What the children get to end by themselves; keepalived's child_wait_time. */
const CHILD_WAIT_MS = 5000;
/** What a process that outlived its supervisor gets to leave. */
const ORPHAN_WAIT_MS = 2000;

/** Exit codes of `lvsd run`. */
export const EXIT = { ok: 0, fatal: 1, config: 2 } as const;

/** Runs the daemon until it is told to stop; resolves to the exit code. */
export async function supervise(options: SupervisorOptions): Promise<number> {
  const { file, stateDir, log } = options;
  const config = readConfig(file, log);
  if (config === undefined) return EXIT.config;
  mkdirSync(stateDir, { recursive: true, mode: 0o755 });
  const other = livingPid(stateDir, 'lvsd');
  if (other !== undefined) {
    log.error(
      `run: lvsd runs already with the state directory ${stateDir} (process ${other}): use another --state-dir`,
    );
    return EXIT.fatal;
  }
  process.title = 'lvsd';
  writePid(stateDir, 'lvsd', process.pid);
  await adoptOrphans(stateDir, log);
  const code = await new Supervisor(options, config).finished;
  writePid(stateDir, 'lvsd', undefined);
  return code;
}

/** Children of a supervisor that was killed have kept the service up alone; their successors take over. */
async function adoptOrphans(stateDir: string, log: Log): Promise<void> {
  for (const name of ['lvsd-lvs', 'lvsd-vrrp'] as const) {
    const pid = await endOrphan(stateDir, name, ORPHAN_WAIT_MS);
    if (pid !== undefined) log.warn({ pid }, `${name} had outlived its supervisor: taking over from it`);
  }
}

class Supervisor {
  readonly finished: Promise<number>;
  #config: Config;
  readonly #children: readonly Child[];
  #finish: (code: number) => void = () => {};
  #ending = false;

  constructor(
    private readonly options: SupervisorOptions,
    config: Config,
  ) {
    this.#config = config;
    this.finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#children = [this.#child('lvsd-lvs', '../processes/lvs-main.js')];
    process.on('SIGHUP', () => this.#reload());
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void this.#end(EXIT.ok));
    process.on('SIGQUIT', () => void this.#end(EXIT.ok, 'leave'));
  }

  #child(name: ChildName, module: string): Child {
    const { log, stateDir, dryRun, logLevel, logFormat } = this.options;
    const settings = { stateDir, dryRun, logLevel, logFormat };
    return new Child({
      name,
      module: fileURLToPath(new URL(module, import.meta.url)),
      clock: systemClock,
      log,
      greeting: () => ({ kind: 'start', settings, version: VERSION, config: this.#config }),
      onPid: (pid) => writePid(stateDir, name, pid),
      onReady: () => log.info(`${name} is ready`),
      onFatal: (text) => {
        log.error(text);
        void this.#end(EXIT.fatal);
      },
    });
  }

  #reload(): void {
    const { file, log } = this.options;
    const { config, diagnostics } = loadConfig(file);
    const at = Date.now();
    report(diagnostics, log);
    if (config === undefined) {
      const errors = diagnostics.filter(({ severity }) => severity === 'error').map(formatDiagnostic);
      log.error(`reload: ${file} has ${errors.length} error(s): the running configuration goes on`);
      for (const child of this.#children) child.send({ kind: 'reloadFailed', errors, at });
      return;
    }
    this.#config = config;
    log.info(`reload: ${file} read`);
    for (const child of this.#children) child.send({ kind: 'configure', config, at });
  }

  async #end(code: number, how: 'stop' | 'leave' = 'stop'): Promise<void> {
    if (this.#ending) return;
    this.#ending = true;
    this.options.log.info(
      how === 'stop' ? 'stopping' : 'leaving: the kernel stays as it is for the next lvsd run',
    );
    await Promise.all(this.#children.map((child) => child.end({ kind: how }, CHILD_WAIT_MS)));
    this.options.log.info('stopped');
    this.#finish(code);
  }
}

function readConfig(file: string, log: Log): Config | undefined {
  const { config, diagnostics } = loadConfig(file);
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
