/** Puts together what the parts of the process know into one `Status`. Pure. */
import { type DestinationStatus, destinationId, type ServiceStatus, serviceId } from '../ipvs/table.js';
import type { AdmissionStatistics } from '../nft/statistics.js';
import type { RealServerSnapshot, VirtualServerSnapshot } from '../pool/snapshot.js';
import { sessionsStatus } from './sessions.js';
import type { CheckerStatus, DestinationCounts, RealServerStatus, VirtualServerStatus } from './status.js';

/** The virtual servers with what the kernel counts for them. `table` may hold services that are not lvsd's. */
export function joinTable(
  pools: readonly VirtualServerSnapshot[],
  table: readonly ServiceStatus[],
  admissions: AdmissionStatistics,
): VirtualServerStatus[] {
  const services = new Map(table.map((service) => [serviceId(service.key), service]));
  return pools.map((pool) => {
    const own = pool.services.flatMap((key) => services.get(serviceId(key)) ?? []);
    const sessions = sessionsStatus(pool, admissions);
    return { ...virtualServerStatus(pool, countDestinations(own)), ...(sessions && { sessions }) };
  });
}

type Counts = ReadonlyMap<string, DestinationCounts>;

/** Sums over the services of a group, each of which holds every server. */
function countDestinations(services: readonly ServiceStatus[]): Counts {
  const counts = new Map<string, DestinationCounts>();
  for (const destination of services.flatMap(({ destinations }) => destinations)) {
    const id = destinationId(destination);
    counts.set(id, add(counts.get(id), destination));
  }
  return counts;
}

function add(sum: DestinationCounts | undefined, destination: DestinationStatus): DestinationCounts {
  const { weight, activeConnections, inactiveConnections, counters } = destination;
  return {
    weight,
    active: (sum?.active ?? 0) + activeConnections,
    inactive: (sum?.inactive ?? 0) + inactiveConnections,
    total: (sum?.total ?? 0) + Number(counters.connections),
  };
}

function virtualServerStatus(pool: VirtualServerSnapshot, counts: Counts): VirtualServerStatus {
  const { id, scheduler, quorum, sorryServers, realServers, overflow, leaving } = pool;
  return {
    id,
    scheduler,
    up: quorum.up,
    since: quorum.since,
    weight: quorum.weight,
    quorum: quorum.quorum,
    hysteresis: quorum.hysteresis,
    realServers: realServers.map((server) => realServerStatus(server, counts)),
    ...(overflow && { overflow }),
    leaving,
    sorryServers: sorryServers.map((server) => ({
      ...realServerStatus(server, counts),
      id: destinationId(server),
      inUse: server.inUse,
    })),
  };
}

function realServerStatus(server: RealServerSnapshot, counts: Counts): RealServerStatus {
  const { id, up, since, configuredWeight: weight, drain, agent, rampUntil } = server;
  const kernel = counts.get(destinationId(server));
  const checkers = server.checkers.map(checkerStatus);
  const reasons = checkers.filter((checker) => !checker.up).map(({ type, reason }) => `${type}: ${reason}`);
  return {
    id,
    up,
    since,
    reasons,
    weight,
    ...(agent && { agent }),
    ...(drain && { drain }),
    ...(rampUntil !== undefined && { rampUntil }),
    ...(kernel && { kernel }),
    checkers,
  };
}

function checkerStatus({ id, up, since, reason }: RealServerSnapshot['checkers'][number]): CheckerStatus {
  return { id, type: checkerType(id), up, since, reason };
}

/** A checker's id is `VIRTUAL/REAL/TYPE@HASH[#n]`. */
function checkerType(id: string): string {
  return id.slice(id.lastIndexOf('/') + 1).replace(/[@#].*$/, '');
}
