/** The Debian packages the lab and the tests need, and installing those that are missing. */
import { accessSync, constants, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { aptGet, withLists } from './apt.js';

/** Each program with the package that brings it. */
const PROGRAMS: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  nginx: 'nginx-light',
  ipvsadm: 'ipvsadm',
  nft: 'nftables',
  modprobe: 'kmod',
  tcpdump: 'tcpdump',
  keepalived: 'keepalived',
  openssl: 'openssl',
  curl: 'curl',
  nsenter: 'util-linux',
  ping: 'iputils-ping',
  fping: 'fping',
  arp: 'net-tools',
  arping: 'iputils-arping',
  sysctl: 'procps',
};

/** What a virtual machine takes on top. */
const VM_PROGRAMS: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox-static',
  'dpkg-deb': 'dpkg',
  xz: 'xz-utils',
};

const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin', '/usr/bin', '/bin'];

/** Full name of a program in PATH or the system's folders, or undefined. */
export function findProgram(name: string): string | undefined {
  return FOLDERS.map((folder) => join(folder, name)).find(isExecutable);
}

/** Names of the packages whose programs are missing here. */
export function missingPackages(vm: boolean): string[] {
  const wanted = Object.entries(vm ? { ...PROGRAMS, ...VM_PROGRAMS } : PROGRAMS);
  const missing = wanted.filter(([program]) => findProgram(program) === undefined);
  return [...new Set(missing.map(([, name]) => name))];
}

/**
 * Installs the missing packages with apt-get, starting none of their services.
 * Throws with the one command to run when this user may not, and when apt-get fails.
 */
export async function ensurePackages(vm: boolean, say: (line: string) => void): Promise<void> {
  const missing = missingPackages(vm);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0) throw new Error(`the lab lacks packages, please run: sudo ${command}`);
  if (findProgram('apt-get') === undefined) {
    throw new Error(`the lab lacks ${missing.join(', ')} and there is no apt-get to install them with`);
  }
  say(`installing ${missing.join(' ')}`);
  const args = ['install', '-y', '--no-install-recommends', ...missing];
  await withoutServices(() => withLists(() => aptGet(args)));
  const still = missingPackages(vm);
  if (still.length > 0) throw new Error(`${command}: succeeded, but ${still.join(', ')} still missing`);
}

const POLICY = '/usr/sbin/policy-rc.d';

/** Debian asks this file before a package may start its service; one that is already there is respected. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  const ours = writeNew(
    POLICY,
    '#!/bin/sh\n# Left by an lvsd lab that was interrupted: may be removed.\nexit 101\n',
  );
  try {
    await work();
  } finally {
    if (ours) rmSync(POLICY, { force: true });
  }
}

function writeNew(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx', mode: 0o755 });
    return true;
  } catch {
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
