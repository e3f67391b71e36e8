/** The sessions of a virtual server as status tells them. Pure. */
import type { AdmissionStatistics } from '../nft/statistics.js';
import type { VirtualServerSnapshot } from '../pool/snapshot.js';
import type { SessionsStatus } from './status.js';

/** Undefined for a virtual server without sessions. Counts are absent when nftables could not be asked. */
export function sessionsStatus(
  { sessions }: VirtualServerSnapshot,
  statistics: AdmissionStatistics,
): SessionsStatus | undefined {
  if (sessions === undefined) return undefined;
  const { space, service } = sessions;
  const { name, size, timeoutMs } = space;
  return {
    space: name,
    places: size,
    timeoutMs,
    door: service.door,
    poolMark: service.poolMark,
    sorryMark: service.sorryMark,
    ...statistics.spaces.get(name),
    ...statistics.services.get(service.name),
  };
}
