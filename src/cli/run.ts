/** `lvsd run`: the daemon in the foreground. */
import { createLog } from '../log.js';
import { openStandardError } from '../net/standard-error.js';
import { readSettings, type Settings } from '../settings.js';
import type { Scope } from '../supervisor/children.js';
import { supervise } from '../supervisor/supervisor.js';

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
