/** What lines of addresses, routes and rules share: names as iproute2 has them, numbers as linux/rtnetlink.h. */
import type { Prefix } from '../../net/route/route.js';
import { remark } from '../arguments.js';
import type { AddressPrefix } from './address.js';
import { type Cursor, plain } from './cursor.js';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export const SCOPES = { global: 0, universe: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const;
export const TABLES = { default: 253, main: 254, local: 255 } as const;
export const PROTOCOLS = { redirect: 1, kernel: 2, boot: 3, static: 4, ra: 9, keepalived: 18 } as const;
export const BYTE = { min: 0, max: 255 } as const;
export const WORD32 = { min: 0, max: 0xffff_ffff } as const;

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
