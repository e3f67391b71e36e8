/** What processes cost, read from /proc, and how they are started and ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** USER_HZ: ticks a second of the times in /proc/PID/stat, the same on every Linux architecture Node runs on. */
const TICKS_PER_S = 100;

/** A process and all that descend from it. */
export function processTree(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  const children = threads.flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(processTree)];
}

/** User and system time of a process tree so far, ended threads included, in ms. */
export function cpuMs(pid: number): number {
  const ticks = processTree(pid).map((each) => {
    const fields = readFileSync(`/proc/${each}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return Number(fields[11]) + Number(fields[12]);
  });
  return (sum(ticks) / TICKS_PER_S) * 1000;
}

/**
 * Time on a CPU of a process tree so far, as the scheduler has it (proc(5) schedstat), in ms. User and system time are counted in ticks,
 * which overrates whoever wakes with the tick for a few µs. Ended threads are not included.
 */
export function runMs(pid: number): number {
  const times = processTree(pid).flatMap((each) =>
    readdirSync(`/proc/${each}/task`).map((thread) =>
      Number(readFileSync(`/proc/${each}/task/${thread}/schedstat`, 'utf8').split(' ')[0]),
    ),
  );
  return sum(times) / 1e6;
}

/** Proportional set size of a process tree in MB: shared pages are counted once. */
export function pssMb(pid: number): number {
  const sizes = processTree(pid).map((each) => {
    const rollup = readFileSync(`/proc/${each}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]);
  });
  return sum(sizes) / 1024;
}

/** How many sockets a process tree has open. */
export function socketsOf(pid: number): number {
  return sum(processTree(pid).map((each) => readdirSync(`/proc/${each}/fd`).filter(isSocket(each)).length));
}

function isSocket(pid: number): (fd: string) => boolean {
  return (fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      // It has been closed since.
      return false;
    }
  };
}

/** A counter of /proc/net/snmp in this network namespace, such as Tcp PassiveOpens. */
export function netCounter(protocol: string, name: string): number {
  const lines = readFileSync('/proc/net/snmp', 'utf8').split('\n');
  const [names = '', values = ''] = lines.filter((line) => line.startsWith(`${protocol}: `));
  return Number(values.split(' ')[names.split(' ').indexOf(name)]);
}

/** Starts a program whose output is dropped unless it fails to stay. */
export async function start(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<ChildProcess & { readonly pid: number }> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  endWithUs(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text) => {
      output = `${output}${text}`.slice(-2000);
    });
  await Promise.race([once(child, 'exit'), sleep(1000)]);
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined)
    throw new Error(`${command} ended at once (${child.exitCode ?? child.signalCode}):\n${output}`);
  return child as ChildProcess & { readonly pid: number };
}

/** When this program ends, for whatever reason, so does the child. */
export function endWithUs(child: ChildProcess): void {
  const stop = () => child.kill('SIGTERM');
  process.once('exit', stop);
  child.once('exit', () => process.off('exit', stop));
}

/** Standard output of a program; throws unless it exits 0. */
export async function outputOf(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  endWithUs(child);
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
  return output;
}

/** Asks a process to end, and waits until it has. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const forced = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await once(child, 'exit');
  clearTimeout(forced);
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** The one in the middle, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  return sum(middle) / middle.length;
}
