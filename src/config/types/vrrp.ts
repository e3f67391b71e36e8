/** Arguments and lines that only VRRP has. */
import type { FifoConfig } from '../../fifo/config.js';
import type { LvsSyncDaemonConfig, UnicastPeerConfig, VipLifetime } from '../../vrrp/config.js';
import type { InterfaceDelayConfig } from '../../vrrp/track/config.js';
import { type Arguments, ignoreFrom, reject, remark } from '../arguments.js';
import type { Type } from '../keyword.js';
import { type Word, words } from '../lexer.js';
import { readAddress, readGroupAddress, readPrefix } from './address.js';
import { one, readInteger, readSeconds } from './basic.js';
import { Cursor, named, plain } from './cursor.js';
import type { Mutable } from './iproute.js';
import type { Owner } from './script.js';

/** A tracked thing; a weight not given is that of the thing. */
export type TrackLine = { readonly name: string; readonly weight?: number; readonly reverse: boolean };

/** `NAME [weight N [reverse | noreverse]]`, N between -limit and limit. */
export function trackLine(limit: number, what = 'NAME'): Type<TrackLine> {
  return {
    syntax: `${what} [weight -${limit}–${limit} [reverse | noreverse]]`,
    parse: (args) => {
      const cursor = new Cursor({ ...args, keyword: 'track' }, words(args.text));
      const name = cursor.next()?.text ?? '';
      return readWeight(cursor, limit, name);
    },
  };
}

/** `ADDRESS PORT [PROTOCOL]`, `fwmark N` or `group NAME`, then a weight: the name is the words with one blank between. */
export const trackPoolLine: Type<TrackLine> = {
  syntax:
    'ADDRESS PORT [tcp | udp | sctp] | fwmark N | group NAME, then [weight -253–253 [reverse | noreverse]]',
  parse: (args) => {
    const cursor = new Cursor({ ...args, keyword: 'track_pool' }, words(args.text));
    const name: string[] = [];
    while (cursor.peek() !== undefined && cursor.peek()?.text !== 'weight')
      name.push(cursor.next()?.text ?? '');
    return readWeight(cursor, 253, name.join(' '));
  },
};

function readWeight(cursor: Cursor, limit: number, name: string): TrackLine | undefined {
  let weight: number | undefined;
  if (cursor.accept('weight')) weight = cursor.value(signed(limit), 'a number');
  const reverse = cursor.accept('reverse');
  cursor.accept('noreverse');
  const extra = cursor.next();
  if (extra !== undefined) cursor.refuse(extra, 'expected weight N, then reverse or noreverse');
  return cursor.failed ? undefined : { name, reverse, ...(weight === undefined ? {} : { weight }) };
}

/** `N [reverse | noreverse]`, of a vrrp_script or a track_file. */
export function trackWeight(limit: number): Type<{ readonly weight: number; readonly reverse: boolean }> {
  return {
    syntax: `-${limit}–${limit} [reverse | noreverse]`,
    parse: (args) => {
      const [word, sense] = args.words;
      if (word === undefined) return reject(args, undefined, 'its argument is missing: expected a number');
      ignoreFrom(args, 2);
      const weight = signed(limit)(args, word);
      return weight === undefined ? undefined : { weight, reverse: sense?.text === 'reverse' };
    },
  };
}

function signed(limit: number): (args: Arguments, word: Word) => number | undefined {
  return (args, word) => readInteger(args, word, { min: -limit, max: limit });
}

export const unicastPeer: Type<UnicastPeerConfig> = {
  syntax: 'ADDRESS [min_ttl N] [max_ttl N]',
  parse: (args) => {
    const cursor = new Cursor({ ...args, keyword: 'unicast_peer' }, words(args.text));
    const first = cursor.next();
    const peer = first && readAddress(cursor.args, first);
    const bounds: { minTtl?: number; maxTtl?: number } = {};
    for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
      const key = word.text === 'min_ttl' ? 'minTtl' : word.text === 'max_ttl' ? 'maxTtl' : undefined;
      if (key === undefined) cursor.refuse(word, 'expected min_ttl N or max_ttl N');
      const value = key && cursor.value(named({}, { min: 0, max: 255 }), 'a number');
      if (key !== undefined && value !== undefined) bounds[key] = value;
    }
    return peer === undefined || cursor.failed ? undefined : { address: peer.address, ...bounds };
  },
};

