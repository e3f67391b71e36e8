/** The one form of a service: as the kernel reads it back. Pure. */
import { canonicalAddress } from '../net/address.js';
import { type Destination, destinationId, type Service, type ServiceKey } from './table.js';

/**
 * The same service with addresses as RFC 5952 has them and thresholds as every kernel takes them: else it would differ
 * for ever. Of several destinations with one address and port the first counts.
 */
export function canonicalService(service: Service): Service {
  const destinations = new Map<string, Destination>();
  for (const given of service.destinations) {
    const { id, destination } = canonicalDestination(given);
    if (!destinations.has(id)) destinations.set(id, destination);
  }
  return { ...service, key: canonicalKey(service.key), destinations: [...destinations.values()] };
}

export function canonicalKey(key: ServiceKey): ServiceKey {
  return key.kind === 'fwmark' ? key : { ...key, address: canonicalAddress(key.address) ?? key.address };
}

/** Linux 6.1.192 refuses thresholds that are negative as an int (EINVAL), older ones take them; no table holds so many connections. */
const MAX_THRESHOLD = 0x7fffffff;

/** A destination in its one form, with its id. */
type Canonical = { readonly id: string; readonly destination: Destination };

/** By the destination as it was given: a pool states most of its servers unchanged each time, and what is here is the same object then. */
const known = new WeakMap<Destination, Canonical>();

function canonicalDestination(given: Destination): Canonical {
  const before = known.get(given);
  if (before !== undefined) return before;
  const { address, upperThreshold, lowerThreshold } = given;
  const destination = {
    ...given,
    address: canonicalAddress(address) ?? address,
    upperThreshold: Math.min(upperThreshold, MAX_THRESHOLD),
    lowerThreshold: Math.min(lowerThreshold, MAX_THRESHOLD),
  };
  const canonical = { id: destinationId(destination), destination };
  known.set(given, canonical);
  return canonical;
}
