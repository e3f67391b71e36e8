/**
 * What the kernel should hold for a pool, stated whole: whoever applies it finds the difference, and its order has no empty window.
 * Without a sorry server a lost quorum changes nothing in the table; with one, the sorry server replaces the real servers.
 */
import type { Destination, Forwarding, Service, ServiceKey } from '../ipvs/table.js';
import { formatEndpoint } from '../net/address.js';
import type { Flow } from './flow.js';
import type { Pool } from './pool.js';
import { realStanding, sorryStanding, type View } from './standing.js';
import { serviceText } from './text.js';
import { loadOf, type Weighing, weigh } from './weigh.js';

/** What was last read of each of a pool's services, by serviceText. */
export type Flows = ReadonlyMap<string, Flow>;

const NO_FLOWS: Flows = new Map();

/** The wanted kernel services of a pool, one for each of its keys. `now`: milliseconds since 1970. */
export function planServices(pool: Pool, flows: Flows = NO_FLOWS, now = 0): Service[] {
  if (pool.config.overflow?.mode === 'sessions') return planSessionServices(pool, flows, now);
  const { services, scheduler, flags, persistence, persistenceEngine } = pool.config;
  const alike =
    flows.size === 0 ? planDestinations(pool, { key: services[0], flow: undefined, now }) : undefined;
  return services.map((key) => ({
    key,
    scheduler,
    flags,
    ...(persistence && { persistence }),
    ...(persistenceEngine && { persistenceEngine }),
    destinations: atPortOf(
      key,
      alike ?? planDestinations(pool, { key, flow: flows.get(serviceText(key)), now }),
    ),
  }));
}

const NO_FLAGS = { hashed: false, onePacket: false, sched1: false, sched2: false, sched3: false };

/** Two services: the pool's as configured, and the sorry servers', who must not keep a client: it is not persistent. */
function planSessionServices(pool: Pool, flows: Flows, now: number): Service[] {
  const { services, scheduler, flags, persistence, persistenceEngine } = pool.config;
  const [inside, outside] = services;
  if (inside === undefined || outside === undefined) return [];
  const destinations = planDestinations(pool, { key: inside, flow: flows.get(serviceText(inside)), now });
  const sorry = pool.sorry.flatMap(({ up, destination, config }) =>
    up ? [destination] : config.inhibitOnFailure ? [{ ...destination, weight: 0 }] : [],
  );
  return [
    {
      key: inside,
      scheduler,
      flags,
      ...(persistence && { persistence }),
      ...(persistenceEngine && { persistenceEngine }),
      destinations,
    },
    { key: outside, scheduler: 'wlc', flags: NO_FLAGS, destinations: sorry },
  ];
}

/** Port 0 of a destination is the port of its service, which the services of a group may differ in. */
function atPortOf(key: ServiceKey, destinations: readonly Destination[]): readonly Destination[] {
  if (key.kind === 'fwmark' || destinations.every(({ port }) => port !== 0)) return destinations;
  return destinations.map((one) => (one.port === 0 ? { ...one, port: key.port } : one));
}

const ANYWHERE: View = { key: undefined, flow: undefined, now: 0 };

/** The destinations a service of the pool should have: real servers in their configured order, those that leave, the sorry servers. */
export function planDestinations(pool: Pool, view: View = ANYWHERE): Destination[] {
  const weighing = loadOf(pool, view);
  const wanted = [...planReal(pool, view, weighing)];
  const hasRoom = wanted.some(({ weight }) => weight > 0);
  for (const { destination } of pool.leaving) wanted.push(destination);
  for (const server of pool.sorry) {
    const standing = sorryStanding(pool, server, hasRoom);
    const weight = standing === 'serving' ? server.destination.weight / weighing.sorryDivisor : 0;
    if (standing !== 'absent') wanted.push({ ...server.destination, weight });
  }
  return pool.distinct && pool.leaving.length === 0 ? wanted : merge(wanted);
}

function* planReal(pool: Pool, view: View, weighing: Weighing): Generator<Destination> {
  for (const server of pool.servers) {
    const standing = realStanding(pool, server, view);
    if (standing === 'serving') yield weigh(server, view, weighing);
    else if (standing === 'quiet') yield weigh(server, view, { ...weighing, quiet: true });
  }
}

/** Whether two plans are the same table, order included. */
export function sameDestinations(a: readonly Destination[], b: readonly Destination[]): boolean {
  return a.length === b.length && a.every((one, index) => sameDestination(one, b[index]));
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
