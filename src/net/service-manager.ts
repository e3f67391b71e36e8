/** Telling systemd how the service does: sd_notify(3), datagrams to the socket that NOTIFY_SOCKET names. */
import { close, sendto, socket } from './libc.js';
import * as linux from './linux.js';
import { type SystemError, systemError } from './system-error.js';

export type ServiceState = {
  readonly ready?: boolean;
  readonly reloading?: boolean;
  readonly stopping?: boolean;
  /** Still alive: owed every half of `watchdogMs`. */
  readonly watchdog?: boolean;
  readonly mainPid?: number;
  /** One line for people. */
  readonly status?: string;
};

/**
 * Tells the manager; nothing happens where none started us. `environment` is the process's. RELOADING carries the time,
 * as Type=notify-reload wants it: `monotonicUs` is CLOCK_MONOTONIC.
 */
export function notifyServiceManager(
  state: ServiceState,
  environment: NodeJS.ProcessEnv,
  monotonicUs: bigint,
): SystemError | undefined {
  const path = environment.NOTIFY_SOCKET;
  if (path === undefined || path === '') return undefined;
  const fd = socket(linux.AF_UNIX, linux.SOCK_DGRAM | linux.SOCK_CLOEXEC, 0);
  if (fd < 0) return systemError('notify', path, fd);
  const message = Buffer.from(encodeServiceState(state, monotonicUs));
  const sent = sendto(fd, message, linux.MSG_NOSIGNAL | linux.MSG_DONTWAIT, encodeUnixAddress(path));
  close(fd);
  return sent < 0 ? systemError('notify', path, sent) : undefined;
}

/** The time within which the manager wants to hear `watchdog`; undefined where it does not care for this process. */
export function watchdogMs(environment: NodeJS.ProcessEnv, pid: number): number | undefined {
  const us = Number(environment.WATCHDOG_USEC);
  const owner = environment.WATCHDOG_PID;
  if (!(us > 0) || (owner !== undefined && Number(owner) !== pid)) return undefined;
  return us / 1000;
}

/** Lines of NAME=VALUE. A status keeps to its line. */
export function encodeServiceState(state: ServiceState, monotonicUs: bigint): string {
  const lines = [
    state.ready === true ? 'READY=1' : undefined,
    state.reloading === true ? `RELOADING=1\nMONOTONIC_USEC=${monotonicUs}` : undefined,
    state.stopping === true ? 'STOPPING=1' : undefined,
    state.watchdog === true ? 'WATCHDOG=1' : undefined,
    state.mainPid === undefined ? undefined : `MAINPID=${state.mainPid}`,
    state.status === undefined ? undefined : `STATUS=${state.status.replaceAll('\n', ' ')}`,
  ];
  return lines.filter((line) => line !== undefined).join('\n');
}

/** struct sockaddr_un: `/path` with its NUL, or `@name` as an abstract one that begins with NUL and ends with its length. */
export function encodeUnixAddress(path: string): Uint8Array {
  const name = Buffer.from(path.startsWith('@') ? `\0${path.slice(1)}` : `${path}\0`);
  const family = Buffer.alloc(2);
  family.writeUInt16LE(linux.AF_UNIX);
  return Buffer.concat([family, name]);
}
