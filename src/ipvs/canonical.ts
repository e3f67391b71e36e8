/** The one spelling of a service: addresses as the kernel's bytes read back. Pure. */
import { canonicalAddress } from '../net/address.js';
import type { Destination, Service, ServiceKey } from './table.js';

/** The same service with addresses as RFC 5952 has them, so that `2001:DB8::1` is not taken for another one for ever. */
export function canonicalService(service: Service): Service {
  return {
    ...service,
    key: canonicalKey(service.key),
    destinations: service.destinations.map(canonicalDestination),
  };
}

export function canonicalKey(key: ServiceKey): ServiceKey {
  return key.kind === 'fwmark' ? key : { ...key, address: canonicalAddress(key.address) ?? key.address };
}

function canonicalDestination(destination: Destination): Destination {
  return { ...destination, address: canonicalAddress(destination.address) ?? destination.address };
}
