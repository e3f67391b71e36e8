/** The number at the beginning of a track_file; 0 where there is none, as for a missing file. */
export function parseNumber(text: string): number {
  const [, digits] = /^\s*([+-]?\d{1,10})/.exec(text) ?? [];
  return digits === undefined ? 0 : Number(digits);
}
