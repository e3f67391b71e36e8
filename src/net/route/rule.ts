/** Policy routing rules in rtnetlink's bytes: struct fib_rule_hdr and FRA_* of linux/fib_rules.h. */
import { type Family, formatAddress, parseAddress } from '../address.js';
import { AF_INET, AF_INET6 } from '../linux.js';
import { decodeAttributes, encodeBody, numberOf, text, textOf, u8, u16, u32 } from './message.js';
import type { Prefix } from './route.js';

export type RuleAction =
  | { readonly kind: 'lookup'; readonly table: number }
  | { readonly kind: 'goto'; readonly priority: number }
  | { readonly kind: 'nop' | 'blackhole' | 'unreachable' | 'prohibit' };

/** Inclusive. */
export type PortRange = { readonly from: number; readonly to: number };

/** A rule to be made. */
export type RuleSpec = {
  readonly family: Family;
  readonly not: boolean;
  readonly from?: Prefix;
  readonly to?: Prefix;
  readonly iif?: string;
  readonly oif?: string;
  readonly fwmark?: { readonly mark: number; readonly mask: number };
  readonly tos: number;
  readonly action: RuleAction;
  readonly priority: number;
  readonly suppressPrefixLength?: number;
  readonly ipProto?: number;
  readonly sourcePorts?: PortRange;
  readonly destinationPorts?: PortRange;
};

/** What of a rule the kernel tells that is needed to know it again. */
export type KernelRule = {
  readonly family: Family;
  readonly not: boolean;
  readonly from: Prefix | undefined;
  readonly to: Prefix | undefined;
  readonly iif: string | undefined;
  readonly oif: string | undefined;
  readonly mark: number | undefined;
  readonly mask: number | undefined;
  readonly tos: number;
  readonly table: number;
  readonly priority: number;
  readonly action: number;
  /** Where `goto` leads. */
  readonly target: number | undefined;
  readonly suppressPrefixLength: number | undefined;
  readonly ipProto: number | undefined;
  readonly sourcePorts: PortRange | undefined;
  readonly destinationPorts: PortRange | undefined;
  /** It has a condition that no RuleSpec can have: user ids, tunnel id, VRF … */
  readonly foreign: boolean;
};

const FIB_RULE_HDR = 12;
const FIB_RULE_INVERT = 2;
const FR_ACT = { lookup: 1, goto: 2, nop: 3, blackhole: 6, unreachable: 7, prohibit: 8 } as const;
const FRA = {
  DST: 1,
  SRC: 2,
  IIFNAME: 3,
  GOTO: 4,
  PRIORITY: 6,
  FWMARK: 10,
  FLOW: 11,
  TUN_ID: 12,
  SUPPRESS_IFGROUP: 13,
  SUPPRESS_PREFIXLEN: 14,
  TABLE: 15,
  FWMASK: 16,
  OIFNAME: 17,
  L3MDEV: 19,
  UID_RANGE: 20,
  IP_PROTO: 22,
  SPORT_RANGE: 23,
  DPORT_RANGE: 24,
} as const;
/** What the kernel tells of only where it is set, and is never asked for here. */
const FOREIGN = [FRA.FLOW, FRA.TUN_ID, FRA.SUPPRESS_IFGROUP, FRA.L3MDEV, FRA.UID_RANGE];
// fib_rules.c: -1 is none.
const NO_SUPPRESSION = 0xffffffff;

/** The body of RTM_NEWRULE and RTM_DELRULE. */
export function encodeRule(rule: RuleSpec): Uint8Array {
  const { action, fwmark } = rule;
  return encodeBody(encodeStruct(rule), [
    [FRA.SRC, prefixBytes(rule.from)],
    [FRA.DST, prefixBytes(rule.to)],
    [FRA.IIFNAME, given(rule.iif, text)],
    [FRA.OIFNAME, given(rule.oif, text)],
    [FRA.FWMARK, given(fwmark?.mark, u32)],
    [FRA.FWMASK, given(fwmark?.mask, u32)],
    [FRA.TABLE, action.kind === 'lookup' ? u32(action.table) : undefined],
    [FRA.GOTO, action.kind === 'goto' ? u32(action.priority) : undefined],
    [FRA.PRIORITY, u32(rule.priority)],
    [FRA.SUPPRESS_PREFIXLEN, given(rule.suppressPrefixLength, u32)],
    [FRA.IP_PROTO, given(rule.ipProto, u8)],
    [FRA.SPORT_RANGE, given(rule.sourcePorts, encodeRange)],
    [FRA.DPORT_RANGE, given(rule.destinationPorts, encodeRange)],
  ]);
}

