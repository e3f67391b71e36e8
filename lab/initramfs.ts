/** The guest's first file system: busybox, the modules that reach this machine's files, and lab/init.sh. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { output } from './command.js';
import { CHARACTER_DEVICE, type Entry, encodeArchive, FOLDER, PROGRAM } from './cpio.js';
import type { Kernel } from './kernel.js';
import { findProgram } from './packages.js';
import { cache, root } from './paths.js';

const MODULES = ['virtio_pci', '9pnet_virtio', '9p', 'overlay', 'virtio_net', 'virtio_rng'];

/** File name of the boot image for a kernel, built when it is not in the cache. */
export async function ensureInitramfs(kernel: Kernel): Promise<string> {
  const init = readFileSync(join(root, 'lab/init.sh'));
  const busybox = readFileSync(findProgram('busybox') ?? '');
  const key = createHash('sha256')
    .update(init)
    .update(busybox)
    .update(MODULES.join())
    .digest('hex')
    .slice(0, 12);
  const path = join(cache(), `initramfs-${kernel.version}-${key}`);
  if (existsSync(path)) return path;
  const archive = encodeArchive(entries(init, busybox, await readModules(kernel)));
  const scratch = `${path}.${process.pid}`;
  writeFileSync(scratch, archive);
  renameSync(scratch, path);
  return path;
}

function entries(init: Buffer, busybox: Buffer, modules: readonly Entry[]): Entry[] {
  const folders = ['bin', 'dev', 'proc', 'sys', 'host', 'rw', 'new', 'modules'];
  return [
    ...folders.map((name) => ({ name, mode: FOLDER })),
    { name: 'dev/console', mode: CHARACTER_DEVICE, device: [5, 1] },
    { name: 'init', mode: PROGRAM, data: init },
    { name: 'bin/busybox', mode: PROGRAM, data: busybox },
    ...modules,
  ];
}

/** The modules in the order to load them, numbered so that a shell's * keeps it. */
async function readModules(kernel: Kernel): Promise<Entry[]> {
  const files = new Set<string>();
  for (const name of MODULES) {
    const show = ['modprobe', '-d', kernel.tree, '-S', kernel.version, '--show-depends', name];
    for (const [, file] of (await output(show)).matchAll(/^insmod (\S+)/gm)) files.add(file ?? '');
  }
  return Promise.all([...files].map(moduleEntry));
}

async function moduleEntry(file: string, index: number): Promise<Entry> {
  const name = `modules/${String(index).padStart(2, '0')}-${basename(file).replace(/\.ko.*$/, '.ko')}`;
  return { name, mode: PROGRAM, data: await uncompressed(file) };
}

async function uncompressed(file: string): Promise<Buffer> {
  if (file.endsWith('.ko')) return readFileSync(file);
  const scratch = `${join(cache(), basename(file))}.${process.pid}.ko`;
  const program = file.endsWith('.zst') ? 'zstd' : 'xz';
  await output(['sh', '-c', `${program} -dc "$0" >"$1"`, file, scratch]);
  return readFileSync(scratch);
}
