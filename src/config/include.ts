/** `include` and its stricter kin: which files a pattern names, and what is wrong when it names none. */
import { expandBraces, hasWildcard } from './glob.js';
import { lookup } from './lookup.js';
import type { Reader } from './reader.js';
import type { Report } from './report.js';
import { placeAt, slice, type Text } from './text.js';

/** What must hold of an include line. */
export type IncludeChecks = {
  /** A file that is named must be there and readable. */
  readonly readable: boolean;
  /** At least one file. */
  readonly match: boolean;
  /** At least one file for each wildcard pattern. */
  readonly wildcard: boolean;
  /** At least one file for each alternative in braces. */
  readonly brace: boolean;
};

export const NO_CHECKS: IncludeChecks = { readable: false, match: false, wildcard: false, brace: false };

const VARIANTS: Readonly<Record<string, IncludeChecks>> = {
  include: NO_CHECKS,
  includer: { ...NO_CHECKS, readable: true },
  includem: { ...NO_CHECKS, readable: true, match: true },
  includew: { ...NO_CHECKS, readable: true, match: true, wildcard: true },
  includeb: { ...NO_CHECKS, readable: true, brace: true },
  includea: { readable: true, match: true, wildcard: true, brace: true },
};

export type Include = { readonly pattern: Text; readonly checks: IncludeChecks };

/** What an include line asks for, beside the checks that are in force anyway; undefined when the line is none. */
export function includeIn(line: Text, base: IncludeChecks): Include | undefined {
  const match = /^(include[rmwba]?)(?:[ \t]+|$)/.exec(line.text);
  const own = VARIANTS[match?.[1] ?? ''];
  if (match === null || own === undefined) return undefined;
  return { pattern: unquoted(slice(line, match[0].length)), checks: either(own, base) };
}

/** The files an include line names, in order, each once. */
export function includedFiles(include: Include, including: string, io: Io): readonly string[] {
  const { pattern } = include;
  if (pattern.text === '') {
    io.report.error(placeAt(pattern, 0), 'include: expected the name of a file');
    return [];
  }
  const found = expandBraces(pattern.text).map((alternative) => {
    return { alternative, files: io.reader.list(alternative, including) };
  });
  const files = [...new Set(found.flatMap((one) => one.files))];
  for (const { alternative, files: own } of found) {
    if (own.length > 0) continue;
    const inBraces = found.length > 1;
    const fault = faultOfNone(alternative, include.checks, { inBraces, others: files.length > 0 });
    if (fault === undefined) continue;
    const say = fault.strict ? io.report.error : io.report.warn;
    say(placeAt(pattern, 0), `include "${pattern.text}": ${fault.text}`);
  }
  return files;
}

type Io = { readonly reader: Reader; readonly report: Report };

/** What is wrong with a pattern that names no file; undefined when that is allowed. */
function faultOfNone(
  pattern: string,
  checks: IncludeChecks,
  { inBraces, others }: { readonly inBraces: boolean; readonly others: boolean },
): { readonly text: string; readonly strict: boolean } | undefined {
  const wildcard = hasWildcard(pattern);
  if (checks.brace && inBraces) return { text: `nothing matches ${pattern}`, strict: true };
  if (!wildcard)
    return { text: `${pattern} is no readable file, or an executable one`, strict: checks.readable };
  if (checks.wildcard || (checks.match && !others))
    return { text: `nothing matches ${pattern}`, strict: true };
  return undefined;
}

/** The checks after `include_check` with its words: bare sets all; +word and -word change, a plain word replaces. */
export function withIncludeCheck(words: readonly string[], base: IncludeChecks): IncludeChecks {
  if (words.length === 0) return { readable: true, match: true, wildcard: true, brace: true };
  let checks = words.every((word) => /^[+-]/.test(word)) ? base : NO_CHECKS;
  for (const word of words) {
    const name = lookup(CHECK_WORDS, word.replace(/^[+-]/, ''));
    if (name !== undefined) checks = { ...checks, [name]: !word.startsWith('-') };
  }
  return checks;
}

export const CHECK_WORDS: Readonly<Record<string, keyof IncludeChecks>> = {
  read: 'readable',
  readable: 'readable',
  match: 'match',
  wildcard_match: 'wildcard',
  brace_match: 'brace',
};

function either(a: IncludeChecks, b: IncludeChecks): IncludeChecks {
  return {
    readable: a.readable || b.readable,
    match: a.match || b.match,
    wildcard: a.wildcard || b.wildcard,
    brace: a.brace || b.brace,
  };
}

function unquoted(pattern: Text): Text {
  const { text } = pattern;
  return /^".*"$/.test(text) ? slice(pattern, 1, text.length - 1) : pattern;
}
