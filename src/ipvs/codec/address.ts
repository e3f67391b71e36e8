/** Addresses as IPVS carries them: union nf_inet_addr, 16 bytes of which IPv4 uses the first four. */
import { type Family, formatAddress } from '../../net/address.js';
import { AF } from '../uapi.js';
import { type Attributes, DecodeError } from './attributes.js';
import type { Writer } from './writer.js';

const NF_INET_ADDR_LENGTH = 16;

export function encodeFamily(family: Family): number {
  return family === 'ipv4' ? AF.INET : AF.INET6;
}

export function decodeFamily(value: number): Family {
  if (value === AF.INET) return 'ipv4';
  if (value === AF.INET6) return 'ipv6';
  throw new DecodeError(`address family ${value}: expected AF_INET or AF_INET6`);
}

/** Writes a numeric address. Throws RangeError when the text is none. */
export function writeAddress(out: Writer, type: number, address: string): void {
  out.address(type, address, NF_INET_ADDR_LENGTH);
}

export function readAddress(attributes: Attributes, type: number, family: Family): string {
  return formatAddress(attributes.data(type, family === 'ipv4' ? 4 : 16));
}
