/** File name patterns of include lines, without looking at any file. */

/** More than this many are not made. */
const ALTERNATIVES = 4096;

/** Writes out the braces of a pattern as a C shell does: `a{b,c{d,e}}` is ab, acd, ace. A brace without comma or partner is plain text. */
export function expandBraces(pattern: string): readonly string[] {
  let done: string[] = [''];
  let at = 0;
  while (at < pattern.length) {
    const group = pattern[at] === '{' ? braceGroup(pattern, at) : undefined;
    const options = group?.options.flatMap(expandBraces) ?? [pattern.charAt(at)];
    done = done.flatMap((head) => options.map((option) => head + option)).slice(0, ALTERNATIVES);
    at = group?.end ?? at + 1;
  }
  return done;
}

/** Whether a part of a path has `*`, `?` or `[`. */
export function hasWildcard(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** Whether a file name matches a pattern of `*`, `?` and `[…]`; a leading dot must be written. Takes time linear in both but for `*`. */
export function matchesName(pattern: string, name: string): boolean {
  if (name.startsWith('.') && !pattern.startsWith('.')) return false;
  const units = pattern.match(/\[[!^]?\]?[^\]]*\]|[\s\S]/gu) ?? [];
  const characters = [...name];
  let unit = 0;
  let star: { readonly unit: number; at: number } | undefined;
  let at = 0;
  while (at < characters.length) {
    const wanted = units[unit];
    if (wanted === '*') {
      star = { unit, at };
      unit += 1;
    } else if (wanted !== undefined && matchesUnit(wanted, characters[at] ?? '')) {
      unit += 1;
      at += 1;
    } else {
      if (star === undefined) return false;
      star.at += 1;
      unit = star.unit + 1;
      at = star.at;
    }
  }
  return units.slice(unit).every((rest) => rest === '*');
}

type BraceGroup = { readonly options: readonly string[]; readonly end: number };

function braceGroup(pattern: string, open: number): BraceGroup | undefined {
  const options: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < pattern.length; at += 1) {
    const char = pattern[at];
    if (char === '{') depth += 1;
    else if (char === '}') depth -= 1;
    if (depth === 0 || (depth === 1 && char === ',')) {
      options.push(pattern.slice(start, at));
      start = at + 1;
    }
    if (depth === 0) return options.length > 1 ? { options, end: at + 1 } : undefined;
  }
  return undefined;
}

function matchesUnit(unit: string, char: string): boolean {
  if (unit === '?') return true;
  if (unit.length < 3 || !unit.startsWith('[')) return unit === char;
  const negated = /^\[[!^]/.test(unit);
  const set = unit.slice(negated ? 2 : 1, -1);
  return inSet(set, char) !== negated;
}

function inSet(set: string, char: string): boolean {
  for (let at = 0; at < set.length; at += 1) {
    const to = set[at + 1] === '-' ? set[at + 2] : undefined;
    if (to !== undefined) {
      if ((set[at] ?? '') <= char && char <= to) return true;
      at += 2;
    } else if (set[at] === char) return true;
  }
  return false;
}
