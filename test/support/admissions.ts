/** Admissions for tests. */
import type { AdmittedService, SessionSpace } from '../../src/nft/admission.js';

export function space(changes: Partial<SessionSpace> = {}): SessionSpace {
  return { name: 'shop', family: 'ipv4', prefixLength: 32, size: 3, timeoutMs: 30_000, ...changes };
}

export function admitted(changes: Partial<AdmittedService> = {}): AdmittedService {
  return {
    name: 'shop',
    space: 'shop',
    protocol: 'tcp',
    endpoints: [{ address: '10.0.0.100', port: 80 }],
    poolMark: 1000,
    sorryMark: 1001,
    door: 'open',
    ...changes,
  };
}
