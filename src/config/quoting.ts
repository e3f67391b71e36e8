/**
 * The quoting of scripts and regular expressions: words in '…' or "…" or bare, joined where they touch.
 * A backslash takes the next character with it; with `escapes` it makes \a \b \E \f \n \r \t \v, \NNN (octal),
 * \xHH and \cC (control), and stands for the character itself before any other.
 */

export type QuotedWord = { readonly text: string; readonly start: number; readonly end: number };

export type Quoted =
  | { readonly words: readonly QuotedWord[] }
  /** `at` is the offset of the quote that nothing closes, or of the backslash with nothing after it. */
  | { readonly fault: string; readonly at: number };

/** Splits a text into words, of which none, one or several may be quoted. Positions are offsets in the text. */
export function splitQuoted(text: string, { escapes }: { readonly escapes: boolean }): Quoted {
  const words: QuotedWord[] = [];
  let at = 0;
  while (true) {
    at = skipBlanks(text, at);
    if (at >= text.length) return { words };
    const word = readWord(text, at, escapes);
    if ('fault' in word) return word;
    words.push(word);
    at = word.end;
  }
}

/** The quote that is open, and where it was opened. */
type Quote = { readonly char: string; readonly at: number };

type Fault = { readonly fault: string; readonly at: number };

function readWord(text: string, start: number, escapes: boolean): QuotedWord | Fault {
  let value = '';
  let quote: Quote | undefined;
  let at = start;
  while (at < text.length) {
    const char = text.charAt(at);
    if (quote === undefined && isBlank(char)) break;
    const step = char === '\\' ? readBackslash(text, at, escapes) : { text: char, end: at + 1 };
    if ('fault' in step) return step;
    const changed = quoteAfter(quote, char, at);
    if (changed === quote) value += step.text;
    quote = changed;
    at = step.end;
  }
  if (quote !== undefined) return { fault: `no closing ${quote.char}`, at: quote.at };
  return { text: value, start, end: at };
}

function quoteAfter(quote: Quote | undefined, char: string, at: number): Quote | undefined {
  if (quote !== undefined) return char === quote.char ? undefined : quote;
  return char === '"' || char === "'" ? { char, at } : undefined;
}

function readBackslash(text: string, at: number, escapes: boolean): Step | Fault {
  if (at + 1 >= text.length) return { fault: 'a backslash ends the text', at };
  return escapes ? readEscape(text, at + 1) : { text: text.slice(at, at + 2), end: at + 2 };
}

type Step = { readonly text: string; readonly end: number };

const CONTROL: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** `at` is the character after the backslash. */
function readEscape(text: string, at: number): Step {
  const hex = matchAt(/x([0-9a-fA-F]{1,2})/y, text, at);
  if (hex !== undefined)
    return { text: String.fromCharCode(Number.parseInt(hex.slice(1), 16)), end: at + hex.length };
  const octal = matchAt(/[0-7]{1,3}/y, text, at);
  if (octal !== undefined) {
    return { text: String.fromCharCode(Number.parseInt(octal, 8) & 0xff), end: at + octal.length };
  }
  const char = text.charAt(at);
  if (char === 'c' && at + 1 < text.length) {
    return { text: String.fromCharCode(text.charCodeAt(at + 1) & 0x1f), end: at + 2 };
  }
  return { text: CONTROL[char] ?? char, end: at + 1 };
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text.charAt(at))) at += 1;
  return at;
}

function isBlank(char: string): boolean {
  return /\s/.test(char);
}
