/** The one form of a service: as the kernel reads it back. Pure. */
import { canonicalAddress } from '../net/address.js';
import { type Destination, destinationId, type Service, type ServiceKey } from './table.js';

/**
 * The same service with addresses as RFC 5952 has them and thresholds as every kernel takes them: else it would differ
 * for ever. Of several destinations with one address and port the first counts.
 */
export function canonicalService(service: Service): Service {
  const destinations = new Map<string, Destination>();
  for (const destination of service.destinations.map(canonicalDestination)) {
    const id = destinationId(destination);
    if (!destinations.has(id)) destinations.set(id, destination);
  }
  return { ...service, key: canonicalKey(service.key), destinations: [...destinations.values()] };
}

export function canonicalKey(key: ServiceKey): ServiceKey {
  return key.kind === 'fwmark' ? key : { ...key, address: canonicalAddress(key.address) ?? key.address };
}

/** Linux 6.1.192 refuses thresholds that are negative as an int (EINVAL), older ones take them; no table holds so many connections. */
const MAX_THRESHOLD = 0x7fffffff;

function canonicalDestination(destination: Destination): Destination {
  const { address, upperThreshold, lowerThreshold } = destination;
  return {
    ...destination,
    address: canonicalAddress(address) ?? address,
    upperThreshold: Math.min(upperThreshold, MAX_THRESHOLD),
    lowerThreshold: Math.min(lowerThreshold, MAX_THRESHOLD),
  };
}
