/** The Internet checksum (RFC 1071) and the pseudo headers it is taken over as well (RFC 768, RFC 8200 §8.1). */

/**
 * The 16-bit one's complement of the one's complement sum of the bytes; an odd last byte is padded with zero.
 * Over data that carries its right checksum it is 0.
 * @param seed a sum that goes before, from `pseudoHeaderSum`
 */
export function checksum(bytes: Uint8Array, seed = 0): number {
  return ~fold(seed + sum(bytes)) & 0xffff;
}

/**
 * The sum of a pseudo header, to seed `checksum` with. Both families add up the same: addresses, length and protocol.
 * @param source network-order bytes, 4 or 16
 * @param length bytes of what the header stands before
 */
export function pseudoHeaderSum(
  source: Uint8Array,
  destination: Uint8Array,
  protocol: number,
  length: number,
): number {
  return sum(source) + sum(destination) + protocol + length;
}

/** Safe below 2^53: 64 KiB of 16-bit words need 31 bits. */
function sum(bytes: Uint8Array): number {
  let total = 0;
  for (let i = 0; i + 1 < bytes.length; i += 2) total += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
  return bytes.length % 2 === 1 ? total + ((bytes[bytes.length - 1] ?? 0) << 8) : total;
}

function fold(total: number): number {
  let folded = total;
  while (folded > 0xffff) folded = (folded & 0xffff) + Math.floor(folded / 0x10000);
  return folded;
}
