/** The processes of this kernel, as /proc shows them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ProcessInfo } from './protocol.js';

/** All living processes but the kernel's own. */
export function listProcesses(): ProcessInfo[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readProcess(Number(name)) ?? []);
}

/** A process may end while it is read; a zombie has no command line and can be killed no more. */
function readProcess(pid: number): ProcessInfo | undefined {
  try {
    const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .filter((word) => word !== '');
    if (args.length === 0) return undefined;
    const [, comm = '', parent] = /\((.*)\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return { pid, parent: Number(parent), net: readlinkSync(`/proc/${pid}/ns/net`), comm, args };
  } catch {
    return undefined;
  }
}