export const interfaceDelayLine: Type<InterfaceDelayConfig> = {
  syntax: 'INTERFACE DOWN [UP]',
  parse: (args) => {
    const [name, down, up] = words(args.text);
    const inLine = { ...args, keyword: 'interface_up_down_delays' };
    if (name === undefined || down === undefined)
      return reject(inLine, name, 'expected the seconds a loss of link must last after it');
    const range = { min: 0, max: 255 };
    const downDelayMs = readSeconds(inLine, down, range);
    const upDelayMs = up === undefined ? 0 : readSeconds(inLine, up, range);
    if (downDelayMs === undefined || upDelayMs === undefined) return undefined;
    return { interface: name.text, downDelayMs, upDelayMs };
  },
};

/** `off`, `auto` or seconds. */
export const vipLifetime: Type<VipLifetime> = {
  syntax: 'auto | off | SECONDS 1–86400',
  parse: (args) =>
    one(args, vipLifetime.syntax, (word) => {
      if (word.text === 'auto' || word.text === 'off') return word.text;
      const seconds = readInteger(args, word, { min: 1, max: 86_400 });
      return seconds === undefined ? undefined : { seconds };
    }),
};

/** `[all] SECONDS` */
export const extraInterfaces: Type<{ readonly intervalMs: number; readonly all: boolean }> = {
  syntax: '[all] SECONDS 0–86400',
  parse: (args) => {
    const all = args.words[0]?.text === 'all';
    const word = args.words[all ? 1 : 0];
    if (word === undefined) return reject(args, undefined, 'its argument is missing: expected seconds');
    const intervalMs = readSeconds(args, word, { min: 0, max: 86_400 });
    return intervalMs === undefined ? undefined : { intervalMs, all };
  },
};

export type VmacLine = {
  readonly interface?: string;
  readonly macAddress?: string;
  readonly group?: number;
};

const MAC = /^([0-9a-f]{1,2}:){4,5}[0-9a-f]{1,2}$/i;
/** RFC 9568 §7.3 */
const OF_THE_RFC = /^00:00:5e:00:0[12]/;

/** Five octets get the VRID behind them. */
export const vmac: Type<VmacLine> = {
  syntax: '[[name] INTERFACE] [MAC] [netlink_notify_msg] [group N]',
  parse: (args) => {
    const cursor = new Cursor(args, args.words);
    const line: Mutable<VmacLine> = {};
    for (let word = cursor.next(); word !== undefined; word = cursor.next()) readVmacWord(cursor, word, line);
    return cursor.failed ? undefined : line;
  },
};

function readVmacWord(cursor: Cursor, word: Word, line: Mutable<VmacLine>): void {
  if (word.text === 'netlink_notify_msg')
    remark(cursor.args, word, 'ignored: the kernel tells of the interface by itself');
  else if (word.text === 'group') line.group = readGroup(cursor);
  else if (word.text === 'name') line.interface = cursor.value(plain, 'an interface') ?? '';
  else if (MAC.test(word.text)) line.macAddress = readMac(cursor, word);
  else if (line.interface === undefined && word.text.length <= 15) line.interface = word.text;
  else
    cursor.refuse(
      word,
      'expected an interface, a MAC address of five or six octets, netlink_notify_msg or group N',
    );
}

function readMac(cursor: Cursor, word: Word): string {
  const octets = word.text.split(':').map((octet) => Number.parseInt(octet, 16));
  const address = octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
  if (((octets[0] ?? 0) & 1) === 1)
    cursor.refuse(word, 'expected the MAC address of one host, not of a group');
  else if (OF_THE_RFC.test(address))
    cursor.refuse(word, 'expected another, for a virtual router has one of these where none is given');
  return address;
}

function readGroup(cursor: Cursor): number {
  return cursor.value(named({}, { min: 0, max: 0x7fff_ffff }), 'a number') ?? 0;
}

export type IpvlanLine = {
  readonly interface?: string;
  readonly address?: { readonly address: string; readonly prefixLength: number };
  readonly mode: 'bridge' | 'private' | 'vepa';
  readonly group?: number;
};

export const ipvlan: Type<IpvlanLine> = {
  syntax: '[[name] INTERFACE] [ADDRESS[/LENGTH]] [bridge | private | vepa] [group N]',
  parse: (args) => {
    const cursor = new Cursor(args, args.words);
    const line: Mutable<IpvlanLine> = { mode: 'bridge' };
    for (let word = cursor.next(); word !== undefined; word = cursor.next())
      readIpvlanWord(cursor, word, line);
    return cursor.failed ? undefined : line;
  },
};

