/** A lab on this machine's own kernel: network, mount and process namespaces that end with their first process. */
import { spawn } from 'node:child_process';
import { existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { succeeds } from './command.js';
import type { Machine } from './machine.js';
import { compiled, root } from './paths.js';

/** Why this user cannot have a native lab here, or undefined. */
export async function nativeProblem(needsIpvs: boolean): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'namespaces need root';
  if (needsIpvs && !(await hasIpvs())) return 'this kernel has no ip_vs';
  if (!(await succeeds(['unshare', '-n', '-m', '-p', '--fork', 'true'])))
    return 'namespaces are not permitted here';
  return undefined;
}

async function hasIpvs(): Promise<boolean> {
  return existsSync('/proc/net/ip_vs') || (await succeeds(['modprobe', 'ip_vs']));
}

/** Starts the agent in namespaces of its own; /run in there is a fresh one. The shell stays as their init, to bury orphans. */
export async function startNative(folder: string): Promise<Machine> {
  const log = openSync(join(folder, 'console.log'), 'w');
  const path = join(folder, 'agent.sock');
  const unshare = ['--net', '--mount', '--pid', '--ipc', '--uts', '--fork', '--kill-child', '--mount-proc'];
  const agent = [process.execPath, join(compiled, 'agent.js'), '--run', folder, '--listen', path];
  const inside =
    'mount -t tmpfs tmpfs /run && mount -t sysfs sysfs /sys; ip link set lo up; lab/modules.sh & "$@"; exit $?';
  const child = spawn('unshare', [...unshare, 'sh', '-c', inside, 'sh', ...agent], {
    stdio: ['ignore', log, log],
    cwd: root,
    detached: true,
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  child.unref();
  return { kind: 'native', pid, address: { path }, folder };
}
