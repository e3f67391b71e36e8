/** Escapes and character classes of Perl-compatible expressions in JavaScript's words. */
import { lookup } from './lookup.js';
import type { PcreOption } from './pcre-option.js';
import type { Step } from './pcre-step.js';

type Options = ReadonlySet<PcreOption>;

/** Escapes that mean the same to both, and those with another spelling. */
const OUTSIDE: Readonly<Record<string, string>> = {
  d: '\\d',
  D: '\\D',
  w: '\\w',
  W: '\\W',
  b: '\\b',
  B: '\\B',
  s: '[\\t-\\r ]',
  S: '[^\\t-\\r ]',
  h: '[\\t \\xa0]',
  H: '[^\\t \\xa0]',
  v: '[\\n-\\r\\x85]',
  V: '[^\\n-\\r\\x85]',
  N: '[^\\n]',
  R: '(?:\\r\\n|[\\n-\\r\\x85])',
  A: '(?<![\\s\\S])',
  z: '(?![\\s\\S])',
  Z: '(?=\\n?(?![\\s\\S]))',
  E: '',
};

const INSIDE: Readonly<Record<string, string>> = {
  d: '\\d',
  D: '\\D',
  w: '\\w',
  W: '\\W',
  s: '\\t-\\r ',
  S: '\\S',
  h: '\\t \\xa0',
  v: '\\n-\\r\\x85',
  b: '\\x08',
  E: '',
};

const CHARACTERS: Readonly<Record<string, string>> = {
  a: '\\x07',
  e: '\\x1b',
  f: '\\f',
  n: '\\n',
  r: '\\r',
  t: '\\t',
};

const POSIX: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7f',
  blank: '\\t ',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '\\x21-\\x7e',
  lower: 'a-z',
  print: '\\x20-\\x7e',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t-\\r ',
  upper: 'A-Z',
  word: '\\w',
  xdigit: '0-9A-Fa-f',
};

/** A backslash and what belongs to it, outside a class. */
export function readEscape(source: string, at: number, options: Options): Step {
  const char = source[at + 1];
  if (char === undefined) return { fault: 'a backslash ends it' };
  if (char === 'Q') return readLiteral(source, at + 2);
  const back = readBackReference(source, at);
  if (back !== undefined) return back;
  const known = OUTSIDE[char];
  return known === undefined ? readCharacter(source, at, options) : { out: known, end: at + 2 };
}

/** A class from its bracket to the closing one. */
export function readClass(source: string, open: number, options: Options): Step {
  const negated = source[open + 1] === '^';
  let at = open + (negated ? 2 : 1);
  let out = '';
  if (source[at] === ']' && !options.has('allow_empty_class')) {
    out += '\\]';
    at += 1;
  }
  while (at < source.length) {
    if (source[at] === ']') return { out: `[${negated ? '^' : ''}${out}]`, end: at + 1 };
    const step = readClassItem(source, at, options);
    if ('fault' in step) return step;
    out += step.out;
    at = step.end;
  }
  return { fault: 'a class is not closed by ]' };
}

