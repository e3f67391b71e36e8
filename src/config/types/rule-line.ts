/** A line of virtual_rules or static_rules. */
import type { Family } from '../../net/address.js';
import type { PortRange, RuleAction } from '../../net/route/rule.js';
import type { RuleConfig } from '../../vrrp/place/network-config.js';
import { type Arguments, reject } from '../arguments.js';
import type { Type } from '../keyword.js';
import { type Word, words } from '../lexer.js';
import { lookup as find } from '../lookup.js';
import { readPrefix } from './address.js';
import { Cursor, named, plain } from './cursor.js';
import { BYTE, type Mutable, readTable, readTos, trackGroup, WORD32, wholePrefix } from './iproute.js';

/** A line without a priority is numbered with all the others of the file. */
export type RuleLine = Omit<RuleConfig, 'priority'> & Partial<Pick<RuleConfig, 'priority'>>;

export const ruleLine: Type<RuleLine> = {
  syntax:
    '[not] [from ADDRESS[/LENGTH]] [to ADDRESS[/LENGTH]] [iif INTERFACE] [oif INTERFACE] [fwmark N[/MASK]] [tos T] [ipproto P] [sport N[-N]] [dport N[-N]] [table T | goto N | nop | blackhole | prohibit | unreachable] [priority | pref N] [suppress_prefixlength N] [no_track]',
  parse: (args) => {
    const cursor = new Cursor({ ...args, keyword: 'rule' }, words(args.text));
    const state: RuleState = { family: undefined, fields: {} };
    for (let word = cursor.next(); word !== undefined; word = cursor.next()) {
      const read = find(RULE_WORDS, word.text);
      if (read === undefined) cursor.refuse(word, 'is no word of a rule line that lvsd knows');
      else read(cursor, state);
    }
    if (cursor.failed) return undefined;
    const { action } = state;
    if (action === undefined)
      return reject(cursor.args, undefined, 'expected what it does: table T, goto N, nop, blackhole, …');
    return { track: true, not: false, tos: 0, ...state.fields, family: state.family ?? 'ipv4', action };
  },
};

type RuleState = {
  family: Family | undefined;
  action?: RuleAction;
  readonly fields: Partial<Mutable<RuleConfig>>;
};

const RULE_WORDS: Readonly<Record<string, (cursor: Cursor, state: RuleState) => void>> = {
  inet: ruleFamily('ipv4'),
  inet6: ruleFamily('ipv6'),
  not: (_cursor, { fields }) => {
    fields.not = true;
  },
  from: selector('from'),
  to: selector('to'),
  dev: ruleText('iif'),
  iif: ruleText('iif'),
  oif: ruleText('oif'),
  table: lookup,
  lookup,
  goto: (cursor, state) => {
    const priority = cursor.value(named({}, WORD32), 'the priority of a rule');
    if (priority !== undefined) state.action = { kind: 'goto', priority };
  },
  nop: bare('nop'),
  blackhole: bare('blackhole'),
  prohibit: bare('prohibit'),
  unreachable: bare('unreachable'),
  type: (cursor, state) => {
    const kind = cursor.value(readRuleType, 'blackhole, prohibit or unreachable');
    if (kind !== undefined) state.action = { kind };
  },
  pref: ruleNumber('priority', named({}, WORD32)),
  preference: ruleNumber('priority', named({}, WORD32)),
  order: ruleNumber('priority', named({}, WORD32)),
  priority: ruleNumber('priority', named({}, WORD32)),
  tos: ruleNumber('tos', readTos),
  dsfield: ruleNumber('tos', readTos),
  suppress_prefixlength: ruleNumber('suppressPrefixLength', named({}, { min: 0, max: 128 })),
  sup_pl: ruleNumber('suppressPrefixLength', named({}, { min: 0, max: 128 })),
  ipproto: (cursor, { fields }) => {
    const value = cursor.value(
      named({ icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58, sctp: 132 }, BYTE),
      'a protocol',
    );
    if (value !== undefined) fields.ipProto = value;
  },
  fwmark: (cursor, { fields }) => {
    const value = cursor.value(readMark, 'a mark');
    if (value !== undefined) fields.fwmark = value;
  },
  sport: rulePorts('sourcePorts'),
  dport: rulePorts('destinationPorts'),
  no_track: (_cursor, { fields }) => {
    fields.track = false;
  },
  track_group: trackGroup,
};

function ruleFamily(family: Family): (cursor: Cursor, state: RuleState) => void {
  return (_cursor, state) => {
    state.family = family;
  };
}

function selector(key: 'from' | 'to'): (cursor: Cursor, state: RuleState) => void {
  return (cursor, state) => {
    if (cursor.accept('all', 'any', 'default')) return;
    const prefix = cursor.value(readPrefix, 'an address');
    if (prefix === undefined) return;
    state.family ??= prefix.family;
    state.fields[key] = wholePrefix(prefix);
  };
}

function ruleText(key: 'iif' | 'oif'): (cursor: Cursor, state: RuleState) => void {
  return (cursor, { fields }) => {
    const name = cursor.value(plain, 'an interface');
    if (name !== undefined) fields[key] = name;
  };
}

function ruleNumber(
  key: 'priority' | 'tos' | 'suppressPrefixLength',
  read: (args: Arguments, word: Word) => number | undefined,
): (cursor: Cursor, state: RuleState) => void {
  return (cursor, { fields }) => {
    const value = cursor.value(read, 'a number');
    if (value !== undefined) fields[key] = value;
  };
}

function rulePorts(key: 'sourcePorts' | 'destinationPorts'): (cursor: Cursor, state: RuleState) => void {
  return (cursor, { fields }) => {
    const value = cursor.value(readPorts, 'a port or a range of ports');
    if (value !== undefined) fields[key] = value;
  };
}

function lookup(cursor: Cursor, state: RuleState): void {
  const table = cursor.value(readTable, 'a table');
  if (table !== undefined) state.action = { kind: 'lookup', table };
}

function bare(kind: 'nop' | RuleType): (cursor: Cursor, state: RuleState) => void {
  return (_cursor, state) => {
    state.action = { kind };
  };
}

type RuleType = 'blackhole' | 'prohibit' | 'unreachable';

function readRuleType(args: Arguments, word: Word): RuleType | undefined {
  const kinds = ['blackhole', 'prohibit', 'unreachable'] as const;
  return (
    kinds.find((kind) => kind === word.text) ?? reject(args, word, `expected one of ${kinds.join(', ')}`)
  );
}

function readMark(args: Arguments, word: Word): { mark: number; mask: number } | undefined {
  const [mark, mask] = word.text.split('/');
  const read = (text: string) => named({}, WORD32)(args, { ...word, text });
  const value = read(mark ?? '');
  const bits = mask === undefined ? 0xffff_ffff : read(mask);
  return value === undefined || bits === undefined ? undefined : { mark: value, mask: bits };
}

function readPorts(args: Arguments, word: Word): PortRange | undefined {
  const [from = '', to = from] = word.text.split('-');
  const read = (text: string) => named({}, { min: 1, max: 65_535 })(args, { ...word, text });
  const [first, last] = [read(from), read(to)];
  if (first === undefined || last === undefined) return undefined;
  return first <= last ? { from: first, to: last } : reject(args, word, 'expected the lower port first');
}
