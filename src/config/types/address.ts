/** Addresses, ports, ranges of addresses and what a virtual server is called by. */
import { canonicalAddress, type Family, familyOf, isMulticast } from '../../net/address.js';
import { type Arguments, ignoreFrom, reject } from '../arguments.js';
import type { Type } from '../keyword.js';
import type { Word } from '../lexer.js';
import { one, readInteger } from './basic.js';

export const PORTS = { min: 1, max: 65_535 } as const;
export const MARKS = { min: 0, max: 0xffff_ffff } as const;

/** A numeric address; host names are none. */
export const address: Type<Address> = {
  syntax: 'ADDRESS',
  parse: (args) => one(args, address.syntax, (word) => readAddress(args, word)),
};

export type Address = { readonly family: Family; readonly address: string };

/** An address with the port, 0 when absent. */
export type Endpoint = Address & { readonly port: number };

export const endpoint: Type<Endpoint> = {
  syntax: 'ADDRESS [PORT]',
  parse: (args) => {
    const [word, port] = args.words;
    if (word === undefined)
      return reject(args, undefined, `its argument is missing: expected ${endpoint.syntax}`);
    ignoreFrom(args, 2);
    const found = readAddress(args, word);
    const number = port === undefined ? 0 : readInteger(args, port, { min: 0, max: PORTS.max });
    return found === undefined || number === undefined ? undefined : { ...found, port: number };
  },
};

/** Reads one word as a numeric address. */
export function readAddress(args: Arguments, word: Word): Address | undefined {
  const canonical = canonicalAddress(word.text);
  const family = familyOf(word.text);
  if (canonical === undefined || family === undefined) {
    return reject(args, word, 'expected a numeric IPv4 or IPv6 address');
  }
  return { family, address: canonical };
}

/** The address of a group, of one family where that is said. */
export function groupAddress(family?: Family): Type<Address> {
  return {
    syntax: address.syntax,
    parse: (args) => one(args, address.syntax, (word) => readGroupAddress(args, word, family)),
  };
}

/** Reads one word as the address of a group. */
export function readGroupAddress(args: Arguments, word: Word, family?: Family): Address | undefined {
  const found = readAddress(args, word);
  if (found === undefined) return undefined;
  if (isMulticast(found.address) && (family === undefined || found.family === family)) return found;
  return reject(args, word, `expected ${family === undefined ? 'a' : `an ${family}`} multicast address`);
}

/** An address with the length of its prefix where that is given. */
export type AddressPrefix = Address & { readonly prefixLength?: number };

/** `10.0.0.1`, `10.0.0.0/24`: an address, with or without the length of its prefix. */
export function readPrefix(args: Arguments, word: Word): AddressPrefix | undefined {
  const [head = '', length, ...rest] = word.text.split('/');
  const family = familyOf(head);
  const canonical = canonicalAddress(head);
  const longest = family === 'ipv4' ? 32 : 128;
  const fits = length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= longest);
  if (family === undefined || canonical === undefined || !fits || rest.length > 0) {
    return reject(args, word, 'expected an address, or an address with the length of its prefix');
  }
  return { family, address: canonical, ...(length === undefined ? {} : { prefixLength: Number(length) }) };
}

/** What a virtual server is called by. */
export type VirtualServerHead =
  | ({ readonly kind: 'address' } & Endpoint)
  | { readonly kind: 'fwmark'; readonly fwmark: number }
  | { readonly kind: 'group'; readonly group: string };

export const virtualServerHead: Type<VirtualServerHead> = {
  syntax: 'ADDRESS [PORT] | fwmark N | group NAME',
  parse: (args) => {
    const [kind, word] = args.words;
    if (kind?.text !== 'fwmark' && kind?.text !== 'group') {
      const found = endpoint.parse(args);
      return found && { kind: 'address', ...found };
    }
    if (word === undefined)
      return reject(
        args,
        undefined,
        `expected a ${kind.text === 'group' ? 'name' : 'number'} after ${kind.text}`,
      );
    ignoreFrom(args, 2);
    if (kind.text === 'group') return { kind: 'group', group: word.text };
    const fwmark = readInteger(args, word, { min: 1, max: MARKS.max });
    return fwmark === undefined ? undefined : { kind: 'fwmark', fwmark };
  },
};
