/** Kernel settings below /proc/sys of the network namespace the process is in. */
import { readFileSync, writeFileSync } from 'node:fs';
import { SystemError } from './system-error.js';

/** Where a setting of one interface is; its name may contain dots (`eth0.100`). */
export function interfaceSetting(family: 'ipv4' | 'ipv6', name: string, setting: string): string {
  return `/proc/sys/net/${family}/conf/${name}/${setting}`;
}

/** The value as text, or why it cannot be read. */
export function readSetting(path: string): string | SystemError {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    return failure('read setting', path, error);
  }
}

/** Sets it, unless it is so already. */
export function writeSetting(path: string, value: string): SystemError | undefined {
  if (readSetting(path) === value) return undefined;
  try {
    writeFileSync(path, value);
    return undefined;
  } catch (error) {
    return failure('write setting', path, error);
  }
}

function failure(operation: string, path: string, error: unknown): SystemError {
  const { code = 'EIO', message } = error as NodeJS.ErrnoException;
  return new SystemError(operation, path, code, message);
}
