/** The attributes of each kind of reply, from the top level of its message. */
import type { Family } from '../../net/address.js';
import type {
  Counters,
  Destination,
  DestinationStatus,
  KernelInfo,
  ServiceSettings,
  SyncDaemon,
  Timeouts,
} from '../table.js';
import { CMD_ATTR, CTRL_ATTR } from '../uapi.js';
import type { Attributes } from './attributes.js';
import { readDaemon } from './daemon.js';
import { readDestination, readDestinationStatus } from './destination.js';
import { readService, readServiceCounters } from './service.js';
import { readInfo, readTimeouts } from './settings.js';

/** To GET_SERVICE. */
export function serviceReply(body: Attributes): ServiceSettings {
  return readService(body.nested(CMD_ATTR.SERVICE));
}

/** To GET_SERVICE, with what the kernel counted. */
export function serviceStatusReply(body: Attributes): ServiceSettings & { readonly counters: Counters } {
  const service = body.nested(CMD_ATTR.SERVICE);
  return { ...readService(service), counters: readServiceCounters(service) };
}

/** To GET_DEST of a service of the family given. */
export function destinationReply(body: Attributes, family: Family): Destination {
  return readDestination(body.nested(CMD_ATTR.DEST), family);
}

/** To GET_DEST of a service of the family given, with connections and counters. */
export function destinationStatusReply(body: Attributes, family: Family): DestinationStatus {
  return readDestinationStatus(body.nested(CMD_ATTR.DEST), family);
}

/** To GET_DAEMON. */
export function daemonReply(body: Attributes): SyncDaemon {
  return readDaemon(body.nested(CMD_ATTR.DAEMON));
}

/** To GET_CONFIG. */
export function timeoutsReply(body: Attributes): Timeouts {
  return readTimeouts(body);
}

/** To GET_INFO. */
export function infoReply(body: Attributes): KernelInfo {
  return readInfo(body);
}

/** To CTRL_CMD_GETFAMILY: the number that is the type of the family's messages. */
export function familyReply(body: Attributes): number {
  return body.u16(CTRL_ATTR.FAMILY_ID);
}
