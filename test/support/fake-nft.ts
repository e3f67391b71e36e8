/**
 * The program nft with a kernel of its own, for what lvsd says to it: one command a line, all or none of a call.
 * Rules are kept as text; what refers to a set, a chain or a counter keeps it from being deleted, as in the kernel.
 */
import type { NftCommand, NftProgram } from '../../src/nft/program.js';

type FakeSet = { readonly type: string; readonly size: number; elements: string[] };
type FakeChain = { readonly base: string | undefined; rules: string[] };
type Table = {
  readonly sets: Map<string, FakeSet>;
  readonly chains: Map<string, FakeChain>;
  readonly counters: Map<string, number>;
};

export type FakeNft = {
  readonly run: NftProgram;
  /** The table, or undefined; to be looked at and changed by another hand. */
  table: Table | undefined;
  /** Every call, oldest first. */
  readonly calls: NftCommand[];
  /** Answers the next calls with this instead. */
  fail: { readonly code: number; readonly error: string } | undefined;
};

class Refusal extends Error {}

export function createFakeNft(): FakeNft {
  const fake: FakeNft = { run, table: undefined, calls: [], fail: undefined };
  return fake;

  async function run(command: NftCommand) {
    fake.calls.push(command);
    if (fake.fail !== undefined) return { output: '', ...fake.fail };
    try {
      const output = command.args.includes('list') ? list(command.args) : write((await command.input) ?? '');
      // In pieces, as a pipe gives it.
      for (let at = 0; command.onOutput && at < output.length; at += 7)
        command.onOutput(output.slice(at, at + 7));
      return { code: 0, output, error: '' };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { code: 1, output: '', error: `Error: ${error.message}` };
    }
  }

  function list(args: readonly string[]): string {
    if (fake.table === undefined) throw new Refusal('No such file or directory');
    if (args.includes('-j')) return print(fake.table);
    const set = fake.table.sets.get(args.at(-1) ?? '');
    if (set === undefined) throw new Refusal('No such file or directory');
    const elements = set.elements.length === 0 ? '' : `elements = { ${set.elements.join(',\n\t\t')} }\n`;
    return `table inet lvsd {\n\tset ${args.at(-1)} {\n\t\tsize ${set.size}\n\t\t${elements}\t}\n}\n`;
  }

  function write(input: string): string {
    const before = structuredClone(fake.table);
    try {
      for (const line of input.split('\n').filter(Boolean)) fake.table = obey(line, fake.table);
    } catch (error) {
      fake.table = before;
      throw error;
    }
    return '';
  }
}

function obey(line: string, table: Table | undefined): Table | undefined {
  const match = /^(add|delete|flush) (table|set|chain|rule|counter|element) inet lvsd ?([\w.-]*) ?(.*)$/.exec(
    line,
  );
  if (match === null) throw new Refusal(`syntax error: ${line}`);
  const [, verb, kind, name = '', rest = ''] = match;
  if (kind === 'table' && verb === 'add') return table ?? empty();
  if (table === undefined) throw new Refusal(`No such file or directory: ${line}`);
  if (kind === 'table') return undefined;
  switch (`${verb} ${kind}`) {
    case 'add counter':
      table.counters.set(name, table.counters.get(name) ?? 0);
      break;
    case 'add set':
      addSet(table, name, rest);
      break;
    case 'add element':
      addElements(table, name, rest);
      break;
    case 'add chain':
      if (!table.chains.has(name)) table.chains.set(name, { base: rest || undefined, rules: [] });
      break;
    case 'add rule':
      addRule(table, name, rest);
      break;
    case 'flush chain':
      found(table.chains, name).rules = [];
      break;
    case 'delete chain':
      if (found(table.chains, name).rules.length > 0) throw new Refusal(`Device or resource busy: ${line}`);
      remove(table, table.chains, name);
      break;
    case 'delete set':
      remove(table, table.sets, name);
      break;
    case 'delete counter':
      remove(table, table.counters, name);
      break;
    default:
      throw new Refusal(`syntax error: ${line}`);
  }
  return table;
}

function empty(): Table {
  return { sets: new Map(), chains: new Map(), counters: new Map() };
}

/** One that is there takes the new size, as from Linux 6.5 on; before, it keeps its own without a word. */
function addSet(table: Table, name: string, definition: string): void {
  const [, type = '', size] =
    /^{ type (\w+); size (\d+); flags dynamic,timeout; gc-interval 1s; }$/.exec(definition) ?? [];
  if (size === undefined) throw new Refusal(`syntax error: ${definition}`);
  table.sets.set(name, { type, size: Number(size), elements: table.sets.get(name)?.elements ?? [] });
}

function addElements(table: Table, name: string, text: string): void {
  const set = found(table.sets, name);
  set.elements.push(...text.slice(2, -2).split(', '));
  if (set.elements.length > set.size) throw new Refusal('Too many open files in system');
}

function addRule(table: Table, chain: string, text: string): void {
  for (const [, set = ''] of text.matchAll(/@([\w.-]+)/g)) found(table.sets, set);
  for (const [, target = ''] of text.matchAll(/goto ([\w.-]+)/g)) found(table.chains, target);
  for (const [, counter = ''] of text.matchAll(/counter name ([\w.-]+)/g)) found(table.counters, counter);
  found(table.chains, chain).rules.push(text);
}

function found<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name);
  if (value === undefined) throw new Refusal(`No such file or directory: ${name}`);
  return value;
}

function remove(table: Table, map: Map<string, unknown>, name: string): void {
  found(map, name);
  const words = [...table.chains.values()]
    .flatMap(({ rules }) => rules)
    .flatMap((rule) => rule.split(/[ ,@]+/));
  if (words.includes(name)) throw new Refusal(`Device or resource busy: ${name}`);
  map.delete(name);
}

function print({ sets, chains, counters }: Table): string {
  const own = { family: 'inet', table: 'lvsd' };
  const nftables = [
    { metainfo: { version: '1.0.6' } },
    { table: { family: 'inet', name: 'lvsd', handle: 1 } },
    ...[...counters].map(([name, packets]) => ({
      counter: { ...own, name, handle: 2, packets, bytes: 60 * packets },
    })),
    ...[...sets].map(([name, { type, size }]) => ({
      set: { ...own, name, type, handle: 3, size, flags: ['timeout'], 'gc-interval': 1 },
    })),
    ...[...chains].map(([name, { base }]) => ({
      chain: {
        ...own,
        name,
        handle: 4,
        ...(base && { type: 'filter', hook: 'prerouting', prio: -150, policy: 'accept' }),
      },
    })),
    ...[...chains].flatMap(([chain, { rules }]) =>
      rules.map((text, handle) => ({ rule: { ...own, chain, handle, expr: [{ text }] } })),
    ),
  ];
  return JSON.stringify({ nftables });
}
