/** What `nft -j -t list table inet lvsd` prints → what of it matters. Pure. */
import type { Family } from '../net/address.js';

/** The table as read: session sets by size, counters by value, and every object in a form to compare. */
export type TableRead = {
  readonly sets: readonly SetRead[];
  readonly chains: readonly ChainRead[];
  readonly counters: ReadonlyMap<string, CounterRead>;
  /** `chain NAME`, `set NAME`, … → its text without what changes by itself. */
  readonly shape: ReadonlyMap<string, string>;
};

export type SetRead = {
  readonly name: string;
  /** Undefined when it is no set of sessions as lvsd makes them. */
  readonly family: Family | undefined;
  /** 0 when it has no limit. */
  readonly size: number;
};

/** `base` is `TYPE HOOK PRIORITY POLICY` of a chain that has a hook. */
export type ChainRead = { readonly name: string; readonly base: string | undefined };

export type CounterRead = { readonly packets: number; readonly bytes: number };

/** Raised by parseTable: the text is not what nft prints. */
export class ReadBackError extends Error {
  override readonly name = 'ReadBackError';
}

type Fields = Readonly<Record<string, unknown>>;

/** Reads the printed table. Throws ReadBackError. */
export function parseTable(text: string): TableRead {
  const objects = objectsOf(text);
  const sets: SetRead[] = [];
  const chains: ChainRead[] = [];
  const counters = new Map<string, CounterRead>();
  const shape = new Map<string, string>();
  for (const [kind, fields] of objects) {
    const { handle, ...rest } = fields;
    const name = String(kind === 'rule' ? fields.chain : fields.name);
    switch (kind) {
      case 'set':
        sets.push({ name, family: familyOfSet(fields), size: number(fields.size) });
        // Its elements come and go, and its size is for the sessions to follow.
        note(`set ${name}`, { ...rest, elem: undefined, size: undefined });
        break;
      case 'counter':
        counters.set(name, { packets: number(fields.packets), bytes: number(fields.bytes) });
        note(`counter ${name}`, { ...rest, packets: undefined, bytes: undefined });
        break;
      case 'chain':
        chains.push({ name, base: baseOf(fields) });
        note(`chain ${name}`, rest);
        break;
      case 'rule':
        note(`chain ${name}`, rest);
        break;
      case 'metainfo':
        break;
      default:
        note(`${kind} ${name}`, rest);
    }
  }
  return { sets, chains, counters, shape };

  function note(name: string, fields: Fields): void {
    shape.set(name, `${shape.get(name) ?? ''}${JSON.stringify(fields)}\n`);
  }
}

/** Differences between two readings, in words: `chain NAME was changed`. */
export function describeDifference(was: TableRead['shape'], is: TableRead['shape']): readonly string[] {
  const lines: string[] = [];
  for (const [name, text] of was) {
    const now = is.get(name);
    if (now === undefined) lines.push(`${name} was gone: added back`);
    else if (now !== text) lines.push(`${name} was changed: set back`);
  }
  for (const name of is.keys()) if (!was.has(name)) lines.push(`${name} was added by someone: removed`);
  return lines;
}

function objectsOf(text: string): readonly (readonly [string, Fields])[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw new ReadBackError(`nft: expected JSON, not "${text.slice(0, 60)}"`);
  }
  const list = isObject(data) ? data.nftables : undefined;
  if (!Array.isArray(list)) throw new ReadBackError('nft: expected a list "nftables"');
  return list.map((entry: unknown) => {
    const [pair] = isObject(entry) ? Object.entries(entry) : [];
    if (pair === undefined || !isObject(pair[1]))
      throw new ReadBackError('nft: expected objects in the list');
    return [pair[0], pair[1]] as const;
  });
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The flag `dynamic` is not compared: nft 1.0.6 leaves it out. */
function familyOfSet({ type, size, flags, 'gc-interval': collection }: Fields): Family | undefined {
  const ends = Array.isArray(flags) && flags.includes('timeout') && collection === 1 && number(size) > 0;
  if (!ends) return undefined;
  if (type === 'ipv4_addr') return 'ipv4';
  return type === 'ipv6_addr' ? 'ipv6' : undefined;
}

function baseOf({ type, hook, prio, policy }: Fields): string | undefined {
  return hook === undefined ? undefined : [type, hook, prio, policy].join(' ');
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
