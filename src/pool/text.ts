/** Names of kernel services within pool. Pure. */
import type { ServiceKey } from '../ipvs/table.js';
import { formatEndpoint } from '../net/address.js';

/** A stable text of a key, equal for equal keys only. */
export function serviceText(key: ServiceKey): string {
  if (key.kind === 'fwmark') return `fwmark ${key.fwmark} ${key.family}`;
  return `${key.protocol} ${formatEndpoint(key.address, key.port)}`;
}
