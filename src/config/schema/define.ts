/** How keywords and blocks are put into the table. */
import { argumentsOf } from '../arguments.js';
import { interpretBlock, interpretLines } from '../interpret.js';
import {
  type Context,
  isComplete,
  type Keyword,
  type Keywords,
  type Lines,
  markIncomplete,
  type Section,
  type Support,
  type Type,
} from '../keyword.js';
import { words } from '../lexer.js';
import type { Node } from '../parser.js';
import { slice } from '../text.js';
import { anything, bool, flag, integer, nothing, type Range, seconds } from '../types/basic.js';

export type Options = {
  readonly default?: string;
  readonly aliases?: readonly string[];
  readonly deprecated?: readonly string[];
  readonly repeat?: 'first' | 'each';
  readonly support?: Support;
  /** Why an unknown block in this one is an error, as the end of its message. */
  readonly unknownBlock?: string;
  /** Arguments are never shown. */
  readonly secret?: boolean;
};

const FULL: Support = { kind: 'full' };
export const IGNORED: Support = { kind: 'ignored' };

/** Not supported, and not to be passed over: `without` ends the sentence "X is not supported by lvsd:". */
export function refused(without: string): Support {
  return { kind: 'refused', without };
}

/** A keyword with arguments only. */
export function keyword<T>(type: Type<T>, doc: string, options: Options = {}): Keyword<T> {
  return {
    ...common(type.syntax, doc, options),
    read: (node, { report, names }) =>
      type.parse(argumentsOf(node, report, { names, secret: options.secret ?? false })),
  };
}

/** Known by name, and harmless to leave out. */
export function ignored(doc: string, byDefault?: string): Keyword<true> {
  return keyword(anything, doc, {
    support: IGNORED,
    ...(byDefault === undefined ? {} : { default: byDefault }),
  });
}

/** In force by being there. */
export function on(doc: string): Keyword<true> {
  return keyword(flag, doc);
}

export function onOff(doc: string, byDefault = 'off'): Keyword<boolean> {
  return keyword(bool, doc, { default: byDefault });
}

/** Seconds with decimals, given in milliseconds. */
export function time(
  doc: string,
  byDefault: string,
  range: Range = { min: 0, max: 1_000_000 },
): Keyword<number> {
  return keyword(seconds(range), doc, { default: byDefault });
}

export function count(
  doc: string,
  byDefault: string,
  range: Range = { min: 0, max: 0x7fff_ffff },
): Keyword<number> {
  return keyword(integer(range), doc, { default: byDefault });
}

/** A keyword that opens a block of keywords. It counts even where something in it is at fault. */
export function section<H, K extends Keywords>(
  head: Type<H>,
  keywords: K,
  doc: string,
  options: Options & { readonly blockOptional?: true } = {},
): Keyword<Section<H, K>> {
  return {
    ...common(head.syntax, doc, options),
    block: { keywords, optional: options.blockOptional ?? false },
    read: (node, context) => {
      const value = head.parse(argumentsOf(node, context.report, context));
      const values = interpretBlock(node.block ?? [], keywords, inside(context, options));
      return value === undefined ? undefined : { head: value, values, hasBlock: node.block !== undefined };
    },
  };
}

/** A keyword that opens a block of lines of one type; `unit` names a line in the documentation. Without `repeat` such blocks add up. */
export function lines<H, L>(
  head: Type<H>,
  line: Type<L>,
  doc: string,
  options: Options & { readonly unit: string },
): Keyword<Lines<H, L>> {
  return {
    ...common(head.syntax, doc, options),
    ...(options.repeat === undefined ? { join: joinLines } : {}),
    block: { lines: line, unit: options.unit },
    read: (node, context) => {
      const value = head.parse(argumentsOf(node, context.report, context));
      const entries = interpretLines(node.block ?? [], line, context);
      return value === undefined ? undefined : { head: value, lines: entries };
    },
  };
}

/** A keyword that opens a block of words of one type, several of which may stand in a line. */
export function list<L>(
  word: Type<L>,
  doc: string,
  options: Options & { readonly unit: string },
): Keyword<Lines<true, L>> {
  const { read, ...rest } = lines(nothing, word, doc, options);
  return {
    ...rest,
    read: (node, context) => {
      const { block = [] } = node;
      return read({ ...node, block: block.flatMap(wordsOf) }, context);
    },
  };
}

/** Each word of a line as a line of its own. */
function wordsOf({ text }: Node): Node[] {
  return words(text).map((word) => ({ keyword: word.text, text: slice(text, word.start, word.end) }));
}

/** Two blocks of lines as one. */
export function joinLines<H, L>(first: Lines<H, L>, more: Lines<H, L>): Lines<H, L> {
  const entries = [...first.lines, ...more.lines];
  if (!isComplete(first.lines) || !isComplete(more.lines)) markIncomplete(entries);
  return { ...first, lines: entries };
}

function inside({ unknownBlock: _, ...context }: Context, { unknownBlock }: Options): Context {
  return unknownBlock === undefined ? context : { ...context, unknownBlock };
}

function common(syntax: string, doc: string, options: Options) {
  return {
    syntax,
    doc,
    ...(options.default === undefined ? {} : { default: options.default }),
    support: options.support ?? FULL,
    aliases: options.aliases ?? [],
    deprecated: options.deprecated ?? [],
    repeat: options.repeat ?? ('last' as const),
  };
}
