/** Lines of one configuration against those of another. Pure. */

/** Whether a line is missing from a list. What no longer is tracked, or is now, is the same line to the kernel. */
export function notIn<T extends { readonly track: boolean }>(list: readonly T[]): (each: T) => boolean {
  const known = new Set(list.map(keyOf));
  return (each) => !known.has(keyOf(each));
}

function keyOf({ track, ...line }: { readonly track: boolean }): string {
  return JSON.stringify(line);
}
