/** Numbers from 0 to below 1 that look random, the same ones for the same seed (mulberry32). */
export type Random = () => number;

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Up to so many bytes. */
export function junk(random: Random, mostBytes: number): Uint8Array {
  const bytes = new Uint8Array(Math.floor(random() * (mostBytes + 1)));
  for (let at = 0; at < bytes.length; at += 4) {
    const value = random() * 2 ** 32;
    for (let i = 0; i < 4; i += 1) bytes[at + i] = value >>> (8 * i);
  }
  return bytes;
}
