/**
 * Network namespaces with an owner, the process whose number is in their name: they go with it, and everything that runs in them
 * too. Those of an owner that was killed go when the next one begins.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listProcesses } from '../../lab/processes.js';
import { endProcess } from './scripts.js';

const FOLDER = '/var/run/netns';

/** What the names of one network begin with. */
export function ownPrefix(number: number): string {
  return `lvsd-test-${process.pid}-${number}`;
}

/** Removes what those have left that are no more. */
export function sweepNamespaces(): void {
  const names = listNamespaces().filter((name) => {
    const owner = /^lvsd-test-(\d+)-/.exec(name)?.[1];
    return owner !== undefined && !isThere(Number(owner));
  });
  if (names.length > 0) removeNamespaces(names);
}

/** Kills what runs in them, and deletes them. Those that are not there are no fault. */
export function removeNamespaces(names: readonly string[]): void {
  const there = names.filter((name) => listNamespaces().includes(name));
  // Again, since a process may have started another one meanwhile.
  for (let round = 0; round < 20 && killAllIn(there) > 0; round += 1);
  for (const name of there) deleteNamespace(name);
}

function listNamespaces(): readonly string[] {
  try {
    return readdirSync(FOLDER);
  } catch {
    return [];
  }
}

/** How many processes it found. */
function killAllIn(names: readonly string[]): number {
  const nets = new Set(names.map((name) => `net:[${statSync(join(FOLDER, name)).ino}]`));
  const inside = listProcesses().filter(({ pid, net }) => nets.has(net) && pid !== process.pid);
  for (const { pid } of inside) endProcess(pid);
  return inside.length;
}

function deleteNamespace(name: string): void {
  try {
    execFileSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
  } catch {
    // Another run that sweeps was quicker.
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
