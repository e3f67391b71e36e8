/** Facts of the machine and of what this user may do on it. */
import { readFileSync } from 'node:fs';
import { getResourceLimit, setScheduler } from '../../net/libc.js';
import * as linux from '../../net/linux.js';
import { systemError } from '../../net/system-error.js';
import { livingPid } from '../../supervisor/pid-file.js';
import type { HostFacts } from './host.js';

/** `priority`: of real time, that VRRP will ask for. */
export function readHost(stateDir: string, priority: number): HostFacts {
  return {
    capabilities: BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(read('/proc/self/status'))?.[1] ?? '0'}`),
    openFiles: openFiles(livingPid(stateDir, 'lvsd-lvs')),
    availableBytes: Number(/^MemAvailable:\s*(\d+) kB$/m.exec(read('/proc/meminfo'))?.[1] ?? 0) * 1024,
    realTime: tryRealTime(priority),
    clockSource: read('/sys/devices/system/clocksource/clocksource0/current_clocksource').trim() || undefined,
    year: new Date().getUTCFullYear(),
  };
}

/** The limit of a running lvsd counts, for a unit's is another than a shell's. */
function openFiles(pid: number | undefined): number {
  const limits = pid === undefined ? '' : read(`/proc/${pid}/limits`);
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  if (hard !== undefined) return hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
  const own = getResourceLimit(linux.RLIMIT_NOFILE);
  return typeof own === 'number' ? Number.POSITIVE_INFINITY : own.hard;
}

/** Only trying tells: rights, limits and control groups all have a say. */
function tryRealTime(priority: number): string | undefined {
  const result = setScheduler(0, linux.SCHED_RR | linux.SCHED_RESET_ON_FORK, priority);
  if (result < 0) return systemError('set real-time priority', String(priority), result).toString();
  setScheduler(0, linux.SCHED_OTHER, 0);
  return undefined;
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
