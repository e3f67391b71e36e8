/** The arguments of one statement, and the one way to say what is wrong with them. */
import { type Word, words } from './lexer.js';
import type { Node } from './parser.js';
import type { Report } from './report.js';
import { type Place, placeAt, type Text } from './text.js';

export type Arguments = {
  readonly keyword: string;
  /** After the keyword. */
  readonly words: readonly Word[];
  readonly text: Text;
  readonly report: Report;
  /** Its arguments must not be shown to anyone. */
  readonly secret: boolean;
};

export function argumentsOf(node: Node, report: Report, secret = false): Arguments {
  return { keyword: node.keyword, words: words(node.text).slice(1), text: node.text, report, secret };
}

/** Where the keyword stands. */
export function keywordPlace({ text }: Arguments): Place {
  return placeAt(text, 0);
}

/** Where a word stands; without one, where the next would be expected. */
export function wordPlace({ text }: Arguments, word: Pick<Word, 'start'> | undefined): Place {
  return placeAt(text, word?.start ?? text.text.length);
}

/** An error about one argument: `KEYWORD "WORD": TEXT`. Returns undefined, for callers that fail with it. */
export function reject(args: Arguments, word: Word | undefined, text: string): undefined {
  args.report.error(wordPlace(args, word), `${args.keyword}${operand(args, word)}: ${text}`);
  return undefined;
}

/** A warning about one argument. */
export function remark(args: Arguments, word: Word | undefined, text: string): void {
  args.report.warn(wordPlace(args, word), `${args.keyword}${operand(args, word)}: ${text}`);
}

/** Says that words after the last expected one do nothing. */
export function ignoreFrom(args: Arguments, count: number): void {
  const word = args.words[count];
  if (word !== undefined) remark(args, word, 'ignored: one keyword a line, and this is more than it takes');
}

function operand({ secret }: Arguments, word: Word | undefined): string {
  if (word === undefined) return '';
  const shown = word.text.length > 80 ? `${word.text.slice(0, 77)}…` : word.text;
  return secret ? '' : ` "${shown}"`;
}
