/** lvsd and keepalived, started on the same configuration. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { start } from './processes.js';

export type Contender = {
  readonly name: string;
  readonly start: (config: string, folder: string) => ReturnType<typeof start>;
};

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The whole daemon as operators run it; checks are made, the kernel's table is not touched. */
export const lvsd: Contender = {
  name: 'lvsd',
  start: (config, folder) => startLvsd(config, folder, ['--dry-run'], {}),
};

/** The same, and the table is written. */
export const lvsdForReal: Contender = {
  name: 'lvsd',
  start: (config, folder) => startLvsd(config, folder, [], preload(folder, 'lvsd')),
};

function startLvsd(config: string, folder: string, more: readonly string[], env: NodeJS.ProcessEnv) {
  const state = ['--state-dir', join(folder, 'lvsd')];
  return start(process.execPath, [join(root, 'bin/lvsd'), 'run', '-f', config, '-C', ...more, ...state], env);
}

/** Parent and checker process. */
export const keepalived: Contender = {
  name: 'keepalived',
  start: (config, folder) => {
    const pids = ['-p', join(folder, 'keepalived.pid'), '-c', join(folder, 'checkers.pid')];
    return start('keepalived', ['-C', '-n', '-G', '-f', config, ...pids], preload(folder, 'keepalived'));
  },
};

/** Where the kernel has no ip_vs a library answers in its place (ipvs-shim.c): here it says when it was told to change something. */
export function commandLog(folder: string, name: string): string {
  return join(folder, `${name}.commands`);
}

/** What a program that writes IPVS tables needs in its environment, where the kernel has no ip_vs. */
export function preload(folder: string, name: string): NodeJS.ProcessEnv {
  if (existsSync('/proc/net/ip_vs')) return {};
  const shim = join(folder, 'ipvs-shim.so');
  if (!existsSync(shim))
    execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', shim, join(root, 'bench/ipvs-shim.c')]);
  return { LD_PRELOAD: shim, IPVS_SHIM_LOG: commandLog(folder, name) };
}

/** `Keepalived v2.2.7 (01/16,2022)`, or undefined where it is not installed. */
export function keepalivedVersion(): string | undefined {
  try {
    const text = execFileSync('sh', ['-c', 'keepalived --version 2>&1'], { encoding: 'utf8' });
    return text.split('\n')[0];
  } catch {
    return undefined;
  }
}
