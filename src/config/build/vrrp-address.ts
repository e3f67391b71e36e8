/** Address lines with everything filled in. Pure arithmetic on prefixes. */
import { type Family, formatAddress, parseAddress } from '../../net/address.js';
import type { AddressConfig } from '../../vrrp/place/network-config.js';
import type { AddressLine } from '../types/address-line.js';
import { wholePrefix } from '../types/iproute.js';
import { optional } from './values.js';

/** `fallback` is the instance's interface; undefined when there is none and the line has none either. */
export function buildAddress(line: AddressLine, fallback: string | undefined): AddressConfig | undefined {
  const { prefix, broadcast, peer, interface: own, ...rest } = line;
  const interfaceName = own ?? fallback;
  if (interfaceName === undefined) return undefined;
  const { prefixLength } = wholePrefix(prefix);
  const far = peer && wholePrefix(peer);
  const length = (far ?? { prefixLength }).prefixLength;
  return {
    preferredLft: usualPreference(prefix.family, length),
    ...rest,
    family: prefix.family,
    address: prefix.address,
    prefixLength,
    interface: interfaceName,
    ...optional('broadcast', broadcastOf(broadcast, prefix, prefixLength)),
    ...optional('peer', far),
  };
}

/** A whole IPv6 address is never the source of what the director itself begins, as with keepalived: what answers it could go to the peer. */
function usualPreference(family: Family, length: number): 0 | 'forever' {
  return family === 'ipv6' && length === 128 ? 0 : 'forever';
}

/** `+` is all host bits set, `-` all clear, as iproute2 has it. IPv6 knows no broadcast. */
function broadcastOf(
  text: string | undefined,
  { family, address }: { readonly family: Family; readonly address: string },
  prefixLength: number,
): string | undefined {
  if (text === undefined || family === 'ipv6') return undefined;
  if (text !== '+' && text !== '-') return text;
  const bytes = parseAddress(address) ?? new Uint8Array(4);
  return formatAddress(
    bytes.map((byte, index) => {
      const hostBits = 0xff >> Math.min(8, Math.max(0, prefixLength - 8 * index));
      return text === '+' ? byte | hostBits : byte & ~hostBits;
    }),
  );
}
