/** A Debian kernel with ip_vs, downloaded and unpacked but never installed. */
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { aptGet, withLists } from './apt.js';
import { output } from './command.js';
import { cache } from './paths.js';

/** An unpacked kernel. `tree` is the package's root: boot/vmlinuz-VERSION and lib/modules/VERSION are below. */
export type Kernel = { readonly version: string; readonly tree: string; readonly image: string };

/** The kernel to boot: from the cache when there is one, else from the Debian archive (about 70 MB). */
export async function ensureKernel(say: (line: string) => void): Promise<Kernel> {
  const cached = cachedKernel();
  if (cached !== undefined) return cached;
  const name = await withLists(packageName);
  say(`downloading ${name}`);
  const scratch = mkdtempSync(join(cache(), 'download-'));
  try {
    const tree = await unpack(name, scratch);
    return keep(tree);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function cachedKernel(): Kernel | undefined {
  const names = readdirSync(cache()).filter((name) => name.startsWith('kernel-'));
  const newest = names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  return newest === undefined ? undefined : kernelIn(join(cache(), newest));
}

function kernelIn(tree: string): Kernel {
  const version = readdirSync(join(tree, 'lib/modules'))[0] ?? '';
  return { version, tree, image: join(tree, 'boot', `vmlinuz-${version}`) };
}

/** linux-image-amd64 is an empty package that depends on the current kernel's. */
async function packageName(): Promise<string> {
  const depends = await output(['apt-cache', 'depends', 'linux-image-amd64']);
  const name = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (name === undefined) throw new Error('apt-cache depends linux-image-amd64: named no kernel package');
  return name;
}

async function unpack(name: string, scratch: string): Promise<string> {
  const download = ['download', '-o', 'APT::Sandbox::User=root', name];
  await withLists(() => aptGet(download, { cwd: scratch }));
  const file = readdirSync(scratch).find((entry) => entry.endsWith('.deb')) ?? '';
  const tree = join(scratch, 'tree');
  await output(['dpkg-deb', '-x', join(scratch, file), tree]);
  const modules = existsSync(join(tree, 'lib/modules')) ? 'lib/modules' : 'usr/lib/modules';
  if (modules !== 'lib/modules') renameSync(join(tree, 'usr/lib'), join(tree, 'lib'));
  const version = readdirSync(join(tree, 'lib/modules'))[0] ?? '';
  await output(['depmod', '-b', tree, version]);
  return tree;
}

/** The rename is one step, so that of two runs at once the later finds the earlier's folder and uses it. */
function keep(tree: string): Kernel {
  const { version } = kernelIn(tree);
  const place = join(cache(), `kernel-${version}`);
  try {
    renameSync(tree, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
  }
  return kernelIn(place);
}
