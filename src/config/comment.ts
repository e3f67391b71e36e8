/** Takes comments off a line: `#` and `!` start one anywhere outside double quotes, unless a backslash precedes. */
import { join, slice, type Text, trim } from './text.js';

export type Uncommented = {
  /** Without comment and without blanks at both ends; `\#` and `\!` have become `#` and `!`. */
  readonly line: Text;
  /** The line ends in a backslash, which is taken off. */
  readonly continued: boolean;
  /** Offset in the given text of a double quote that nothing closes. */
  readonly openQuote?: number;
};

/** Uncomments one physical line. */
export function uncomment(line: Text): Uncommented {
  if (!/[!#"\\]/.test(line.text)) return { line: trim(line), continued: false };
  const { end, dropped, openQuote } = scan(line.text);
  const kept = trim(without(line, dropped, end));
  const continued = endsInBackslash(kept.text);
  return {
    line: continued ? trim(slice(kept, 0, kept.text.length - 1)) : kept,
    continued,
    ...(openQuote === undefined ? {} : { openQuote }),
  };
}

type Scan = {
  /** Where the comment starts. */
  readonly end: number;
  /** Offsets of backslashes that only protect a comment character. */
  readonly dropped: readonly number[];
  readonly openQuote?: number;
};

function scan(text: string): Scan {
  const dropped: number[] = [];
  let openQuote: number | undefined;
  let end = 0;
  for (; end < text.length; end += 1) {
    const char = text[end];
    const quoted = openQuote !== undefined;
    if (!quoted && isComment(char)) break;
    if (char === '"') openQuote = quoted ? undefined : end;
    if (char !== '\\') continue;
    if (!quoted && isComment(text[end + 1])) dropped.push(end);
    end += 1;
  }
  return { end: Math.min(end, text.length), dropped, ...(openQuote === undefined ? {} : { openQuote }) };
}

function isComment(char: string | undefined): boolean {
  return char === '#' || char === '!';
}

function without(line: Text, dropped: readonly number[], end: number): Text {
  if (dropped.length === 0) return slice(line, 0, end);
  const starts = [0, ...dropped.map((at) => at + 1)];
  const ends = [...dropped, end];
  return join(starts.map((start, index) => slice(line, start, ends[index])));
}

/** An even number of backslashes escape each other. */
function endsInBackslash(text: string): boolean {
  return (/\\+$/.exec(text)?.[0].length ?? 0) % 2 === 1;
}
