/** The table of keywords as the documentation shows it. */
import type { BlockSchema, Keyword, Keywords, Support } from './keyword.js';
import { common } from './schema/checkers.js';
import { allBlocks, type NamedBlock } from './schema.js';

/** Markdown tables by the name of their block; `root` for no block, `checkers` for what all checkers have. */
export function keywordTables(): ReadonlyMap<string, string> {
  const tables = new Map<string, string>([['checkers', table(common)]]);
  const seen = new Set<Keywords>([common]);
  for (const { name, block } of allBlocks().map(named)) {
    if ('lines' in block || seen.has(block.keywords)) continue;
    seen.add(block.keywords);
    tables.set(name, table(withoutCommon(block.keywords)));
  }
  return tables;
}

/** Blocks in these are known without saying so. */
const SERVERS = ['virtual_server', 'real_server', 'sorry_server'];

function named({ path, block }: NamedBlock): { readonly name: string; readonly block: BlockSchema } {
  const [parent = '', name = 'root'] = path.length > 1 ? path.slice(-2) : ['', ...path];
  return { name: parent === '' || SERVERS.includes(parent) ? name : `${parent}/${name}`, block };
}

/** A checker's table leaves out what the table of all checkers has already. */
function withoutCommon(keywords: Keywords): Keywords {
  const shared: Keywords = common;
  return Object.fromEntries(Object.entries(keywords).filter(([name, keyword]) => shared[name] !== keyword));
}

function table(keywords: Keywords): string {
  const rows = Object.entries(keywords).map(([name, keyword]) => row(name, keyword));
  return ['| keyword | arguments | default | meaning | lvsd |', '|---|---|---|---|---|', ...rows].join('\n');
}

function row(name: string, keyword: Keyword<unknown>): string {
  const { aliases, deprecated, doc, syntax, block } = keyword;
  const also = aliases.map((alias) => `, \`${alias}\``).join('');
  const old = deprecated.map((alias) => ` (old: \`${alias}\`)`).join('');
  const written = [syntax, block === undefined ? '' : braces(block)].filter((part) => part !== '').join(' ');
  const cells = [
    `\`${name}\`${also}${old}`,
    code(written),
    keyword.default ?? '',
    doc,
    SUPPORT[keyword.support.kind],
  ];
  return `| ${cells.map(escaped).join(' | ')} |`;
}

function braces(block: BlockSchema): string {
  if ('lines' in block) return `{ ${block.unit.replace(/ …$/, '')} … }`;
  return block.optional === true ? '[{ … }]' : '{ … }';
}

const SUPPORT: Readonly<Record<Support['kind'], string>> = {
  full: 'yes',
  ignored: 'ignored, warning',
  refused: 'refused, error',
};

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``;
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|');
}
