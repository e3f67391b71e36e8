/** What the table of keywords says of each, and what reading a block by it gives. */
import type { Arguments } from './arguments.js';
import type { Names } from './names.js';
import type { Grammar, Node } from './parser.js';
import type { Report } from './report.js';

/** How arguments are written and read. */
export type Type<T> = {
  /** For people: `SECONDS 0–255`, `NAT | DR`. Empty for none. */
  readonly syntax: string;
  /** The value, or undefined when it is at fault and that has been reported. */
  readonly parse: (args: Arguments) => T | undefined;
};

/**
 * `ignored`: known, does nothing yet, and service is the same without it: a warning.
 * `refused`: known, does nothing yet, and service would differ without it: an error that says how.
 */
export type Support =
  | { readonly kind: 'full' }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'refused'; readonly without: string };

export type Keyword<T> = {
  readonly syntax: string;
  /** One line, for the documentation. */
  readonly doc: string;
  readonly default?: string;
  readonly support: Support;
  /** Other names, as good as the first. */
  readonly aliases: readonly string[];
  /** Names of the past: understood, with a warning. */
  readonly deprecated: readonly string[];
  /** Given twice in one block: the last counts, the first counts, or each counts. */
  readonly repeat: 'last' | 'first' | 'each';
  /** Where it is there: given twice in one block, both are one. */
  readonly join?: (first: T, more: T) => T;
  readonly block?: BlockSchema;
  readonly read: (statement: Node, context: Context) => T | undefined;
};

export type Context = {
  readonly report: Report;
  readonly names: Names;
  /** Inside a block that is not supported as a whole: what it holds is checked, but nothing is said of support. */
  readonly unsupported: boolean;
  /** Why an unknown keyword with a block is an error here, and no mere warning. */
  readonly unknownBlock?: string;
  /** Looks a keyword up in all blocks, for hints: where it may stand. */
  readonly blocksOf: (keyword: string) => readonly string[];
};

// biome-ignore lint/suspicious/noExplicitAny: a table of keywords holds values of any type
export type Keywords = Readonly<Record<string, Keyword<any>>>;

/** What may stand in a block: keywords, or lines of one kind. */
export type BlockSchema =
  | { readonly keywords: Keywords; readonly optional?: boolean }
  | { readonly lines: Type<unknown>; readonly unit: string };

/** One statement as read. `order` counts the statements of its block. */
export type Entry<T> = { readonly value: T; readonly statement: Node; readonly order: number };

/**
 * The statements of a block by keyword; with `repeat: 'each'` in order, otherwise the one that counts.
 * A keyword whose statements all are at fault has none, but is there.
 */
export type Values<K extends Keywords> = {
  readonly [N in keyof K]?: K[N] extends Keyword<infer T> ? readonly Entry<T>[] : never;
};

/** A block as read: its arguments and what is in it. */
export type Section<H, K extends Keywords> = {
  readonly head: H;
  readonly values: Values<K>;
  /** False where a block is optional and was left out. */
  readonly hasBlock: boolean;
};

/** A block of lines as read. */
export type Lines<H, L> = { readonly head: H; readonly lines: readonly Entry<L>[] };

const incomplete = new WeakSet<readonly unknown[]>();

/** Notes that a statement at fault was left out. */
export function markIncomplete(entries: readonly unknown[]): void {
  incomplete.add(entries);
}

/** Whether every statement of a keyword could be read. */
export function isComplete(entries: readonly unknown[]): boolean {
  return !incomplete.has(entries);
}

/** The value that counts, or undefined when the keyword is absent. */
export function setting<T>(entries: readonly Entry<T>[] | undefined): T | undefined {
  return entries?.[0]?.value;
}

/** Every name a keyword goes by. */
export function namesOf(name: string, { aliases, deprecated }: Keyword<unknown>): readonly string[] {
  return [name, ...aliases, ...deprecated];
}

/** A block's keywords under every name. Worked out once for each table. */
export function byName(
  keywords: Keywords,
): ReadonlyMap<string, { readonly name: string; readonly keyword: Keyword<unknown> }> {
  const known = tables.get(keywords);
  if (known !== undefined) return known;
  const table = new Map(
    Object.entries(keywords).flatMap(([name, keyword]) =>
      namesOf(name, keyword).map((any) => [any, { name, keyword }] as const),
    ),
  );
  tables.set(keywords, table);
  return table;
}

const tables = new WeakMap<Keywords, ReturnType<typeof byName>>();

/** Which of a block's keywords open blocks, for the parser. */
export function grammarOf(block: BlockSchema): Grammar {
  if ('lines' in block) return { inside: () => 'none' };
  const known = grammars.get(block);
  if (known !== undefined) return known;
  const table = byName(block.keywords);
  const grammar: Grammar = {
    optional: block.optional ?? false,
    inside: (name) => {
      const found = table.get(name);
      if (found === undefined) return undefined;
      return found.keyword.block === undefined ? 'none' : grammarOf(found.keyword.block);
    },
  };
  grammars.set(block, grammar);
  return grammar;
}

const grammars = new WeakMap<BlockSchema, Grammar>();
