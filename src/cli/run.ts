/** `lvsd run`: the daemon in the foreground. */
import { createLog, type Log } from '../log.js';
import { openStandardError } from '../net/standard-error.js';
import { readSettings, type Settings } from '../settings.js';
import type { Scope } from '../supervisor/scope.js';
import { supervise } from '../supervisor/supervisor.js';
import { keepalivedHere } from './doctor/processes.js';
import { readProcesses } from './doctor/read-processes.js';

export type RunFlags = {
  readonly file?: string;
  readonly stateDir?: string;
  readonly configId?: string;
  readonly check?: true;
  readonly vrrp?: true;
  readonly dryRun?: true;
};

/** Runs until it is told to stop; resolves to the exit code. */
export async function run(flags: RunFlags): Promise<number> {
  const { file, stateDir, configId, logLevel, logFormat } = readSettings(settingsOf(flags));
  const log = createLog({ name: 'lvsd', level: logLevel, format: logFormat, outlet: openStandardError() });
  if (flags.dryRun !== true) warnOfKeepalived(stateDir, log);
  return supervise({
    file,
    configId,
    scope: scopeOf(flags),
    stateDir,
    dryRun: flags.dryRun === true,
    logLevel,
    logFormat,
    log,
  });
}

/** It may be about to be stopped: that is no reason not to start. */
function warnOfKeepalived(stateDir: string, log: Log): void {
  const pids = keepalivedHere(readProcesses(stateDir));
  if (pids.length > 0)
    log.warn(
      { pids },
      `keepalived runs here as well (process ${pids.join(', ')}): each undoes what the other does: systemctl disable --now keepalived`,
    );
}

/** As in keepalived, both flags together are everything. */
function scopeOf({ check, vrrp }: RunFlags): Scope {
  if (check === vrrp) return 'all';
  return check === true ? 'check' : 'vrrp';
}

function settingsOf({ file, stateDir, configId }: RunFlags): Partial<Settings> {
  return Object.fromEntries(
    Object.entries({ file, stateDir, configId }).filter(([, value]) => value !== undefined),
  );
}
