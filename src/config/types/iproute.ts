/** What lines of addresses, routes and rules share: names as iproute2 has them, numbers as linux/rtnetlink.h. */
import type { Prefix } from '../../net/route/route.js';
import { type Arguments, reject, remark } from '../arguments.js';
import type { Word } from '../lexer.js';
import { lookup } from '../lookup.js';
import type { NameKind } from '../names.js';
import type { AddressPrefix } from './address.js';
import { type Cursor, plain } from './cursor.js';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Those of every machine; its files have others. */
const USUAL = {
  rt_tables: { default: 253, main: 254, local: 255 },
  rt_protos: { redirect: 1, kernel: 2, boot: 3, static: 4, ra: 9, keepalived: 18 },
  rt_scopes: { global: 0, universe: 0, site: 200, link: 253, host: 254, nowhere: 255 },
  rt_dsfield: {},
} as const satisfies Readonly<Record<NameKind, Readonly<Record<string, number>>>>;

export const SCOPE_GLOBAL = USUAL.rt_scopes.global;
export const BYTE = { min: 0, max: 255 } as const;
export const WORD32 = { min: 0, max: 0xffff_ffff } as const;

/** Reads one word as a number, or as a name of one. */
function byName(
  kind: NameKind,
  { min, max }: { readonly min: number; readonly max: number },
): (args: Arguments, word: Word) => number | undefined {
  const usual = Object.keys(USUAL[kind]);
  return (args, word) => {
    const number = numberOf(word.text) ?? lookup<number>(USUAL[kind], word.text);
    const known = number ?? args.names(kind).numbers.get(word.text) ?? Number.NaN;
    if (known >= min && known <= max) return known;
    const wanted = [`expected a number between ${min} and ${max}`, ...usual];
    return reject(args, word, `${wanted.join(', ')}, or a name that is in ${args.names(kind).file}`);
  };
}

function numberOf(text: string): number | undefined {
  return /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : undefined;
}

export const readTable = byName('rt_tables', WORD32);
export const readProtocol = byName('rt_protos', BYTE);
export const readScope = byName('rt_scopes', BYTE);
export const readTos = byName('rt_dsfield', BYTE);

/** A prefix with its length filled in: a whole address. */
export function wholePrefix({ family, address, prefixLength }: AddressPrefix): Prefix {
  return { address, prefixLength: prefixLength ?? (family === 'ipv4' ? 32 : 128) };
}

/** `track_group NAME`: would fault its instances when a static thing goes, which lvsd puts back at once. */
export function trackGroup(cursor: Cursor): void {
  const word = cursor.peek();
  const name = cursor.value(plain, 'the name of a track_group');
  if (name !== undefined)
    remark({ ...cursor.args, keyword: 'track_group' }, word, 'ignored: what is static is put back at once');
}
