/** IPVS words: forwarding methods, persistence masks, protocols, kernel timeouts. */
import { type Forwarding, type Protocol, SCHEDULERS, type Tunnel } from '../../ipvs/table.js';
import { parseAddress } from '../../net/address.js';
import { type Arguments, ignoreFrom, reject, remark } from '../arguments.js';
import type { Type } from '../keyword.js';
import type { Word } from '../lexer.js';
import { lookup } from '../lookup.js';
import { PORTS } from './address.js';
import { one, oneOf, readInteger, readSeconds } from './basic.js';

export const scheduler = oneOf(SCHEDULERS);

/** In any case of letters. */
export const protocol: Type<Protocol> = {
  syntax: 'TCP | UDP | SCTP',
  parse: (args) =>
    one(args, protocol.syntax, (word) => {
      const name = word.text.toLowerCase();
      return name === 'tcp' || name === 'udp' || name === 'sctp'
        ? name
        : reject(args, word, 'expected one of TCP, UDP, SCTP');
    }),
};

/** `NAT`, `DR`, `TUN [type ipip | type gue port N | type gre] [nocsum | csum | remcsum]`. */
export const forwarding: Type<Forwarding> = {
  syntax: 'NAT | DR | TUN [type ipip | type gue port N | type gre] [nocsum | csum | remcsum]',
  parse: (args) => {
    const [method, ...options] = args.words;
    if (method === undefined)
      return reject(args, undefined, 'its argument is missing: expected one of NAT, DR, TUN');
    if (method.text === 'NAT' || method.text === 'DR') {
      if (options[0] !== undefined) remark(args, options[0], `ignored: ${method.text} has no options`);
      return { method: method.text === 'NAT' ? 'nat' : 'dr' };
    }
    if (method.text !== 'TUN') return reject(args, method, 'expected one of NAT, DR, TUN');
    const tunnel = readTunnel(args, options);
    return tunnel && checkTunnel(args, method, tunnel);
  },
};

function readTunnel(args: Arguments, options: readonly Word[]): Tunnel | undefined {
  let tunnel: Tunnel = { type: 'ipip', port: 0, checksum: 'none' };
  for (let at = 0; at < options.length; at += 1) {
    const word = options[at];
    const next = options[at + 1];
    const change = word === undefined ? undefined : readTunnelOption(args, word, next);
    if (change === undefined) return undefined;
    if ('type' in change || 'port' in change) at += 1;
    tunnel = { ...tunnel, ...change };
  }
  return tunnel;
}

const CHECKSUMS: Readonly<Record<string, Tunnel['checksum']>> = {
  nocsum: 'none',
  csum: 'csum',
  remcsum: 'remcsum',
};

function readTunnelOption(args: Arguments, word: Word, next: Word | undefined): Partial<Tunnel> | undefined {
  const checksum = lookup(CHECKSUMS, word.text);
  if (checksum !== undefined) return { checksum };
  if (word.text === 'type') {
    const type = (['ipip', 'gue', 'gre'] as const).find((name) => name === next?.text);
    return type === undefined ? reject(args, next, 'expected type ipip, type gue or type gre') : { type };
  }
  if (word.text === 'port') {
    if (next === undefined) return reject(args, undefined, 'expected a port number');
    const port = readInteger(args, next, PORTS);
    return port === undefined ? undefined : { port };
  }
  return reject(args, word, 'expected type, port, nocsum, csum or remcsum');
}

function checkTunnel(args: Arguments, method: Word, tunnel: Tunnel): Forwarding | undefined {
  const { type, port, checksum } = tunnel;
  if (type === 'gue' && port === 0) return reject(args, method, 'type gue needs port N');
  if (type !== 'gue' && port !== 0) return reject(args, method, `type ${type} has no port`);
  if (type === 'ipip' && checksum !== 'none') return reject(args, method, `type ipip has no ${checksum}`);
  if (type === 'gre' && checksum === 'remcsum') return reject(args, method, 'type gre has no remcsum');
  return { method: 'tun', tunnel };
}

/** How many leading bits of a client's address share a template. */
export type Granularity = { readonly prefixLength: number; readonly family: 'ipv4' | 'ipv6' };

/** An IPv4 network mask, or an IPv6 prefix length. */
export const granularity: Type<Granularity> = {
  syntax: 'MASK | N 1–128',
  parse: (args) =>
    one(args, granularity.syntax, (word) => {
      if (!word.text.includes('.')) {
        const prefixLength = readInteger(args, word, { min: 1, max: 128 });
        return prefixLength === undefined ? undefined : { prefixLength, family: 'ipv6' };
      }
      const prefixLength = maskLength(word.text);
      if (prefixLength === undefined)
        return reject(args, word, 'expected a network mask such as 255.255.255.0');
      return { prefixLength, family: 'ipv4' };
    }),
};

