/** What a lab runs on: a folder for its files, and a process whose end is the lab's end. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from './connection.js';
import { LISTENING } from './protocol.js';

/** `vm`: a virtual machine with a kernel of its own. `native`: namespaces of this machine's kernel. */
export type Kind = 'vm' | 'native';

/** A started lab, as it is written down for who comes later. `pid` is of this machine; `folder` holds its token and console. */
export type Machine = {
  readonly kind: Kind;
  readonly pid: number;
  readonly address: Address;
  readonly folder: string;
};

/** A new folder with a secret in it that only this user, and so only the lab, can read. Its short name suits a unix socket. */
export function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lvsd-lab-'));
  writeFileSync(join(folder, 'token'), randomBytes(24).toString('hex'), { mode: 0o600 });
  return folder;
}

/** A process that has just been spawned may not show its arguments yet. */
const SPAWN_MS = 2000;

export function readToken(folder: string): string {
  return readFileSync(join(folder, 'token'), 'utf8').trim();
}

/**
 * Waits for the agent's word on the console before anybody connects: a connection that QEMU forwards to a guest
 * that does not listen yet is tried again only after many seconds. Throws with the console's last lines.
 */
export async function waitForAgent(machine: Machine, timeoutMs: number): Promise<void> {
  const beganAt = performance.now();
  while (!readConsole(machine).includes(LISTENING)) {
    const tookMs = performance.now() - beganAt;
    const gone = !isAlive(machine) && tookMs > SPAWN_MS;
    const problem = gone ? 'ended while starting' : `did not start in ${timeoutMs} ms`;
    if (gone || tookMs > timeoutMs) {
      throw new Error(`the lab's machine ${problem}:\n${lastWords(machine)}`);
    }
    await sleep(30);
  }
}

/** What the machine last said on its console: why it ended, when it did. */
export function lastWords(machine: Machine): string {
  return readConsole(machine).trim().split('\n').slice(-15).join('\n');
}

function readConsole(machine: Machine): string {
  try {
    return readFileSync(join(machine.folder, 'console.log'), 'utf8');
  } catch {
    return '';
  }
}

/** Whether its process still runs; a process that got its number later is not taken for it. */
export function isAlive(machine: Machine): boolean {
  try {
    return readFileSync(`/proc/${machine.pid}/cmdline`, 'utf8').includes(machine.folder);
  } catch {
    return false;
  }
}

/** Ends the lab at once and removes its folder. */
export function destroy(machine: Machine): void {
  if (isAlive(machine)) process.kill(machine.pid, 'SIGKILL');
  rmSync(machine.folder, { recursive: true, force: true });
}
