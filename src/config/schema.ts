/** The whole table of keywords: where each may stand, its arguments, default, meaning, and whether lvsd supports it. */
import { type BlockSchema, byName, type Keyword, type Keywords } from './keyword.js';
import { root } from './schema/root.js';

export const schema = { keywords: root };

/** A block of the table with the names of the blocks around it, from the outside. */
export type NamedBlock = { readonly path: readonly string[]; readonly block: BlockSchema };

/** Every block of the table, the root first, each followed by the blocks in it. */
export function allBlocks(): readonly NamedBlock[] {
  return blocksIn({ path: [], block: schema });
}

/** The blocks a keyword may stand in, by any of its names. */
export function blocksOf(keyword: string): readonly string[] {
  places = places ?? allPlaces();
  return places.get(keyword) ?? [];
}

let places: ReadonlyMap<string, readonly string[]> | undefined;

function allPlaces(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { path, block } of allBlocks()) {
    if ('lines' in block) continue;
    const place = path.at(-1) ?? 'no block';
    for (const name of byName(block.keywords).keys()) {
      const list = found.get(name) ?? [];
      if (!list.includes(place)) found.set(name, [...list, place]);
    }
  }
  return found;
}

function blocksIn({ path, block }: NamedBlock): readonly NamedBlock[] {
  const inner = 'lines' in block ? [] : entriesOf(block.keywords);
  return [
    { path, block },
    ...inner.flatMap(([name, keyword]) => {
      return keyword.block === undefined ? [] : blocksIn({ path: [...path, name], block: keyword.block });
    }),
  ];
}

function entriesOf(keywords: Keywords): readonly (readonly [string, Keyword<unknown>])[] {
  return Object.entries(keywords);
}
