/**
 * What the kernel should hold for a pool, stated whole: whoever applies it finds the difference, and its order has no empty window.
 * Without a sorry server a lost quorum changes nothing in the table; with one, the sorry server replaces the real servers.
 */
import type { Destination, Forwarding, Service, ServiceKey } from '../ipvs/table.js';
import { formatEndpoint } from '../net/address.js';
import { type Pool, sorryInUse } from './pool.js';

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
    destinations: atPortOf(key, destinations),
  }));
}

/** Port 0 of a destination is the port of its service, which the services of a group may differ in. */
function atPortOf(key: ServiceKey, destinations: readonly Destination[]): readonly Destination[] {
  if (key.kind === 'fwmark' || destinations.every(({ port }) => port !== 0)) return destinations;
  return destinations.map((one) => (one.port === 0 ? { ...one, port: key.port } : one));
}

/** The destinations every service of the pool should have, real servers in their configured order, then the sorry servers. */
export function planDestinations(pool: Pool): Destination[] {
  const sorry = sorryInUse(pool);
  const wanted: Destination[] = [];
  for (const { up, config, destination } of pool.servers) {
    if (up && !sorry) wanted.push(destination);
    else if (config.inhibitOnFailure) wanted.push({ ...destination, weight: 0 });
  }
  for (const { up, config, destination } of pool.sorry) {
    if (up && sorry) wanted.push(destination);
    else if (config.inhibitOnFailure) wanted.push({ ...destination, weight: 0 });
  }
  return pool.distinct ? wanted : merge(wanted);
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
function merge(wanted: readonly Destination[]): Destination[] {
  const merged = new Map<string, Destination>();
  for (const destination of wanted) {
    const id = formatEndpoint(destination.address, destination.port);
    const other = merged.get(id);
    if (other === undefined || destination.weight > other.weight) merged.set(id, destination);
  }
  return [...merged.values()];
}

function sameDestination(a: Destination, b: Destination | undefined): boolean {
  if (a === b) return true;
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
