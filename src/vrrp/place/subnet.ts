/** Which addresses are in one subnet. Pure. */
import { parseAddress } from '../../net/address.js';
import type { Prefix } from '../../net/route/route.js';

/** Whether two addresses, with the length of their subnet, are in the same one. */
export function sameSubnet(a: Prefix, b: Prefix): boolean {
  return subnetOf(a) === subnetOf(b);
}

/** A name for the subnet, the same for all addresses in it: the bytes of an address of its family, its bits and their number. */
export function subnetOf({ address, prefixLength }: Prefix): string {
  const bytes = Buffer.from(parseAddress(address) ?? []);
  const bits = BigInt(`0x0${bytes.toString('hex')}`);
  return `${bytes.length}:${bits >> BigInt(bytes.length * 8 - prefixLength)}/${prefixLength}`;
}
