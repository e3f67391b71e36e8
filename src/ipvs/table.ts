/**
 * The IPVS table as plain data: what lvsd wants the kernel to hold, and what it reads back.
 * Words are those of ipvsadm(8) and include/uapi/linux/ip_vs.h.
 */
import { type Family, formatEndpoint } from '../net/address.js';

export type Protocol = 'tcp' | 'udp' | 'sctp';

/** What identifies a virtual service in the kernel. */
export type ServiceKey =
  | {
      readonly kind: 'address';
      readonly family: Family;
      readonly protocol: Protocol;
      readonly address: string;
      readonly port: number;
    }
  | { readonly kind: 'fwmark'; readonly family: Family; readonly fwmark: number };

export const SCHEDULERS = [
  'rr',
  'wrr',
  'lc',
  'wlc',
  'lblc',
  'sh',
  'mh',
  'dh',
  'fo',
  'ovf',
  'lblcr',
  'sed',
  'nq',
  'twos',
] as const;
export type Scheduler = (typeof SCHEDULERS)[number];

/** IP_VS_SVC_F_* bits beside PERSISTENT, which follows from `persistence`. */
export type ServiceFlags = {
  /** The kernel's own mark of a service it can find. Never sent: it is set on every service read back. */
  readonly hashed: boolean;
  readonly onePacket: boolean;
  /** IP_VS_SVC_F_SCHED1..3; sh-fallback/mh-fallback is 1, sh-port/mh-port is 2. */
  readonly sched1: boolean;
  readonly sched2: boolean;
  readonly sched3: boolean;
};

export type Persistence = {
  /** Seconds a client's template lives after its last connection. */
  readonly timeoutS: number;
  /** Leading bits of the client address that share a template: 1–32 or 1–128. */
  readonly prefixLength: number;
};

/** How packets reach a destination. */
export type Forwarding =
  | { readonly method: 'nat' | 'dr' | 'local' | 'bypass' }
  | { readonly method: 'tun'; readonly tunnel: Tunnel };

export type Tunnel = {
  readonly type: 'ipip' | 'gue' | 'gre';
  /** UDP port of gue; 0 for the others. */
  readonly port: number;
  readonly checksum: 'none' | 'csum' | 'remcsum';
};

export type Destination = {
  readonly family: Family;
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  readonly forwarding: Forwarding;
  /** Connections (active + inactive) at which the kernel stops choosing it; 0 is never. */
  readonly upperThreshold: number;
  /** Connections below which the kernel chooses it again; 0 is three quarters of the upper one. */
  readonly lowerThreshold: number;
};

/** One virtual service with its destinations, as wanted or as read back. */
export type Service = {
  readonly key: ServiceKey;
  readonly scheduler: string;
  readonly flags: ServiceFlags;
  readonly persistence?: Persistence;
  /** Name of the persistence engine, such as `sip`. */
  readonly persistenceEngine?: string;
  readonly destinations: readonly Destination[];
};

/** A service without its destinations: what IPVS_CMD_NEW_SERVICE and IPVS_CMD_SET_SERVICE carry. */
export type ServiceSettings = Omit<Service, 'destinations'>;

/** IPVS_*_STATS64: totals since creation, and rates per second (the kernel's own estimate, renewed every 2 s). */
export type Counters = {
  readonly connections: bigint;
  readonly inPackets: bigint;
  readonly outPackets: bigint;
  readonly inBytes: bigint;
  readonly outBytes: bigint;
  readonly connectionRate: bigint;
  readonly inPacketRate: bigint;
  readonly outPacketRate: bigint;
  readonly inByteRate: bigint;
  readonly outByteRate: bigint;
};

/** A destination read back, with what the kernel counts for it. */
export type DestinationStatus = Destination & {
  readonly activeConnections: number;
  readonly inactiveConnections: number;
  readonly persistentConnections: number;
  readonly counters: Counters;
};

/** A service read back, with what the kernel counts for it. */
export type ServiceStatus = ServiceSettings & {
  readonly counters: Counters;
  readonly destinations: readonly DestinationStatus[];
};

/** How long the kernel keeps an idle connection, in seconds. */
export type Timeouts = {
  readonly tcpS: number;
  /** After the first FIN. */
  readonly tcpFinS: number;
  readonly udpS: number;
};

/** A thread of the kernel that sends (`master`) or receives (`backup`) connections by multicast. */
export type SyncDaemon = {
  readonly role: 'master' | 'backup';
  readonly interface: string;
  /** 0–255; a backup with 0 takes the connections of every master. */
  readonly syncId: number;
  /** Payload bytes of one datagram; the kernel's choice follows from the interface's MTU. */
  readonly maxLength?: number;
  /** A multicast address of either family; the kernel's choice is 224.0.0.81. */
  readonly group?: string;
  /** The kernel's choice is 8848. */
  readonly port?: number;
  /** The kernel's choice is 1. */
  readonly ttl?: number;
};

/** What the kernel says of its IPVS. */
export type KernelInfo = {
  /** Such as `1.2.1`. */
  readonly version: string;
  /** Buckets of the connection table. */
  readonly connectionTableSize: number;
};

/** Whether packets reach two destinations the same way. */
export function sameForwarding(a: Forwarding, b: Forwarding): boolean {
  if (a === b) return true;
  if (a.method !== 'tun' || b.method !== 'tun') return a.method === b.method;
  return (
    a.tunnel.type === b.tunnel.type &&
    a.tunnel.port === b.tunnel.port &&
    a.tunnel.checksum === b.tunnel.checksum
  );
}

/** A stable text of a key: `tcp 10.0.0.1:80`, `udp [2001:db8::1]:53`, `fwmark 5`, `fwmark 5 ipv6`. */
export function serviceId(key: ServiceKey): string {
  if (key.kind === 'fwmark') return `fwmark ${key.fwmark}${key.family === 'ipv6' ? ' ipv6' : ''}`;
  return `${key.protocol} ${formatEndpoint(key.address, key.port)}`;
}

/** A stable text of a destination within its service: `10.0.0.11:80`. */
export function destinationId(destination: Pick<Destination, 'address' | 'port'>): string {
  return formatEndpoint(destination.address, destination.port);
}