function readIpvlanWord(cursor: Cursor, word: Word, line: Mutable<IpvlanLine>): void {
  const modes = ['bridge', 'private', 'vepa'] as const;
  const mode = modes.find((name) => name === word.text);
  if (mode !== undefined) line.mode = mode;
  else if (word.text === 'group') line.group = readGroup(cursor);
  else if (word.text === 'name') line.interface = cursor.value(plain, 'an interface') ?? '';
  else if (/[.:]\S*[.:]/.test(word.text)) {
    const prefix = readPrefix(cursor.args, word);
    if (prefix === undefined) cursor.failed = true;
    else {
      const whole = prefix.family === 'ipv4' ? 32 : 128;
      line.address = { address: prefix.address, prefixLength: prefix.prefixLength ?? whole };
    }
  } else if (line.interface === undefined) line.interface = word.text;
  else cursor.refuse(word, 'expected an interface, an address, bridge, private, vepa or group N');
}

/** `PATH [USER [GROUP]]` */
export const fifo: Type<FifoConfig> = {
  syntax: 'PATH [USER [GROUP]]',
  parse: (args) => {
    const [path, user, group] = args.words;
    if (path === undefined || !path.text.startsWith('/'))
      return reject(args, path, 'expected an absolute path');
    ignoreFrom(args, 3);
    return { path: path.text, ...owner(user, group) };
  },
};

function owner(user: Word | undefined, group: Word | undefined): Partial<Owner> {
  if (user === undefined) return {};
  return { user: user.text, ...(group === undefined ? {} : { group: group.text }) };
}

export type SyncDaemonLine = Omit<LvsSyncDaemonConfig, 'syncId'> & { readonly syncId?: number };

/** `INTERFACE [[inst] INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group ADDRESS]` */
export const syncDaemon: Type<SyncDaemonLine> = {
  syntax: 'INTERFACE [[inst] INSTANCE] [id N] [maxlen N] [port N] [ttl N] [group ADDRESS]',
  parse: (args) => {
    const cursor = new Cursor(args, args.words);
    const first = cursor.next();
    if (first === undefined) return reject(args, undefined, 'its argument is missing: expected an interface');
    const line: Mutable<SyncDaemonLine> = { interface: first.text };
    for (let word = cursor.next(); word !== undefined; word = cursor.next()) readSyncWord(cursor, word, line);
    return cursor.failed ? undefined : line;
  },
};

const SYNC_NUMBERS = {
  id: ['syncId', { min: 0, max: 255 }],
  maxlen: ['maxLength', { min: 1, max: 65_507 }],
  port: ['port', { min: 1, max: 65_535 }],
  ttl: ['ttl', { min: 1, max: 255 }],
} as const;

function readSyncWord(cursor: Cursor, word: Word, line: Mutable<SyncDaemonLine>): void {
  if (Object.hasOwn(SYNC_NUMBERS, word.text)) {
    const [key, range] = SYNC_NUMBERS[word.text as keyof typeof SYNC_NUMBERS];
    const value = cursor.value(named({}, range), 'a number');
    if (value !== undefined) line[key] = value;
  } else if (word.text === 'group') {
    const group = cursor.value((args, each) => readGroupAddress(args, each), 'a multicast address');
    if (group !== undefined) line.group = group.address;
  } else if (word.text === 'inst') {
    const name = cursor.value(plain, 'the name of an instance');
    if (name !== undefined) line.instance = name;
  } else if (line.instance === undefined) line.instance = word.text;
  else cursor.refuse(word, 'expected id, maxlen, port, ttl or group');
}

/** `[VALUE] [overwrite]` */
export const initFile: Type<{ readonly value: number; readonly overwrite: boolean }> = {
  syntax: '[VALUE -254–254] [overwrite]',
  parse: (args) => {
    const overwrite = args.words.some((word) => word.text === 'overwrite');
    const value = args.words.find((word) => word.text !== 'overwrite');
    const number = value === undefined ? 0 : readInteger(args, value, { min: -254, max: 254 });
    return number === undefined ? undefined : { value: number, overwrite };
  },
};

/** One or more numbers of CPUs. */
export const cpus: Type<readonly number[]> = {
  syntax: 'CPU …',
  parse: (args) => {
    if (args.words.length === 0)
      return reject(args, undefined, 'its argument is missing: expected numbers of CPUs');
    const numbers = args.words.flatMap((word) => readInteger(args, word, { min: 0, max: 1023 }) ?? []);
    return numbers.length === args.words.length ? numbers : undefined;
  },
};

/** A line that is one name. */
export const nameLine: Type<string> = {
  syntax: 'NAME',
  parse: (args) => words(args.text)[0]?.text,
};