/** The rule of an RTM_NEWRULE or RTM_DELRULE; undefined when it is of no IP family. */
export function decodeRule(data: Buffer): KernelRule | undefined {
  const [af, toLength = 0, fromLength = 0, tos = 0, table = 0, , , action = 0] = data;
  const family = af === AF_INET ? 'ipv4' : af === AF_INET6 ? 'ipv6' : undefined;
  if (family === undefined || data.length < FIB_RULE_HDR) return undefined;
  const attributes = decodeAttributes(data.subarray(FIB_RULE_HDR));
  return {
    family,
    not: (data.readUInt32LE(8) & FIB_RULE_INVERT) !== 0,
    from: prefixOf(attributes.get(FRA.SRC), fromLength),
    to: prefixOf(attributes.get(FRA.DST), toLength),
    iif: given(attributes.get(FRA.IIFNAME), textOf),
    oif: given(attributes.get(FRA.OIFNAME), textOf),
    mark: numberOf(attributes.get(FRA.FWMARK)),
    mask: numberOf(attributes.get(FRA.FWMASK)),
    tos,
    table: numberOf(attributes.get(FRA.TABLE)) ?? table,
    priority: numberOf(attributes.get(FRA.PRIORITY)) ?? 0,
    action,
    target: numberOf(attributes.get(FRA.GOTO)),
    suppressPrefixLength: suppressionOf(attributes.get(FRA.SUPPRESS_PREFIXLEN)),
    ipProto: numberOf(attributes.get(FRA.IP_PROTO)),
    sourcePorts: given(attributes.get(FRA.SPORT_RANGE), decodeRange),
    destinationPorts: given(attributes.get(FRA.DPORT_RANGE), decodeRange),
    foreign: FOREIGN.some((each) => attributes.has(each)),
  };
}

/** Whether the kernel's rule is the one asked for: the same condition and the same action. */
export function isRule(found: KernelRule, wanted: RuleSpec): boolean {
  return (
    found.family === wanted.family &&
    !found.foreign &&
    sameTraffic(found, wanted) &&
    sameAction(found, wanted) &&
    found.priority === wanted.priority
  );
}

function sameTraffic(found: KernelRule, wanted: RuleSpec): boolean {
  return (
    found.not === wanted.not &&
    samePrefix(found.from, wanted.from) &&
    samePrefix(found.to, wanted.to) &&
    found.iif === wanted.iif &&
    found.oif === wanted.oif &&
    // The kernel tells of no mark 0, and of no mask that goes with none.
    (found.mark ?? 0) === (wanted.fwmark?.mark ?? 0) &&
    (found.mask ?? 0) === (wanted.fwmark?.mask ?? 0) &&
    found.tos === wanted.tos &&
    (found.ipProto ?? 0) === (wanted.ipProto ?? 0) &&
    sameRange(found.sourcePorts, wanted.sourcePorts) &&
    sameRange(found.destinationPorts, wanted.destinationPorts)
  );
}

function sameAction(found: KernelRule, { action, suppressPrefixLength }: RuleSpec): boolean {
  return (
    found.action === FR_ACT[action.kind] &&
    (action.kind !== 'lookup' || found.table === action.table) &&
    (action.kind !== 'goto' || found.target === action.priority) &&
    found.suppressPrefixLength === suppressPrefixLength
  );
}

function encodeStruct({ family, from, to, tos, action, not }: RuleSpec): Uint8Array {
  const struct = Buffer.alloc(FIB_RULE_HDR);
  struct.set([
    family === 'ipv4' ? AF_INET : AF_INET6,
    to?.prefixLength ?? 0,
    from?.prefixLength ?? 0,
    tos,
    action.kind === 'lookup' && action.table < 256 ? action.table : 0,
  ]);
  struct[7] = FR_ACT[action.kind];
  struct.writeUInt32LE(not ? FIB_RULE_INVERT : 0, 8);
  return struct;
}

function given<T, R>(value: T | undefined, encode: (value: T) => R): R | undefined {
  return value === undefined ? undefined : encode(value);
}

function encodeRange({ from, to }: PortRange): Uint8Array {
  return Buffer.concat([u16(from), u16(to)]);
}

/** struct fib_rule_port_range */
function decodeRange(bytes: Buffer): PortRange {
  return { from: bytes.readUInt16LE(0), to: bytes.readUInt16LE(2) };
}

function sameRange(a: PortRange | undefined, b: PortRange | undefined): boolean {
  return a?.from === b?.from && a?.to === b?.to;
}

function suppressionOf(bytes: Buffer | undefined): number | undefined {
  const length = numberOf(bytes);
  return length === NO_SUPPRESSION ? undefined : length;
}

/** A prefix of length 0 is all addresses: the kernel wants none then. */
function prefixBytes(prefix: Prefix | undefined): Uint8Array | undefined {
  return prefix === undefined || prefix.prefixLength === 0 ? undefined : parseAddress(prefix.address);
}

function prefixOf(bytes: Buffer | undefined, prefixLength: number): Prefix | undefined {
  return bytes === undefined ? undefined : { address: formatAddress(bytes), prefixLength };
}

function samePrefix(a: Prefix | undefined, b: Prefix | undefined): boolean {
  const all = (prefix: Prefix | undefined) => prefix === undefined || prefix.prefixLength === 0;
  if (all(a) || all(b)) return all(a) === all(b);
  return a?.address === b?.address && a?.prefixLength === b?.prefixLength;
}
