/** A line of virtual_ipaddress and its like. */
import { type Arguments, reject } from '../arguments.js';
import type { Type } from '../keyword.js';
import { type Word, words } from '../lexer.js';
import { lookup } from '../lookup.js';
import { type AddressPrefix, readAddress, readPrefix } from './address.js';
import { Cursor, named, plain } from './cursor.js';
import { type Mutable, readScope, SCOPE_GLOBAL, trackGroup, WORD32 } from './iproute.js';

/** An address line as written; what it leaves open is its instance's to say. */
export type AddressLine = {
  readonly prefix: AddressPrefix;
  readonly broadcast?: '+' | '-' | string;
  readonly interface?: string;
  readonly scope: number;
  readonly label?: string;
  readonly peer?: AddressPrefix;
  readonly home: boolean;
  readonly dad: boolean;
  readonly mngTmpAddr: boolean;
  readonly noPrefixRoute: boolean;
  readonly autoJoin: boolean;
  readonly track: boolean;
  readonly preferredLft?: number | 'forever';
  readonly useVmac: boolean;
};

export const addressLine: Type<AddressLine> = {
  syntax:
    'ADDRESS[/LENGTH] [dev INTERFACE] [scope S] [label L] [brd ADDRESS | + | -] [peer ADDRESS] [home] [-nodad] [mngtmpaddr] [noprefixroute] [autojoin] [no_track] [preferred_lft N | forever] [use_vmac]',
  parse: (args) => {
    const cursor = new Cursor({ ...args, keyword: 'address' }, words(args.text));
    const first = cursor.next();
    const prefix = first && readPrefix(cursor.args, first);
    if (prefix === undefined) return undefined;
    const line: Mutable<AddressLine> = { ...PLAIN_ADDRESS, prefix };
    for (let word = cursor.next(); word !== undefined; word = cursor.next())
      readAddressWord(cursor, word, line);
    return cursor.failed ? undefined : line;
  },
};

const PLAIN_ADDRESS = {
  scope: SCOPE_GLOBAL,
  home: false,
  dad: false,
  mngTmpAddr: false,
  noPrefixRoute: false,
  autoJoin: false,
  track: true,
  useVmac: false,
} as const;

const ADDRESS_FLAGS = {
  home: { home: true },
  '-nodad': { dad: true },
  nodad: { dad: false },
  mngtmpaddr: { mngTmpAddr: true },
  noprefixroute: { noPrefixRoute: true },
  autojoin: { autoJoin: true },
  no_track: { track: false },
  use_vmac: { useVmac: true },
} as const satisfies Readonly<Record<string, Partial<AddressLine>>>;

function readAddressWord(cursor: Cursor, word: Word, line: Mutable<AddressLine>): void {
  if (Object.hasOwn(ADDRESS_FLAGS, word.text)) {
    Object.assign(line, ADDRESS_FLAGS[word.text as keyof typeof ADDRESS_FLAGS]);
    return;
  }
  const read = lookup(ADDRESS_WORDS, word.text);
  if (read === undefined) cursor.refuse(word, 'is no word of an address line that lvsd knows');
  else Object.assign(line, read(cursor));
}

const ADDRESS_WORDS: Readonly<Record<string, (cursor: Cursor) => Partial<AddressLine>>> = {
  dev: (cursor) => given('interface', cursor.value(plain, 'an interface')),
  scope: (cursor) => given('scope', cursor.value(readScope, 'a scope')),
  label: (cursor) => given('label', cursor.value(readLabel, 'a label')),
  brd: (cursor) => given('broadcast', cursor.value(readBroadcast, 'an address, + or -')),
  broadcast: (cursor) => given('broadcast', cursor.value(readBroadcast, 'an address, + or -')),
  peer: (cursor) => given('peer', cursor.value(readPrefix, 'an address')),
  preferred_lft: (cursor) =>
    given('preferredLft', cursor.value(readLifetime, 'a number of seconds or forever')),
  track_group: (cursor) => {
    trackGroup(cursor);
    return {};
  },
};

function given<K extends string, V>(key: K, value: V | undefined): { readonly [N in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [N in K]?: V });
}

/** IFNAMSIZ leaves 15 characters. */
function readLabel(args: Arguments, word: Word): string | undefined {
  return word.text.length <= 15 ? word.text : reject(args, word, 'expected at most 15 characters');
}

function readBroadcast(args: Arguments, word: Word): string | undefined {
  if (word.text === '+' || word.text === '-') return word.text;
  return readAddress(args, word)?.address;
}

function readLifetime(args: Arguments, word: Word): number | 'forever' | undefined {
  return word.text === 'forever' ? 'forever' : named({}, WORD32)(args, word);
}