function maskLength(mask: string): number | undefined {
  const bits = Array.from(parseAddress(mask) ?? [], (byte) => byte.toString(2).padStart(8, '0')).join('');
  return /^1+0*$/.test(bits) && bits.length === 32 ? bits.lastIndexOf('1') + 1 : undefined;
}

export type LvsTimeouts = { readonly tcpS?: number; readonly tcpFinS?: number; readonly udpS?: number };

const TIMEOUTS = { tcp: 'tcpS', tcpfin: 'tcpFinS', udp: 'udpS' } as const;
/** 31 days, the kernel's limit. */
const LONGEST_S = 2_678_400;

export const lvsTimeouts: Type<LvsTimeouts> = {
  syntax: `[tcp SECONDS] [tcpfin SECONDS] [udp SECONDS], each 0–${LONGEST_S}`,
  parse: (args) => {
    let timeouts: LvsTimeouts = {};
    if (args.words.length === 0)
      return reject(args, undefined, 'its argument is missing: expected tcp, tcpfin or udp');
    for (let at = 0; at < args.words.length; at += 2) {
      const [name, value] = args.words.slice(at, at + 2);
      const field = Object.entries(TIMEOUTS).find(([word]) => word === name?.text)?.[1];
      if (field === undefined) return reject(args, name, 'expected tcp, tcpfin or udp');
      if (value === undefined) return reject(args, undefined, `expected seconds after ${name?.text}`);
      const seconds = readInteger(args, value, { min: 0, max: LONGEST_S });
      if (seconds === undefined) return undefined;
      timeouts = { ...timeouts, [field]: seconds };
    }
    return timeouts;
  },
};

/** Bare: everything; VS: services only. */
export const flushOnStop: Type<'services' | 'all'> = {
  syntax: '[VS]',
  parse: (args) => {
    const [word] = args.words;
    if (word === undefined) return 'all';
    return word.text === 'VS' ? 'services' : reject(args, word, 'expected VS or nothing');
  },
};

/** What `overflow` says by itself; `timeoutMs` absent: the persistence time. */
export type OverflowSetting =
  | { readonly mode: 'connections' | 'quiesce' }
  | {
      readonly mode: 'sessions';
      readonly sessions: number;
      readonly timeoutMs: number | undefined;
      /** Virtual servers of one space share its sessions. */
      readonly space: string | undefined;
    };

const MOST_SESSIONS = 16_777_216;

/** `connections`, `quiesce`, `sessions N [timeout SECONDS] [space NAME]`. */
export const overflow: Type<OverflowSetting> = {
  syntax: `connections | quiesce | sessions N 1–${MOST_SESSIONS} [timeout SECONDS 1–${LONGEST_S}] [space NAME]`,
  parse: (args) => {
    const [mode] = args.words;
    if (mode?.text === 'sessions') return readSessions(args);
    if (mode?.text !== 'connections' && mode?.text !== 'quiesce') {
      const what = mode === undefined ? 'its argument is missing: ' : '';
      return reject(args, mode, `${what}expected connections, sessions N or quiesce`);
    }
    ignoreFrom(args, 1);
    return { mode: mode.text };
  },
};

const SPACE = /^[A-Za-z0-9_.-]{1,64}$/;

function readSessions(args: Arguments): OverflowSetting | undefined {
  const [, count, ...options] = args.words;
  if (count === undefined) return reject(args, undefined, 'expected the number of sessions after sessions');
  const sessions = readInteger(args, count, { min: 1, max: MOST_SESSIONS });
  if (sessions === undefined) return undefined;
  let timeoutMs: number | undefined;
  let space: string | undefined;
  for (let at = 0; at < options.length; at += 2) {
    const [option, value] = options.slice(at, at + 2);
    switch (option?.text) {
      case 'timeout':
        if (value === undefined) return reject(args, undefined, 'expected seconds after timeout');
        timeoutMs = readSeconds(args, value, { min: 1, max: LONGEST_S });
        if (timeoutMs === undefined) return undefined;
        break;
      case 'space':
        if (!SPACE.test(value?.text ?? '')) {
          return reject(args, value, 'expected a name of at most 64 letters, digits, and _ . - after space');
        }
        space = value?.text;
        break;
      default:
        return reject(args, option, 'expected timeout SECONDS, space NAME or nothing');
    }
  }
  return { mode: 'sessions', sessions, timeoutMs, space };
}
