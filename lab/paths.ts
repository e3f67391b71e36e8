/** Where the lab finds the checkout and keeps what it downloads. */
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout: the folder of package.json. This file runs as dist/lab/paths.js. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** The compiled lab: the programs that run inside it are named by their path here. */
export const compiled = join(root, 'dist/lab');

/** Names the lab that this checkout left up. */
export const current = join(root, '.cache/lab/current.json');

/** Kernels and boot images, shared by all checkouts of a user. */
export function cache(): string {
  const base = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return ensureFolder(join(base, 'lvsd'));
}

/** Makes the folder when it is missing, for its owner only, and gives its name back. */
export function ensureFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}
