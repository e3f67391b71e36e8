/** Every command of the IPVS family as plain data, and its attributes. */
import {
  type Destination,
  type ServiceKey,
  type ServiceSettings,
  type SyncDaemon,
  sameForwarding,
  type Timeouts,
} from '../table.js';
import { CMD, CMD_ATTR } from '../uapi.js';
import { writeDaemon, writeRole } from './daemon.js';
import { type DestinationKey, writeDestination, writeDestinationKey } from './destination.js';
import { writeKey, writeService } from './service.js';
import { writeTimeouts } from './settings.js';
import type { Writer } from './writer.js';

export type Request =
  | { readonly command: 'add-service' | 'edit-service'; readonly service: ServiceSettings }
  | { readonly command: 'delete-service' | 'get-service' | 'list-destinations'; readonly key: ServiceKey }
  | FullDestination
  | {
      readonly command: 'delete-destination';
      readonly key: ServiceKey;
      readonly destination: DestinationKey;
    }
  | { readonly command: 'start-daemon'; readonly daemon: SyncDaemon }
  | { readonly command: 'stop-daemon'; readonly role: SyncDaemon['role'] }
  | { readonly command: 'set-timeouts'; readonly timeouts: Partial<Timeouts> }
  /** Without a key the counters of everything. */
  | { readonly command: 'zero'; readonly key?: ServiceKey }
  /** Removes every service. To remove one there is delete-service: the kernel's FLUSH looks at no key. */
  | { readonly command: 'flush' }
  | { readonly command: 'list-services' | 'list-daemons' | 'get-timeouts' | 'get-info' };

/** A request with a whole destination in it. */
export type FullDestination = {
  readonly command: 'add-destination' | 'edit-destination';
  readonly key: ServiceKey;
  readonly destination: Destination;
};

const NUMBERS: Readonly<Record<Request['command'], number>> = {
  'add-service': CMD.NEW_SERVICE,
  'edit-service': CMD.SET_SERVICE,
  'delete-service': CMD.DEL_SERVICE,
  'get-service': CMD.GET_SERVICE,
  'list-services': CMD.GET_SERVICE,
  'add-destination': CMD.NEW_DEST,
  'edit-destination': CMD.SET_DEST,
  'delete-destination': CMD.DEL_DEST,
  'list-destinations': CMD.GET_DEST,
  'start-daemon': CMD.NEW_DAEMON,
  'stop-daemon': CMD.DEL_DAEMON,
  'list-daemons': CMD.GET_DAEMON,
  'set-timeouts': CMD.SET_CONFIG,
  'get-timeouts': CMD.GET_CONFIG,
  'get-info': CMD.GET_INFO,
  zero: CMD.ZERO,
  flush: CMD.FLUSH,
};

/** IPVS_CMD_* of a request. */
export function commandNumber(request: Request): number {
  return NUMBERS[request.command];
}

/** Whether the request asks for many replies (NLM_F_DUMP), of which a socket can have one running at a time. */
export function isDump({ command }: Request): boolean {
  return command === 'list-services' || command === 'list-destinations' || command === 'list-daemons';
}

export function isFullDestination(request: Request): request is FullDestination {
  return request.command === 'add-destination' || request.command === 'edit-destination';
}

/** Whether two requests are the same but for what rewriteDestination rewrites. */
export function isAlike(a: FullDestination, b: FullDestination): boolean {
  return (
    a.command === b.command &&
    a.key === b.key &&
    a.destination.family === b.destination.family &&
    sameForwarding(a.destination.forwarding, b.destination.forwarding)
  );
}

/** The attributes of a request, after its headers. */
export function writeRequest(out: Writer, request: Request): void {
  const service = (key: ServiceKey) => out.nested(CMD_ATTR.SERVICE, () => writeKey(out, key));
  switch (request.command) {
    case 'add-service':
    case 'edit-service':
      out.nested(CMD_ATTR.SERVICE, () => writeService(out, request.service));
      return;
    case 'delete-service':
    case 'get-service':
    case 'list-destinations':
      service(request.key);
      return;
    case 'add-destination':
    case 'edit-destination':
      service(request.key);
      out.nested(CMD_ATTR.DEST, () => writeDestination(out, request.destination));
      return;
    case 'delete-destination':
      service(request.key);
      out.nested(CMD_ATTR.DEST, () => writeDestinationKey(out, request.destination));
      return;
    case 'start-daemon':
      out.nested(CMD_ATTR.DAEMON, () => writeDaemon(out, request.daemon));
      return;
    case 'stop-daemon':
      out.nested(CMD_ATTR.DAEMON, () => writeRole(out, request.role));
      return;
    case 'set-timeouts':
      writeTimeouts(out, request.timeouts);
      return;
    case 'zero':
      if (request.key !== undefined) service(request.key);
      return;
    case 'flush':
    case 'list-services':
    case 'list-daemons':
    case 'get-timeouts':
    case 'get-info':
      return;
  }
}
