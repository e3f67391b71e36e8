/** What a time-critical process asks of the kernel for itself. Each refusal is a warning, never a reason not to run. */
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import {
  getResourceLimit,
  lockOnFault,
  setAffinity,
  setResourceLimit,
  setScheduler,
  unlock,
} from './libc.js';
import * as linux from './linux.js';
import { SystemError, systemError } from './system-error.js';

export type ProcessDemands = {
  /** SCHED_RR priority 1–99. */
  readonly rtPriority?: number | undefined;
  /** CPU time in µs a real-time process may use without sleeping before it gets SIGXCPU, which ends it unless handled. */
  readonly rlimitRttimeUs?: number | undefined;
  /** −20 (first) to 19 (last). */
  readonly nice?: number | undefined;
  /** Whether what can be locked stays out of swap; false unlocks it again. */
  readonly noSwap?: boolean | undefined;
  /** Numbers of the CPUs it may run on. */
  readonly cpuAffinity?: readonly number[] | undefined;
};

/**
 * Asks for everything, for the threads and the memory the process has now. Threads made later and children do not
 * inherit the real-time priority. Returns what was refused.
 */
export function settleProcess(demands: ProcessDemands): readonly SystemError[] {
  const { rtPriority, rlimitRttimeUs, nice, noSwap, cpuAffinity } = demands;
  const results = [
    cpuAffinity === undefined ? undefined : pin(cpuAffinity),
    nice === undefined ? undefined : beNice(nice),
    rlimitRttimeUs === undefined ? undefined : limitRealTime(rlimitRttimeUs),
    rtPriority === undefined ? undefined : beRealTime(rtPriority),
    ...(noSwap === true ? lockMemory() : []),
    noSwap === false ? unlockMemory() : undefined,
  ];
  return results.filter((refused) => refused !== undefined);
}

/** What the process has of some of it now, to go back to. */
export function presentDemands(): Pick<ProcessDemands, 'rlimitRttimeUs' | 'nice' | 'noSwap' | 'cpuAffinity'> {
  const limit = getResourceLimit(linux.RLIMIT_RTTIME);
  return {
    rlimitRttimeUs: typeof limit === 'number' ? undefined : limit.soft,
    nice: getPriority(),
    noSwap: isLocked(),
    cpuAffinity: allowedCpus(),
  };
}

/** From proc_pid_status(5): `0-3,8`. */
function allowedCpus(): readonly number[] {
  const [, list = ''] = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return list.split(',').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

function isLocked(): boolean {
  return !/^VmLck:\s*0 kB$/m.test(readFileSync('/proc/self/status', 'utf8'));
}

/** Every thread: the garbage collector's helpers are waited for, and must not queue behind busy processes. */
function beRealTime(priority: number): SystemError | undefined {
  const policy = linux.SCHED_RR | linux.SCHED_RESET_ON_FORK;
  const results = threads().map((thread) => setScheduler(thread, policy, priority));
  return checked('set real-time priority', String(priority), Math.min(...results));
}

function threads(): readonly number[] {
  return readdirSync('/proc/self/task').map(Number);
}

/** The limit counts from the last sleep, so that a process that waits for events never meets it unless it loops. */
function limitRealTime(us: number): SystemError | undefined {
  const now = getResourceLimit(linux.RLIMIT_RTTIME);
  const hard = typeof now === 'number' ? us : Math.max(us, now.hard);
  return checked(
    'limit real-time use',
    `${us} µs`,
    setResourceLimit(linux.RLIMIT_RTTIME, { soft: us, hard }),
  );
}

/**
 * Locks the program's code and stack as far as they are used. V8's own memory must not be locked: it gives pages back with
 * MADV_DONTNEED, which the kernel refuses for locked ones, and V8 aborts on that refusal. A machine with swap has to keep
 * the rest out of it by the service's MemorySwapMax=0, so that is said where there is swap.
 */
function lockMemory(): readonly SystemError[] {
  const results = lockableRanges().map(({ start, bytes }) => lockOnFault(start, bytes));
  const refused = checked('lock memory', 'program code', Math.min(0, ...results));
  const unlocked = new SystemError(
    'lock memory',
    'JavaScript heap',
    'ENOTSUP',
    'not possible, and this machine has swap: set MemorySwapMax=0 for the service',
  );
  return [...(refused === undefined ? [] : [refused]), ...(maySwap() ? [unlocked] : [])];
}

/** By the ranges of now: since they were locked the stack may have grown, and libraries come and gone. */
function unlockMemory(): SystemError | undefined {
  const results = lockableRanges().map(({ start, bytes }) => unlock(start, bytes));
  return checked('unlock memory', 'program code', Math.min(0, ...results));
}

/** Mapped files and the main stack, from lines of proc_pid_maps(5): `start-end perms offset device inode path`. */
function lockableRanges(): readonly { readonly start: bigint; readonly bytes: bigint }[] {
  const lines = readFileSync('/proc/self/maps', 'utf8').matchAll(
    /^([0-9a-f]+)-([0-9a-f]+) [r][^ ]* .* (?:\/.*|\[stack\])$/gm,
  );
  return [...lines].map(([, from, to]) => {
    const start = BigInt(`0x${from}`);
    return { start, bytes: BigInt(`0x${to}`) - start };
  });
}

/** Whether there is swap, and the control group of the process may use it. */
function maySwap(): boolean {
  const swaps = readFileSync('/proc/swaps', 'utf8').trim().split('\n').length - 1;
  if (swaps === 0) return false;
  const group = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  try {
    return readFileSync(`/sys/fs/cgroup${group}/memory.swap.max`, 'utf8').trim() !== '0';
  } catch {
    return true;
  }
}

function pin(cpus: readonly number[]): SystemError | undefined {
  // cpu_set_t of 1024 CPUs.
  const mask = new Uint8Array(128);
  for (const cpu of cpus) mask[cpu >> 3] = (mask[cpu >> 3] ?? 0) | (1 << (cpu & 7));
  const results = threads().map((thread) => setAffinity(thread, mask));
  return checked('run on CPUs', cpus.join(' '), Math.min(...results));
}

function beNice(nice: number): SystemError | undefined {
  try {
    for (const thread of threads()) setPriority(thread, nice);
    return undefined;
  } catch (error) {
    // Node says ERR_SYSTEM_ERROR and keeps the number beside it.
    const { info } = error as { readonly info?: { readonly errno?: number } };
    return systemError('set nice value', String(nice), info?.errno ?? -linux.EPERM);
  }
}

function checked(operation: string, operand: string, result: number): SystemError | undefined {
  return result < 0 ? systemError(operation, operand, result) : undefined;
}
