/** Services and destinations for tests, each with only what matters to the test written out. */
import type {
  Destination,
  Forwarding,
  Protocol,
  Service,
  ServiceFlags,
  ServiceKey,
} from '../../src/ipvs/table.js';

export const NO_FLAGS: ServiceFlags = {
  hashed: false,
  onePacket: false,
  sched1: false,
  sched2: false,
  sched3: false,
};

/** `tcp 10.0.0.100:80`, or another protocol, address or port. */
export function key(address = '10.0.0.100', port = 80, protocol: Protocol = 'tcp'): ServiceKey {
  return { kind: 'address', family: address.includes(':') ? 'ipv6' : 'ipv4', protocol, address, port };
}

export function mark(fwmark: number, family: 'ipv4' | 'ipv6' = 'ipv4'): ServiceKey {
  return { kind: 'fwmark', family, fwmark };
}

export function service(parts: Partial<Service> = {}): Service {
  return { key: key(), scheduler: 'wlc', flags: NO_FLAGS, destinations: [], ...parts };
}

export function destination(address = '10.0.0.11', parts: Partial<Destination> = {}): Destination {
  return {
    family: address.includes(':') ? 'ipv6' : 'ipv4',
    address,
    port: 80,
    weight: 1,
    forwarding: { method: 'nat' },
    upperThreshold: 0,
    lowerThreshold: 0,
    ...parts,
  };
}

export function tun(
  type: 'ipip' | 'gue' | 'gre',
  port = 0,
  checksum: 'none' | 'csum' | 'remcsum' = 'none',
): Forwarding {
  return { method: 'tun', tunnel: { type, port, checksum } };
}

/** Destinations 10.1.0.1, 10.1.0.2, … */
export function many(count: number, parts: Partial<Destination> = {}): Destination[] {
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1;
    return destination(`10.${1 + (number >> 16)}.${(number >> 8) & 0xff}.${number & 0xff}`, parts);
  });
}
