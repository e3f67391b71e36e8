/**
 * Perl-compatible expressions (pcre2pattern(3)) said in JavaScript's words, or the reason why they cannot be.
 * Without `utf` an expression is about bytes: its UTF-8 bytes are to be tried on those of the body. With `utf`, flag u,
 * it is about characters.
 */
import { readClass, readEscape } from './pcre-escape.js';
import type { PcreOption } from './pcre-option.js';
import type { Step } from './pcre-step.js';

export type Translation =
  | { readonly pattern: string; readonly flags: string }
  /** In words, fit to follow the quoted pattern. */
  | { readonly fault: string; readonly option?: PcreOption };

/** What JavaScript has no word for. */
const IMPOSSIBLE: readonly PcreOption[] = ['firstline', 'ucp'];

/** Translates an expression with its options. What comes out compiles. */
export function translatePcre(source: string, options: readonly PcreOption[]): Translation {
  const impossible = options.find((option) => IMPOSSIBLE.includes(option));
  if (impossible !== undefined)
    return { fault: 'this option has no equal in JavaScript', option: impossible };
  const inline = inlineOptions(source);
  const all = new Set([...options, ...inline.options]);
  const pattern = translateBody(source.slice(inline.length), all);
  if (typeof pattern !== 'string') return pattern;
  const flags = `${all.has('caseless') ? 'i' : ''}${all.has('dotall') ? 's' : ''}${all.has('utf') ? 'u' : ''}`;
  try {
    new RegExp(pattern, flags);
  } catch (error) {
    return { fault: (error as Error).message.replace(/^Invalid regular expression: \/.*\/[a-z]*: /s, '') };
  }
  return { pattern, flags };
}

const INLINE: Readonly<Record<string, PcreOption>> = {
  i: 'caseless',
  m: 'multiline',
  s: 'dotall',
  x: 'extended',
};

/** `(?i)` and its like at the very start. */
function inlineOptions(source: string): { readonly options: readonly PcreOption[]; readonly length: number } {
  const match = /^\(\?([imsx]+)\)/.exec(source);
  if (match === null) return { options: [], length: 0 };
  return {
    options: [...(match[1] ?? '')].flatMap((letter) => INLINE[letter] ?? []),
    length: match[0].length,
  };
}

function translateBody(
  source: string,
  options: ReadonlySet<PcreOption>,
): string | { readonly fault: string } {
  let out = '';
  for (let at = 0; at < source.length; ) {
    const step = translateAt(source, at, options);
    if ('fault' in step) return step;
    out += step.out;
    at = step.end;
  }
  return out;
}

function translateAt(source: string, at: number, options: ReadonlySet<PcreOption>): Step {
  const char = String.fromCodePoint(source.codePointAt(at) ?? 0);
  const skipped = options.has('extended') ? blankOrComment(source, at) : at;
  if (skipped > at) return { out: '', end: skipped };
  const read = READERS.find(([first]) => first.includes(char))?.[1];
  if (read !== undefined) return read(source, at, options);
  const plain = /[\]}/]/.test(char) ? `\\${char}` : char;
  return { out: METACHARACTERS[char]?.(options) ?? plain, end: at + char.length };
}

type Options = ReadonlySet<PcreOption>;

const READERS: readonly (readonly [string, (source: string, at: number, options: Options) => Step])[] = [
  ['\\', readEscape],
  ['[', readClass],
  ['(', readGroup],
  ['*+?{', readQuantifier],
];

const METACHARACTERS: Readonly<Record<string, (options: Options) => string>> = {
  '.': (options) => (options.has('dotall') ? '.' : '[^\\n]'),
  '^': circumflex,
  $: dollar,
};

/** Only a line feed ends a line in PCRE2; JavaScript's own `m` knows four line ends. */
function circumflex(options: ReadonlySet<PcreOption>): string {
  if (!options.has('multiline')) return '^';
  return options.has('alt_circumflex') ? '(?<![^\\n])' : '(?:(?<![\\s\\S])|(?<=\\n)(?=[\\s\\S]))';
}

function dollar(options: ReadonlySet<PcreOption>): string {
  if (options.has('multiline')) return '(?![^\\n])';
  return options.has('dollar_endonly') ? '(?![\\s\\S])' : '(?=\\n?(?![\\s\\S]))';
}

const GROUPS: readonly (readonly [RegExp, (name: string) => string])[] = [
  [/\(\?(?:P?<|')([A-Za-z_]\w*)(?:>|')/y, (name) => `(?<${name}>`],
  [/\(\?P=([A-Za-z_]\w*)\)/y, (name) => `\\k<${name}>`],
  [/\(\?#[^)]*\)/y, () => ''],
  [/\(\?:/y, () => '(?:'],
  [/\(\?=/y, () => '(?='],
  [/\(\?!/y, () => '(?!'],
  [/\(\?<=/y, () => '(?<='],
  [/\(\?<!/y, () => '(?<!'],
];

function readGroup(source: string, at: number, options: ReadonlySet<PcreOption>): Step {
  for (const [form, write] of GROUPS) {
    form.lastIndex = at;
    const match = form.exec(source);
    if (match !== null) return { out: write(match[1] ?? ''), end: at + match[0].length };
  }
  const next = source[at + 1];
  if (next === '?' || next === '*')
    return { fault: `"${source.slice(at, at + 4)}" has no equal in JavaScript` };
  return { out: options.has('no_auto_capture') ? '(?:' : '(', end: at + 1 };
}

function readQuantifier(source: string, at: number, options: ReadonlySet<PcreOption>): Step {
  const form = /(?:[*+?]|\{\d+(?:,\d*)?\})([?+]?)/y;
  form.lastIndex = at;
  const match = form.exec(source);
  if (match === null) return { out: '\\{', end: at + 1 };
  const [whole, suffix = ''] = match;
  if (suffix === '+') return { fault: `the possessive quantifier "${whole}" has no equal in JavaScript` };
  const lazy = (suffix === '?') !== options.has('ungreedy');
  return { out: whole.slice(0, whole.length - suffix.length) + (lazy ? '?' : ''), end: at + whole.length };
}

/** Where a blank or a comment of an extended expression ends; `at` itself where there is none. */
function blankOrComment(source: string, at: number): number {
  if (/\s/.test(source.charAt(at))) return at + 1;
  if (source[at] !== '#') return at;
  const end = source.indexOf('\n', at);
  return end < 0 ? source.length : end + 1;
}
