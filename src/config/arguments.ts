/** The arguments of one statement, and the one way to say what is wrong with them. */
import { type Word, words } from './lexer.js';
import { type Names, NO_NAMES } from './names.js';
import type { Node } from './parser.js';
import type { Report } from './report.js';
import { placeAt, type Text } from './text.js';

export type Arguments = {
  readonly keyword: string;
  /** After the keyword. */
  readonly words: readonly Word[];
  readonly text: Text;
  readonly report: Report;
  /** What numbers are called on this machine. */
  readonly names: Names;
  /** Its arguments must not be shown to anyone. */
  readonly secret: boolean;
};

export type ReadOptions = { readonly names?: Names; readonly secret?: boolean };

export function argumentsOf(
  node: Node,
  report: Report,
  { names = NO_NAMES, secret = false }: ReadOptions = {},
): Arguments {
  const keyword =
    node.keyword.trim() === node.keyword && node.keyword !== '' ? node.keyword : `"${node.keyword}"`;
  return { keyword, words: words(node.text).slice(1), text: node.text, report, names, secret };
}

/** An error about one argument, `KEYWORD "WORD": TEXT`, where it stands or would stand. Returns undefined, for callers that fail with it. */
export function reject(args: Arguments, word: Word | undefined, text: string): undefined {
  args.report.error(placeOf(args, word), `${args.keyword}${operand(args, word)}: ${text}`);
  return undefined;
}

/** An error about the first argument of a statement that was read before. */
export function rejectFirst(statement: Node, report: Report, text: string): undefined {
  const args = argumentsOf(statement, report);
  return reject(args, args.words[0], text);
}

/** A warning about one argument. */
export function remark(args: Arguments, word: Word | undefined, text: string): void {
  args.report.warn(placeOf(args, word), `${args.keyword}${operand(args, word)}: ${text}`);
}

/** Says that words after the last expected one do nothing. */
export function ignoreFrom(args: Arguments, count: number): void {
  const word = args.words[count];
  if (word !== undefined) remark(args, word, 'ignored: one keyword a line, and this is more than it takes');
}

function placeOf({ text }: Arguments, word: Word | undefined) {
  return placeAt(text, word?.start ?? text.text.length);
}

function operand({ secret }: Arguments, word: Word | undefined): string {
  if (word === undefined) return '';
  const shown = word.text.length > 80 ? `${word.text.slice(0, 77)}…` : word.text;
  return secret ? '' : ` "${shown}"`;
}
