/** What the kernel's listing of a connection leaves out and its peer must know, from the services that are wanted. Pure. */
import { parseAddress } from '../../net/address.js';
import type { Destination, Forwarding, Service } from '../table.js';
import type { Connection } from './connection.js';
import type { SyncEntry } from './message.js';

/** Undefined for what the peer could not use: real servers of another family, states unknown here. */
export type Describe = (connection: Connection) => SyncEntry | undefined;

// include/uapi/linux/ip_vs.h
const FLAG_NOOUTPUT = 0x80;
const FLAG_INACTIVE = 0x100;
const FLAG_TEMPLATE = 0x1000;
const METHODS: Readonly<Record<Forwarding['method'], number>> = {
  nat: 0,
  local: 1,
  tun: 2,
  dr: 3,
  bypass: 4,
};

const TCP = 6;
const UDP = 17;
const SCTP = 132;
const PROTOCOLS = { tcp: TCP, udp: UDP, sctp: SCTP } as const;

// include/net/ip_vs.h, in the order of its enumerations; names as the state tables of ip_vs_proto_*.c have them.
const STATES: Readonly<Record<number, readonly string[]>> = {
  [TCP]: [
    'NONE',
    'ESTABLISHED',
    'SYN_SENT',
    'SYN_RECV',
    'FIN_WAIT',
    'TIME_WAIT',
    'CLOSE',
    'CLOSE_WAIT',
    'LAST_ACK',
    'LISTEN',
    'SYNACK',
  ],
  [UDP]: ['UDP'],
  [SCTP]: [
    'NONE',
    'INIT1',
    'INIT',
    'C-SENT',
    'C-REPLIED',
    'C-WAIT',
    'COOKIE',
    'C-ECHOED',
    'ESTABLISHED',
    'S-SENT',
    'S-RECEIVED',
    'S-ACK-SENT',
    'REJECTED',
    'CLOSED',
  ],
};
const ACTIVE: Readonly<Record<number, ReadonlySet<string>>> = {
  [TCP]: new Set(['ESTABLISHED', 'SYN_SENT', 'SYN_RECV', 'SYNACK']),
  [SCTP]: new Set(['ESTABLISHED']),
};
/** Of templates: the last is that of newer kernels, for a client that came back. */
const TEMPLATE_STATES: Readonly<Record<string, number>> = { NONE: 0, UDP: 0, ASSURED: 1 };

/** What is wanted of the connections of one service. */
type Facts = {
  readonly fwmark: number;
  readonly persistenceS: number | undefined;
  /** Flags by destination; others get those of the first. */
  readonly destinations: ReadonlyMap<string, number>;
};

/** Whether what the real server answers goes through the director. */
export function answersHere({ flags }: SyncEntry): boolean {
  return (flags & FLAG_NOOUTPUT) === 0;
}

/** Looks up by service and by destination, so that a connection costs as much with ten thousand services as with one. */
export function createDescribe(services: readonly Service[]): Describe {
  const byAddress = new Map<string, Facts>();
  const byMark = new Map<number, Facts>();
  const byDestination = new Map<string, Facts>();
  for (const service of services) {
    const facts = factsOf(service);
    const { key } = service;
    if (key.kind === 'address') {
      const address = parseAddress(key.address);
      if (address) byAddress.set(endpoint(address, key.port, PROTOCOLS[key.protocol]), facts);
      continue;
    }
    byMark.set(key.fwmark, facts);
    for (const text of facts.destinations.keys())
      if (!byDestination.has(text)) byDestination.set(text, facts);
  }
  return (connection) => describe(connection, find(connection));

  function find({ protocol, virtualAddress, virtualPort, realAddress, realPort }: Connection) {
    if (protocol === 0) return byMark.get(markOf(virtualAddress));
    return (
      byAddress.get(endpoint(virtualAddress, virtualPort, protocol)) ??
      byAddress.get(endpoint(virtualAddress, 0, protocol)) ??
      byDestination.get(endpoint(realAddress, realPort)) ??
      byDestination.get(endpoint(realAddress, 0))
    );
  }
}

function factsOf({ key, persistence, destinations }: Service): Facts {
  return {
    fwmark: key.kind === 'fwmark' ? key.fwmark : 0,
    persistenceS: persistence?.timeoutS,
    destinations: new Map(destinations.flatMap(flagsByEndpoint)),
  };
}

function flagsByEndpoint({ address, port, forwarding }: Destination): [string, number][] {
  const bytes = parseAddress(address);
  const method = METHODS[forwarding.method];
  return bytes ? [[endpoint(bytes, port), method === METHODS.nat ? method : method | FLAG_NOOUTPUT]] : [];
}

function describe(connection: Connection, facts: Facts | undefined): SyncEntry | undefined {
  const { protocol, clientAddress, clientPort, realAddress, state: name, expiresS } = connection;
  // "We do not currently support heterogeneous pools with synchronization" (ip_vs_sync.c)
  if (realAddress.length !== clientAddress.length) return undefined;
  const template = clientPort === 0;
  const state = template ? TEMPLATE_STATES[name] : STATES[protocol]?.indexOf(name);
  if (state === undefined || state < 0) return undefined;
  const kind = template ? FLAG_TEMPLATE : ACTIVE[protocol]?.has(name) ? 0 : FLAG_INACTIVE;
  return {
    protocol,
    clientAddress,
    clientPort,
    virtualAddress: connection.virtualAddress,
    virtualPort: connection.virtualPort,
    realAddress,
    realPort: connection.realPort,
    state,
    flags: kind | methodOf(connection, facts),
    fwmark: facts?.fwmark ?? 0,
    // A template keeps the time it is given here for as long as clients renew it.
    timeoutS: Math.max(1, (template ? facts?.persistenceS : undefined) ?? expiresS),
  };
}

function methodOf({ realAddress, realPort }: Connection, facts: Facts | undefined): number {
  const destinations = facts?.destinations;
  const [usual = METHODS.nat] = destinations?.values() ?? [];
  return (
    destinations?.get(endpoint(realAddress, realPort)) ?? destinations?.get(endpoint(realAddress, 0)) ?? usual
  );
}

/** A key, not for people: built by hand, as a hundred thousand connections come through here. */
function endpoint(address: Uint8Array, port: number, protocol = 0): string {
  let text = String.fromCharCode(protocol, port);
  for (const byte of address) text += String.fromCharCode(byte);
  return text;
}

/** A template of a mark has it where the virtual address would be, in network order. */
function markOf(address: Uint8Array): number {
  return new DataView(address.buffer, address.byteOffset).getUint32(0);
}
