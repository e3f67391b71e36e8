/** Asks for the MAC addresses of neighbours, in a process of its own that a failing program takes along alone. */
import { fork } from 'node:child_process';
import { isIPv4 } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Resolved } from './arp-main.js';
import { type Answers, sample } from './servers.js';

const MODULE = fileURLToPath(new URL('./arp-main.js', import.meta.url));
/** All at once, two programs each. */
const MOST = 64;
/** The kernel itself gives a neighbour up after three seconds. */
const WITHIN_MS = 5000;
const MAC = /^([0-9a-f]{1,2}:){5}[0-9a-f]{1,2}$/i;

/** There must be programs ping and arp. Whoever has not answered when time is up counts as not asked. */
export function askByArp(addresses: readonly string[]): Promise<Answers<string>> {
  const asked = sample(addresses.filter(isIPv4), MOST);
  const answers = new Map<string, string | undefined>();
  if (asked.length === 0) return Promise.resolve({ of: 0, answers });
  return new Promise((resolve) => {
    // A group of its own: the programs it started end with it.
    const child = fork(MODULE, [...asked], { stdio: 'ignore', detached: true });
    const end = () => {
      clearTimeout(timer);
      killGroup(child.pid);
      resolve({ of: addresses.length, answers });
    };
    const timer = setTimeout(end, WITHIN_MS);
    child.on('message', ({ address, mac }: Resolved) => {
      answers.set(address, mac !== undefined && MAC.test(mac) ? undefined : '');
      if (answers.size === asked.length) end();
    });
    child.once('error', end);
    child.once('exit', end);
  });
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of them have ended.
  }
}
