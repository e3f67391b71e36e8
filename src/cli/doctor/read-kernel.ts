/** Facts of the kernel this runs on. */
import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { KernelFacts } from './kernel.js';

export function readKernel(): KernelFacts {
  const folder = join('/lib/modules', release());
  const builtIn = moduleNames(read(join(folder, 'modules.builtin')) ?? '');
  const loaded = (read('/proc/modules') ?? '').split('\n').map((line) => line.split(' ')[0] ?? '');
  const files = read(join(folder, 'modules.dep'));
  return {
    release: release(),
    ipvs: existsSync('/proc/net/ip_vs'),
    loaded: new Set([...builtIn, ...loaded]),
    loadable: files === undefined ? undefined : new Set(moduleNames(files)),
    sealed: read('/proc/sys/kernel/modules_disabled')?.trim() === '1',
  };
}

/** `kernel/net/netfilter/ipvs/ip_vs.ko.xz: …` is the module ip_vs; a `-` in a file's name is a `_` in the module's. */
function moduleNames(lines: string): readonly string[] {
  return [...lines.matchAll(/^[^:\s]*?([^/:\s]+)\.ko/gm)].map(([, name = '']) => name.replaceAll('-', '_'));
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
