/** Reads a block's statements by its table of keywords: unknown ones, repeated ones and unsupported ones are said here. */
import { argumentsOf, keywordPlace } from './arguments.js';
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

/** What the statements of a block say. Those at fault are reported and left out. */
export function interpretBlock<K extends Keywords>(
  nodes: readonly Node[],
  keywords: K,
  context: Context,
): Values<K> {
  const table = byName(keywords);
  const values: Record<string, Entry<unknown>[]> = {};
  for (const [order, node] of nodes.entries()) {
    const found = table.get(node.keyword);
    if (found === undefined) {
      reportUnknown(node, table.keys(), context);
      continue;
    }
    const { name, keyword } = found;
    if (keyword.deprecated.includes(node.keyword)) reportDeprecated(node, name, context);
    const value = readSupported(node, keyword, context);
    values[name] ??= [];
    if (value === undefined) markIncomplete(values[name]);
    else keep(values[name], { value, args: argumentsOf(node, context.report), order }, { keyword, context });
  }
  return values as unknown as Values<K>;
}

/** Reads a block of lines that all are of one type. */
export function interpretLines<L>(
  nodes: readonly Node[],
  type: Type<L>,
  { report }: Context,
): readonly Entry<L>[] {
  const entries: Entry<L>[] = [];
  for (const [order, node] of nodes.entries()) {
    const args = argumentsOf(node, report);
    const value = type.parse(args);
    if (value !== undefined) entries.push({ value, args, order });
  }
  return entries;
}

function readSupported(node: Node, keyword: Keyword<unknown>, context: Context): unknown {
  const { support } = keyword;
  if (context.unsupported || support.kind === 'full') return keyword.read(node, context);
  const place = keywordPlace(argumentsOf(node, context.report));
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
  const last = keyword.repeat === 'last';
  const which = last ? 'this one counts' : `the one of line ${keywordPlace(first.args).line} counts`;
  context.report.warn(keywordPlace(entry.args), `${entry.args.keyword} is given twice: ${which}`);
  if (last) entries[0] = entry;
}

function reportUnknown(node: Node, known: Iterable<string>, { report, blocksOf }: Context): void {
  const place = keywordPlace(argumentsOf(node, report));
  const near = nearest(node.keyword, known);
  const elsewhere = blocksOf(node.keyword);
  const hint =
    elsewhere.length > 0
      ? `: it belongs in ${elsewhere.slice(0, 4).join(', ')}`
      : near === undefined
        ? ''
        : `: did you mean ${near}?`;
  const what = node.block === undefined ? 'ignored' : 'ignored with its block';
  report.warn(
    place,
    `unknown keyword "${node.keyword.slice(0, 80)}"${elsewhere.length > 0 ? ' in this place' : ''}${hint} (${what})`,
  );
}

function reportDeprecated(node: Node, name: string, { report }: Context): void {
  report.warn(keywordPlace(argumentsOf(node, report)), `${node.keyword} is an old name: write ${name}`);
}
