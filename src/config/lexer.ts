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
  for (const match of text.matchAll(/"([^"]*)(?:"|$)|[^\s"]+/g)) {
    const [whole, inner] = match;
    const start = match.index;
    found.push({ text: inner ?? whole, start, end: start + whole.length, quoted: inner !== undefined });
  }
  return found;
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
