/** The lines of a virtual_server_group: addresses, ranges of them, and firewall marks. */
import { compareAddresses, type Family, familyOf, formatAddress, parseAddress } from '../../net/address.js';
import type { Arguments } from '../arguments.js';
import { ignoreFrom, reject } from '../arguments.js';
import type { Type } from '../keyword.js';
import { type Word, words } from '../lexer.js';
import { MARKS, PORTS } from './address.js';
import { readInteger } from './basic.js';

export type GroupMember =
  | {
      readonly kind: 'addresses';
      readonly family: Family;
      readonly first: string;
      readonly count: number;
      readonly port: number;
    }
  | { readonly kind: 'fwmark'; readonly fwmark: number; readonly family?: Family };

/** Addresses of one line. */
const LARGEST = 65_536;

export const groupMember: Type<GroupMember> = {
  syntax: 'ADDRESS[-END | /LENGTH] [PORT] | fwmark N [inet | inet6]',
  parse: (args) => {
    const [head, ...rest] = words(args.text);
    if (head === undefined) return undefined;
    if (head.text === 'fwmark') return readMark(args, rest);
    ignoreFrom(args, 1);
    const [portWord] = rest;
    const port =
      portWord === undefined
        ? 0
        : readInteger({ ...args, keyword: 'port' }, portWord, { min: 0, max: PORTS.max });
    const range = readRange(args, head);
    return port === undefined || range === undefined ? undefined : { kind: 'addresses', ...range, port };
  },
};

/** The nth address after one, counted from 0. */
export function addressAfter(first: string, by: number): string {
  return fromNumber(toNumber(first) + BigInt(by), first.includes(':') ? 16 : 4);
}

function readMark(args: Arguments, [mark, family]: readonly Word[]): GroupMember | undefined {
  if (mark === undefined) return reject(args, undefined, 'expected a number');
  ignoreFrom(args, 2);
  const fwmark = readInteger(args, mark, { min: 1, max: MARKS.max });
  if (fwmark === undefined) return undefined;
  if (family === undefined) return { kind: 'fwmark', fwmark };
  if (family.text !== 'inet' && family.text !== 'inet6')
    return reject(args, family, 'expected inet or inet6');
  return { kind: 'fwmark', fwmark, family: family.text === 'inet' ? 'ipv4' : 'ipv6' };
}

type AddressRange = { readonly family: Family; readonly first: string; readonly count: number };

function readRange(args: Arguments, word: Word): AddressRange | undefined {
  const fault = (text: string) => reject({ ...args, keyword: 'address' }, word, text);
  const [start = '', end] = word.text.split('-');
  const [head = '', length] = word.text.split('/');
  const first = end === undefined ? head : start;
  const family = familyOf(first);
  if (family === undefined) return fault('expected an address, ADDRESS-END, ADDRESS/LENGTH, or fwmark N');
  const last = end === undefined ? prefixEnd(first, length) : rangeEnd(first, end);
  if (last === undefined)
    return fault(
      end === undefined
        ? 'expected a prefix length with no bits set after it'
        : 'expected a number or an address as the end of the range',
    );
  if (compareAddresses(first, last) > 0) return fault('the range ends before it starts');
  const count = toNumber(last) - toNumber(first) + 1n;
  if (count > LARGEST) return fault(`${count} addresses: expected at most ${LARGEST}`);
  return { family, first: formatAddress(parseAddress(first) ?? new Uint8Array()), count: Number(count) };
}

/** `192.168.0.3-10` ends in its last byte, `ae00::2-9` in its last group (hexadecimal); a whole address may stand there too. */
function rangeEnd(first: string, end: string): string | undefined {
  if (familyOf(end) !== undefined) return familyOf(end) === familyOf(first) ? end : undefined;
  const v6 = first.includes(':');
  if (!(v6 ? /^[0-9a-fA-F]{1,4}$/ : /^\d{1,3}$/).test(end)) return undefined;
  const value = BigInt(Number.parseInt(end, v6 ? 16 : 10));
  const bits = v6 ? 16n : 8n;
  if (value >> bits > 0n) return undefined;
  return fromNumber(((toNumber(first) >> bits) << bits) | value, v6 ? 16 : 4);
}

function prefixEnd(first: string, length: string | undefined): string | undefined {
  if (length === undefined) return first;
  const size = first.includes(':') ? 128 : 32;
  if (!/^\d{1,3}$/.test(length) || Number(length) < 1 || Number(length) > size) return undefined;
  const hostMask = (1n << BigInt(size - Number(length))) - 1n;
  if ((toNumber(first) & hostMask) !== 0n) return undefined;
  return fromNumber(toNumber(first) | hostMask, size / 8);
}

function toNumber(address: string): bigint {
  let value = 0n;
  for (const byte of parseAddress(address) ?? []) value = (value << 8n) | BigInt(byte);
  return value;
}

function fromNumber(value: bigint, size: number): string {
  const bytes = new Uint8Array(size);
  for (let index = size - 1, rest = value; index >= 0; index -= 1, rest >>= 8n)
    bytes[index] = Number(rest & 0xffn);
  return formatAddress(bytes);
}
