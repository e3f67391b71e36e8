/** Cuts a line into statements at braces, and a statement into words. */
import { type Place, placeAt, slice, type Text, trim } from './text.js';

export type Token =
  | { readonly kind: 'open' | 'close'; readonly place: Place }
  /** A keyword with its arguments: not blank. */
  | { readonly kind: 'statement'; readonly text: Text };

export type Word = {
  readonly text: string;
  /** Offsets in the statement, quotes included. */
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
};

/** Braces outside double quotes stand alone, whatever is around them; the rest is statements. */
export function tokens(line: Text): Token[] {
  const { text } = line;
  if (!/[{}]/.test(text)) return text.trim() === '' ? [] : [{ kind: 'statement', text: trim(line) }];
  const found: Token[] = [];
  let start = 0;
  for (const brace of braces(text)) {
    pushStatement(found, slice(line, start, brace));
    found.push({ kind: text[brace] === '{' ? 'open' : 'close', place: placeAt(line, brace) });
    start = brace + 1;
  }
  pushStatement(found, slice(line, start));
  return found;
}

/**
 * The words of a statement: runs of non-blanks, or what stands between double quotes, in which nothing is escaped.
 * A quote nothing closes takes the rest of the line.
 */
export function words({ text }: Text): Word[] {
  const found: Word[] = [];
  let at = 0;
  while (true) {
    while (at < text.length && isBlank(text.charCodeAt(at))) at += 1;
    if (at >= text.length) return found;
    const word = text.charCodeAt(at) === QUOTE ? quotedWord(text, at) : bareWord(text, at);
    found.push(word);
    at = word.end;
  }
}

const QUOTE = 0x22;

/** Space, tab, line feed, vertical tab, form feed, carriage return. */
function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

function quotedWord(text: string, start: number): Word {
  const close = text.indexOf('"', start + 1);
  const inner = text.slice(start + 1, close < 0 ? text.length : close);
  return { text: inner, start, end: close < 0 ? text.length : close + 1, quoted: true };
}

function bareWord(text: string, start: number): Word {
  let end = start + 1;
  while (end < text.length && !isBlank(text.charCodeAt(end)) && text.charCodeAt(end) !== QUOTE) end += 1;
  return { text: text.slice(start, end), start, end, quoted: false };
}

function pushStatement(found: Token[], part: Text): void {
  const text = trim(part);
  if (text.text !== '') found.push({ kind: 'statement', text });
}

function braces(text: string): number[] {
  const found: number[] = [];
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && (char === '{' || char === '}')) found.push(at);
  }
  return found;
}
