/** Directors' processes of this network namespace. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { livingPid } from '../../supervisor/pid-file.js';
import type { ProcessFacts, RunningProcess } from './processes.js';

const LVSD = ['lvsd', 'lvsd-lvs', 'lvsd-vrrp'];
const NAMES = new Set([...LVSD, 'keepalived']);

export function readProcesses(stateDir: string): ProcessFacts {
  const here = namespaceOf('self');
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => ({ pid, name: nameOf(pid) }))
    .filter(({ name }) => NAMES.has(name))
    .map(({ pid, name }): RunningProcess => {
      const there = namespaceOf(pid);
      return { pid: Number(pid), name, here: there === undefined ? undefined : there === here };
    })
    .filter((each) => each.here !== false);
  const own = LVSD.flatMap((name) => livingPid(stateDir, name) ?? []);
  return { processes, own: new Set(own) };
}

/** Empty for a process that has ended meanwhile. */
function nameOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

/** Undefined where this user may not know. */
function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined;
  }
}
