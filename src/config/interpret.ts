/** Reads a block's statements by its table of keywords: unknown ones, repeated ones and unsupported ones are said here. */
import { argumentsOf } from './arguments.js';
import {
  byName,
  type Context,
  type Entry,
  type Keyword,
  type Keywords,
  markIncomplete,
  type Type,
  type Values,
} from './keyword.js';
import { nearest } from './nearest.js';
import type { Node } from './parser.js';

/** Takes the statements of a block one at a time. */
export type Interpreter<K extends Keywords> = {
  readonly take: (statement: Node) => void;
  /** What all statements so far say. */
  readonly values: Values<K>;
};

/** Reads statements by a table of keywords. Those at fault are reported and left out. */
export function createInterpreter<K extends Keywords>(keywords: K, context: Context): Interpreter<K> {
  const table = byName(keywords);
  const values: Record<string, Entry<unknown>[]> = {};
  let order = 0;
  const take = (statement: Node) => {
    order += 1;
    const found = table.get(statement.keyword);
    if (found === undefined) {
      reportUnknown(statement, table.keys(), context);
      return;
    }
    const { name, keyword } = found;
    if (keyword.deprecated.includes(statement.keyword)) reportDeprecated(statement, name, context);
    const value = readSupported(statement, keyword, context);
    values[name] ??= [];
    if (value === undefined) markIncomplete(values[name]);
    else keep(values[name], { value, statement: withoutBlock(statement), order }, { keyword, context });
  };
  return { take, values: values as unknown as Values<K> };
}

/** What has been read of a block need not be kept. */
function withoutBlock(statement: Node): Node {
  const { keyword, text, block } = statement;
  return block === undefined ? statement : { keyword, text };
}

/** What the statements of a block say. */
export function interpretBlock<K extends Keywords>(
  nodes: readonly Node[],
  keywords: K,
  context: Context,
): Values<K> {
  const interpreter = createInterpreter(keywords, context);
  for (const node of nodes) interpreter.take(node);
  return interpreter.values;
}

/** Reads a block of lines that all are of one type. */
export function interpretLines<L>(
  nodes: readonly Node[],
  type: Type<L>,
  { report, names }: Context,
): readonly Entry<L>[] {
  const entries: Entry<L>[] = [];
  for (const [order, node] of nodes.entries()) {
    const value = type.parse(argumentsOf(node, report, { names }));
    if (value === undefined) markIncomplete(entries);
    else entries.push({ value, statement: node, order });
  }
  return entries;
}

function readSupported(node: Node, keyword: Keyword<unknown>, context: Context): unknown {
  const { support } = keyword;
  if (context.unsupported || support.kind === 'full') return keyword.read(node, context);
  const place = node.text.place;
  if (support.kind === 'refused') {
    context.report.error(place, `${node.keyword} is not supported by lvsd: ${support.without}`);
  } else context.report.warn(place, `${node.keyword} is not supported by lvsd: ignored`);
  keyword.read(node, { ...context, unsupported: true });
  return undefined;
}

type Kept = { readonly keyword: Keyword<unknown>; readonly context: Context };

function keep(entries: Entry<unknown>[], entry: Entry<unknown>, { keyword, context }: Kept): void {
  const [first] = entries;
  if (keyword.repeat === 'each' || first === undefined) {
    entries.push(entry);
    return;
  }
  if (keyword.join !== undefined) {
    entries[0] = { ...first, value: keyword.join(first.value, entry.value) };
    return;
  }
  const last = keyword.repeat === 'last';
  const which = last ? 'this one counts' : `the one of line ${first.statement.text.place.line} counts`;
  context.report.warn(entry.statement.text.place, `${entry.statement.keyword} is given twice: ${which}`);
  if (last) entries[0] = entry;
}

function reportUnknown({ keyword, text, block }: Node, known: Iterable<string>, context: Context): void {
  const { report, unknownBlock, unsupported } = context;
  const elsewhere = context.blocksOf(keyword).slice(0, 4).join(', ');
  const near = elsewhere === '' ? nearest(keyword, known) : undefined;
  const where = elsewhere === '' ? '' : ` in this place: it belongs in ${elsewhere}`;
  const hint = near === undefined ? '' : `: did you mean ${near}?`;
  const said = `unknown keyword "${keyword.slice(0, 80)}"${where}${hint}`;
  if (block !== undefined && unknownBlock !== undefined && !unsupported) {
    report.error(text.place, `${said} (${unknownBlock})`);
  } else report.warn(text.place, `${said} (${block === undefined ? 'ignored' : 'ignored with its block'})`);
}

function reportDeprecated(node: Node, name: string, { report }: Context): void {
  report.warn(node.text.place, `${node.keyword} is an old name: write ${name}`);
}
