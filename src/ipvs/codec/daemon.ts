/**
 * A connection synchronisation daemon: what nests inside IPVS_CMD_ATTR_DAEMON.
 *
 *   STATE u32 | MCAST_IFN text | SYNC_ID u32 | SYNC_MAXLEN u16
 *   MCAST_GROUP 4 bytes, or MCAST_GROUP6 16 bytes | MCAST_PORT u16, host order | MCAST_TTL u8
 */
import { familyOf, formatAddress } from '../../net/address.js';
import type { SyncDaemon } from '../table.js';
import { DAEMON_ATTR, SYNC_STATE } from '../uapi.js';
import { type Attributes, DecodeError } from './attributes.js';
import type { Writer } from './writer.js';

export function writeDaemon(out: Writer, daemon: SyncDaemon): void {
  writeRole(out, daemon.role);
  out.text(DAEMON_ATTR.MCAST_IFN, daemon.interface);
  out.u32(DAEMON_ATTR.SYNC_ID, daemon.syncId);
  if (daemon.maxLength !== undefined) out.u16(DAEMON_ATTR.SYNC_MAXLEN, daemon.maxLength);
  if (daemon.group !== undefined) writeGroup(out, daemon.group);
  if (daemon.port !== undefined) out.u16(DAEMON_ATTR.MCAST_PORT, daemon.port);
  if (daemon.ttl !== undefined) out.u8(DAEMON_ATTR.MCAST_TTL, daemon.ttl);
}

/** All that stopping a daemon needs. */
export function writeRole(out: Writer, role: SyncDaemon['role']): void {
  out.u32(DAEMON_ATTR.STATE, role === 'master' ? SYNC_STATE.MASTER : SYNC_STATE.BACKUP);
}

/** Kernels before 4.3 tell only the first three fields. */
export function readDaemon(attributes: Attributes): SyncDaemon {
  const group = readGroup(attributes);
  return {
    role: decodeRole(attributes.u32(DAEMON_ATTR.STATE)),
    interface: attributes.text(DAEMON_ATTR.MCAST_IFN),
    syncId: attributes.u32(DAEMON_ATTR.SYNC_ID),
    ...(attributes.has(DAEMON_ATTR.SYNC_MAXLEN) && { maxLength: attributes.u16(DAEMON_ATTR.SYNC_MAXLEN) }),
    ...(group !== undefined && { group }),
    ...(attributes.has(DAEMON_ATTR.MCAST_PORT) && { port: attributes.u16(DAEMON_ATTR.MCAST_PORT) }),
    ...(attributes.has(DAEMON_ATTR.MCAST_TTL) && { ttl: attributes.u8(DAEMON_ATTR.MCAST_TTL) }),
  };
}

function writeGroup(out: Writer, group: string): void {
  if (familyOf(group) === 'ipv6') out.address(DAEMON_ATTR.MCAST_GROUP6, group, 16);
  else out.address(DAEMON_ATTR.MCAST_GROUP, group, 4);
}

function readGroup(attributes: Attributes): string | undefined {
  if (attributes.has(DAEMON_ATTR.MCAST_GROUP)) {
    return formatAddress(attributes.data(DAEMON_ATTR.MCAST_GROUP, 4));
  }
  if (!attributes.has(DAEMON_ATTR.MCAST_GROUP6)) return undefined;
  return formatAddress(attributes.data(DAEMON_ATTR.MCAST_GROUP6, 16));
}

function decodeRole(state: number): SyncDaemon['role'] {
  if (state === SYNC_STATE.MASTER) return 'master';
  if (state === SYNC_STATE.BACKUP) return 'backup';
  throw new DecodeError(`sync daemon state ${state}: expected master or backup`);
}