function readClassItem(source: string, at: number, options: Options): Step {
  const posix = matchAt(/\[:(\^?)(\w+):\]/y, source, at);
  if (posix !== undefined) {
    const [whole, not, name = ''] = posix;
    const set = not === '' ? lookup(POSIX, name) : undefined;
    return set === undefined
      ? { fault: `"${whole}" has no equal in JavaScript` }
      : { out: set, end: at + whole.length };
  }
  const char = String.fromCodePoint(source.codePointAt(at) ?? 0);
  if (char !== '\\') return { out: /[[^]/.test(char) ? `\\${char}` : char, end: at + char.length };
  if (source[at + 1] === 'Q') return readLiteral(source, at + 2);
  const known = INSIDE[source[at + 1] ?? ''];
  return known === undefined ? readCharacter(source, at, options) : { out: known, end: at + 2 };
}

/** Escapes that stand for one character or a Unicode property. */
function readCharacter(source: string, at: number, options: Options): Step {
  const char = source[at + 1] ?? '';
  const simple = CHARACTERS[char];
  if (simple !== undefined) return { out: simple, end: at + 2 };
  const code = matchAt(
    /\\x\{([0-9a-fA-F]{1,6})\}|\\x([0-9a-fA-F]{0,2})|\\o\{([0-7]{1,7})\}|\\(0[0-7]{0,2})/y,
    source,
    at,
  );
  if (code !== undefined) {
    const [whole, braced, hex, octal, zero] = code;
    const value = braced ?? hex;
    const point =
      value === undefined ? Number.parseInt(octal ?? zero ?? '', 8) : Number.parseInt(value || '0', 16);
    return writeCode(point, whole, { end: at + whole.length, options });
  }
  const property = matchAt(/\\[pP]\{[\^A-Za-z_&]+\}/y, source, at);
  if (property !== undefined && options.has('utf') && !property[0].includes('^')) {
    return { out: property[0], end: at + property[0].length };
  }
  const unit = matchAt(/\\u([0-9a-fA-F]{4})/y, source, at);
  if (unit !== undefined && options.has('alt_bsux')) return { out: unit[0], end: at + 6 };
  if (/[0-9A-Za-z]/.test(char)) return { fault: `"\\${char}" has no equal in JavaScript` };
  return { out: literal(char), end: at + 2 };
}

function writeCode(point: number, whole: string, { end, options }: { end: number; options: Options }): Step {
  const hex = point.toString(16);
  if (point <= 0xff) return { out: `\\x${hex.padStart(2, '0')}`, end };
  if (options.has('utf') && point <= 0x10ffff) return { out: `\\u{${hex}}`, end };
  return { fault: `"${whole}" is above 255 and needs regex_options utf` };
}

/** A number of two digits or more that is no group is an octal code, as pcre2pattern(3) has it. */
function readBackReference(source: string, at: number): Step | undefined {
  const numbered = matchAt(/\\(?:g\{([1-9]\d?)\}|g([1-9]\d?)|([1-9]\d*))/y, source, at);
  if (numbered !== undefined) {
    const [whole, braced, bare, plain] = numbered;
    const number = Number(braced ?? bare ?? plain);
    if (number <= groupCount(source)) return { out: `(?:\\${number})`, end: at + whole.length };
    const octal = number < 10 ? undefined : matchAt(/\\([0-7]{1,3})/y, source, at);
    if (octal === undefined) return { fault: `"${whole}" names a group that is not there` };
    const code = Number.parseInt(octal[1] ?? '', 8) & 0xff;
    return { out: `\\x${code.toString(16).padStart(2, '0')}`, end: at + octal[0].length };
  }
  const named = matchAt(/\\k(?:<(\w+)>|\{(\w+)\}|'(\w+)')|\\g\{([A-Za-z_]\w*)\}/y, source, at);
  if (named === undefined) return undefined;
  return { out: `\\k<${named.slice(1).find((name) => name !== undefined)}>`, end: at + named[0].length };
}

function groupCount(source: string): number {
  const plain = source.replace(/\\[\s\S]|\[\^?\]?[^\]]*\]/g, '');
  return plain.match(/\((?:(?![?*])|\?P?<[A-Za-z_]|\?')/g)?.length ?? 0;
}

/** `\Q…\E` */
function readLiteral(source: string, start: number): Step {
  const end = source.indexOf('\\E', start);
  const inner = source.slice(start, end < 0 ? source.length : end);
  return { out: [...inner].map(literal).join(''), end: end < 0 ? source.length : end + 2 };
}

/** A character as itself, inside a class as well as outside. */
function literal(char: string): string {
  if (/[\^$\\.*+?()[\]{}|/]/.test(char)) return `\\${char}`;
  return char === '-' ? '\\x2d' : char;
}

function matchAt(form: RegExp, source: string, at: number): RegExpExecArray | undefined {
  form.lastIndex = at;
  return form.exec(source) ?? undefined;
}
