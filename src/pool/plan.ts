/**
 * What the kernel should hold for a pool, stated whole: whoever applies it finds the difference, and its order has no empty window.
 * Without a sorry server a lost quorum changes nothing in the table; with one, the sorry server replaces the real servers.
 */
import type { Destination, Forwarding, Service, ServiceKey } from '../ipvs/table.js';
import { formatEndpoint } from '../net/address.js';
import type { SorryServerConfig } from './config.js';
import { type Pool, sorryInUse } from './pool.js';
import type { ServerState } from './server.js';

/** The wanted kernel services of a pool, one for each of its keys. */
export function planServices(
  pool: Pool,
  destinations: readonly Destination[] = planDestinations(pool),
): Service[] {
  const { services, scheduler, flags, persistence, persistenceEngine } = pool.config;
  return services.map((key) => ({
    key,
    scheduler,
    flags,
    ...(persistence && { persistence }),
    ...(persistenceEngine && { persistenceEngine }),
    destinations,
  }));
}

/** The destinations every service of the pool should have, real servers in their configured order, then the sorry server. */
export function planDestinations(pool: Pool): Destination[] {
  const sorry = sorryInUse(pool);
  const wanted = new Map<string, Destination>();
  for (const server of pool.servers.values()) {
    const serves = server.up && !sorry;
    if (serves || server.config.inhibitOnFailure) add(wanted, realServer(server, serves ? server.weight : 0));
  }
  const { sorryServer } = pool.config;
  if (sorryServer && (sorry || sorryServer.inhibit))
    add(wanted, sorryDestination(sorryServer, sorry ? 1 : 0));
  return [...wanted.values()];
}

/** Whether two plans are the same table, order included. */
export function sameDestinations(a: readonly Destination[], b: readonly Destination[]): boolean {
  return a.length === b.length && a.every((one, index) => sameDestination(one, b[index]));
}

/** A stable text of a key, equal for equal keys only. */
export function serviceText(key: ServiceKey): string {
  if (key.kind === 'fwmark') return `fwmark ${key.fwmark} ${key.family}`;
  return `${key.protocol} ${formatEndpoint(key.address, key.port)}`;
}

/** The kernel knows an address and port once a service: of two entries for it (a sorry server may be a real one) who serves wins. */
function add(wanted: Map<string, Destination>, destination: Destination): void {
  const id = formatEndpoint(destination.address, destination.port);
  const other = wanted.get(id);
  if (other === undefined || destination.weight > other.weight) wanted.set(id, destination);
}

function realServer({ config }: ServerState, weight: number): Destination {
  const { family, address, port, forwarding, upperThreshold, lowerThreshold } = config;
  return { family, address, port, weight, forwarding, upperThreshold, lowerThreshold };
}

function sorryDestination(config: SorryServerConfig, weight: number): Destination {
  const { family, address, port, forwarding } = config;
  return { family, address, port, weight, forwarding, upperThreshold: 0, lowerThreshold: 0 };
}

function sameDestination(a: Destination, b: Destination | undefined): boolean {
  return (
    b !== undefined &&
    a.address === b.address &&
    a.port === b.port &&
    a.weight === b.weight &&
    a.upperThreshold === b.upperThreshold &&
    a.lowerThreshold === b.lowerThreshold &&
    sameForwarding(a.forwarding, b.forwarding)
  );
}

function sameForwarding(a: Forwarding, b: Forwarding): boolean {
  if (a.method !== 'tun' || b.method !== 'tun') return a.method === b.method;
  const { type, port, checksum } = a.tunnel;
  return type === b.tunnel.type && port === b.tunnel.port && checksum === b.tunnel.checksum;
}
