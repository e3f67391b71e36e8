/**
 * Loaded before lvsd's processes: lvsd-lvs of a whole daemon checks the servers and leaves IPVS alone, beside an lvsd-vrrp that
 * does everything, so that such a daemon runs on a kernel without IPVS.
 */
import { fileURLToPath } from 'node:url';
import type { ChildSettings, ToChild } from '../../src/processes/messages.js';

/** A wrapper for a `Daemon`. */
export const DRY_CHECKS: readonly string[] = [
  'env',
  `NODE_OPTIONS=--import=${new URL('./dry-checks.js', import.meta.url).href}`,
];

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const lvs = fileURLToPath(new URL('../../src/processes/lvs-main.js', import.meta.url));
if (process.argv[1] === lvs) {
  // Heard before lvsd-lvs hears it.
  process.on('message', (message: ToChild) => {
    if (message.kind === 'start') (message.settings as Writable<ChildSettings>).dryRun = true;
  });
}
