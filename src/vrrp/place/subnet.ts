/** Which addresses are in one subnet. Pure. */
import { parseAddress } from '../../net/address.js';
import type { Prefix } from '../../net/route/route.js';

/** Whether two addresses, with the length of their subnet, are in the same one. */
export function sameSubnet(a: Prefix, b: Prefix): boolean {
  return a.prefixLength === b.prefixLength && networkOf(a) === networkOf(b);
}

/** The bits of the subnet behind the bytes of an address of its family: `4:…`. */
function networkOf({ address, prefixLength }: Prefix): string {
  const bytes = Buffer.from(parseAddress(address) ?? []);
  const bits = BigInt(`0x0${bytes.toString('hex')}`);
  return `${bytes.length}:${bits >> BigInt(bytes.length * 8 - prefixLength)}`;
}
