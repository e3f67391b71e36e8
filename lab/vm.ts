/** The lab's virtual machine: a Debian kernel under QEMU that sees this machine's files read-only. */
import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ACCELERATOR_ARGUMENTS, chooseAccelerator } from './accelerator.js';
import { ensureInitramfs } from './initramfs.js';
import { ensureKernel, type Kernel } from './kernel.js';
import type { Machine } from './machine.js';
import { root } from './paths.js';

const MEMORY_MB = 2048;
/** More only cost: emulated processors stop each other for every page of code that one of them writes. */
const MOST_CPUS = 2;
const GUEST_PORT = 7000;

/** Starts a virtual machine; it takes some seconds until its agent answers. */
export async function startVm(folder: string, say: (line: string) => void): Promise<Machine> {
  if (process.arch !== 'x64')
    throw new Error(`the lab's virtual machine needs an x86-64 processor, not ${process.arch}`);
  const kernel = await ensureKernel(say);
  const initramfs = await ensureInitramfs(kernel);
  const log = openSync(join(folder, 'console.log'), 'w');
  const accelerator = await chooseAccelerator(kernel, initramfs);
  // As late as can be: finding the accelerator may take its time.
  const port = await freePort();
  const args = [
    ...ACCELERATOR_ARGUMENTS[accelerator],
    ...machineArguments(port),
    ...bootArguments(kernel, initramfs, folder),
  ];
  const child = spawn('qemu-system-x86_64', args, { stdio: ['ignore', log, log], detached: true });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
  child.unref();
  return { kind: 'vm', pid, address: { port }, folder };
}

/** restrict=on: the guest reaches nothing. */
function machineArguments(port: number): string[] {
  const cpus = Math.min(MOST_CPUS, availableParallelism());
  const forward = `hostfwd=tcp:127.0.0.1:${port}-:${GUEST_PORT}`;
  return [
    ...['-smp', `${cpus}`, '-m', `${MEMORY_MB}`],
    ...['-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-no-reboot', '-nodefaults'],
    ...['-virtfs', 'local,path=/,mount_tag=host,security_model=none,multidevs=remap,readonly=on'],
    ...['-nic', `user,model=virtio-net-pci,restrict=on,${forward}`, '-device', 'virtio-rng-pci'],
  ];
}

/** no_timer_check: on a busy machine emulated timer interrupts come so late that the kernel would take them for broken. */
const KERNEL_OPTIONS = [
  'console=ttyS0',
  'quiet',
  'loglevel=1',
  'panic=1',
  'mitigations=off',
  'no_timer_check',
];

function bootArguments(kernel: Kernel, initramfs: string, folder: string): string[] {
  const words = {
    lab_root: root,
    lab_node: process.execPath,
    lab_run: folder,
    lab_modules: join(kernel.tree, 'lib/modules', kernel.version),
  };
  const named = Object.entries(words).map(([name, path]) => `${name}=${encodeURI(path)}`);
  const command = [...KERNEL_OPTIONS, ...named];
  return ['-kernel', kernel.image, '-initrd', initramfs, '-append', command.join(' ')];
}

/** A port nobody listens on now. Whoever takes it first makes QEMU end at once, which the start reports. */
function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}
