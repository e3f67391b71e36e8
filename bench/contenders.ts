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
export const lvsd = lvsdWith('--dry-run');

/** The same, on a kernel that has IPVS. */
export const lvsdForReal = lvsdWith();

function lvsdWith(...more: readonly string[]): Contender {
  return {
    name: 'lvsd',
    start: (config, folder) => {
      const state = ['--state-dir', join(folder, 'lvsd')];
      return start(process.execPath, [join(root, 'bin/lvsd'), 'run', '-f', config, '-C', ...more, ...state]);
    },
  };
}

/** Parent and checker process; with a shim for IPVS where the kernel has none. */
export const keepalived: Contender = {
  name: 'keepalived',
  start: (config, folder) => {
    const shim = join(folder, 'ipvs-shim.so');
    const preload = existsSync('/proc/net/ip_vs') ? {} : { LD_PRELOAD: shim };
    if (preload.LD_PRELOAD !== undefined && !existsSync(shim))
      execFileSync('cc', ['-shared', '-fPIC', '-O2', '-o', shim, join(root, 'bench/ipvs-shim.c')]);
    const pids = ['-p', join(folder, 'keepalived.pid'), '-c', join(folder, 'checkers.pid')];
    return start('keepalived', ['-C', '-n', '-l', '-f', config, ...pids], preload);
  },
};

/** `Keepalived v2.2.7 (01/16,2022)`, or undefined where it is not installed. */
export function keepalivedVersion(): string | undefined {
  try {
    const text = execFileSync('sh', ['-c', 'keepalived --version 2>&1'], { encoding: 'utf8' });
    return text.split('\n')[0];
  } catch {
    return undefined;
  }
}
