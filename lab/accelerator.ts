/** Whether this machine's processor can run the virtual machine itself (KVM), tried once and remembered. */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Kernel } from './kernel.js';
import { cache } from './paths.js';

const PROBE_MS = 15_000;
/** What lab/init.sh says when it is only asked whether it runs. */
const ALIVE = 'lab: alive';

export type Accelerator = 'kvm' | 'tcg';

/** QEMU's words for an accelerator. Emulated processors see each other's writes only with thread=multi at full speed. */
export const ACCELERATOR_ARGUMENTS: Readonly<Record<Accelerator, readonly string[]>> = {
  kvm: ['-accel', 'kvm', '-cpu', 'host'],
  tcg: ['-accel', 'tcg,thread=multi', '-cpu', 'max'],
};

/** /dev/kvm may be there and yet boot nothing, in a virtual machine above all: only a boot tells. */
export async function chooseAccelerator(kernel: Kernel, initramfs: string): Promise<Accelerator> {
  if (!mayUseKvm()) return 'tcg';
  const path = join(cache(), `accelerator-${release()}-${kernel.version}`);
  if (existsSync(path)) return readFileSync(path, 'utf8') === 'kvm' ? 'kvm' : 'tcg';
  const found = await tryKvm('qemu-system-x86_64', kvmArguments(kernel, initramfs), PROBE_MS);
  // Too busy to tell: the next lab may find out.
  if (found === undefined) return 'tcg';
  writeFileSync(`${path}.${process.pid}`, found);
  renameSync(`${path}.${process.pid}`, path);
  return found;
}

function mayUseKvm(): boolean {
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function kvmArguments(kernel: Kernel, initramfs: string): readonly string[] {
  const quiet = [
    '-m',
    '512',
    '-display',
    'none',
    '-serial',
    'stdio',
    '-monitor',
    'none',
    '-no-reboot',
    '-nodefaults',
  ];
  const append = 'console=ttyS0 quiet panic=1 lab_probe';
  const image = ['-kernel', kernel.image, '-initrd', initramfs, '-append', append];
  return [...ACCELERATOR_ARGUMENTS.kvm, ...quiet, ...image];
}

/** Whether it boots: by its last words. Undefined when it has not ended in time. */
export function tryKvm(
  program: string,
  args: readonly string[],
  withinMs: number,
): Promise<Accelerator | undefined> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: withinMs,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve) => {
    child.once('error', () => resolve('tcg'));
    child.once('close', () => {
      if (said.includes(ALIVE)) resolve('kvm');
      else resolve(child.killed ? undefined : 'tcg');
    });
  });
}
