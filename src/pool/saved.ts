/** What the manager leaves for its successor, as JSON: the health it knew and the kernel services it owns. */
import type { Destination, Forwarding, ServiceKey } from '../ipvs/table.js';
import { type Drain, type Leaving, leavingDestination } from './drain.js';
import type { AgentState, CheckerMemory, PoolMemory, ServerMemory } from './memory.js';

export type Saved = {
  readonly version: 1;
  /** Services in the kernel that are lvsd's: those no longer configured are its to remove. */
  readonly owned: readonly ServiceKey[];
  /** There is a table of admissions in nftables. */
  readonly admits: boolean;
  readonly virtualServers: readonly ({ readonly id: string } & PoolMemory)[];
};

/** Raised by parseSaved: says where in the data something else was expected. */
export class SavedStateError extends Error {
  override readonly name = 'SavedStateError';
}

/** Checks data read from a state file, which may be of another version, cut short or edited. Throws SavedStateError. */
export function parseSaved(data: unknown): Saved {
  const saved = object(data, 'state');
  if (saved.version !== 1) throw new SavedStateError(`state.version ${String(saved.version)}: expected 1`);
  return {
    version: 1,
    owned: list(saved.owned, 'state.owned', serviceKey),
    admits: saved.admits === undefined ? false : boolean(saved.admits, 'state.admits'),
    virtualServers: list(saved.virtualServers, 'state.virtualServers', virtualServer),
  };
}

const FAMILIES = ['ipv4', 'ipv6'] as const;

type Fields = Readonly<Record<string, unknown>>;
type Parse<T> = (value: unknown, where: string) => T;

function virtualServer(value: unknown, where: string): { readonly id: string } & PoolMemory {
  const fields = object(value, where);
  return {
    id: string(fields.id, `${where}.id`),
    quorumUp: boolean(fields.quorumUp, `${where}.quorumUp`),
    quorumSince: number(fields.quorumSince, `${where}.quorumSince`),
    servers: list(fields.servers, `${where}.servers`, server),
    ...(fields.leaving !== undefined && { leaving: list(fields.leaving, `${where}.leaving`, leaving) }),
  };
}

function server(value: unknown, where: string): ServerMemory {
  const fields = object(value, where);
  return {
    id: string(fields.id, `${where}.id`),
    up: boolean(fields.up, `${where}.up`),
    since: number(fields.since, `${where}.since`),
    announced: boolean(fields.announced, `${where}.announced`),
    checkers: list(fields.checkers, `${where}.checkers`, checker),
    ...(fields.ramp !== undefined && { ramp: span(fields.ramp, `${where}.ramp`) }),
    ...(fields.drain !== undefined && { drain: drain(fields.drain, `${where}.drain`) }),
    ...(fields.agent !== undefined && { agent: agent(fields.agent, `${where}.agent`) }),
  };
}

function agent(value: unknown, where: string): AgentState {
  const fields = object(value, where);
  return {
    percent: number(fields.percent, `${where}.percent`),
    mode: oneOf(fields.mode, ['ready', 'drain', 'maint'] as const, `${where}.mode`),
  };
}

function span(value: unknown, where: string): { readonly since: number; readonly until: number } {
  const fields = object(value, where);
  return {
    since: number(fields.since, `${where}.since`),
    until: number(fields.until, `${where}.until`),
  };
}

function drain(value: unknown, where: string): Drain {
  const fields = object(value, where);
  const kind = oneOf(fields.kind, ['draining', 'drained'] as const, `${where}.kind`);
  if (kind === 'draining') return { kind, ...span(value, where) };
  return { kind, since: number(fields.since, `${where}.since`) };
}

function leaving(value: unknown, where: string): Leaving {
  const fields = object(value, where);
  return {
    id: string(fields.id, `${where}.id`),
    ...span(value, where),
    destination: destination(fields.destination, `${where}.destination`),
  };
}

function destination(value: unknown, where: string): Destination {
  const fields = object(value, where);
  return leavingDestination({
    family: oneOf(fields.family, FAMILIES, `${where}.family`),
    address: string(fields.address, `${where}.address`),
    port: number(fields.port, `${where}.port`),
    forwarding: forwarding(fields.forwarding, `${where}.forwarding`),
    weight: 0,
    upperThreshold: 0,
    lowerThreshold: 0,
  });
}

function forwarding(value: unknown, where: string): Forwarding {
  const fields = object(value, where);
  const method = oneOf(fields.method, ['nat', 'dr', 'local', 'bypass', 'tun'] as const, `${where}.method`);
  if (method !== 'tun') return { method };
  const tunnel = object(fields.tunnel, `${where}.tunnel`);
  return {
    method,
    tunnel: {
      type: oneOf(tunnel.type, ['ipip', 'gue', 'gre'] as const, `${where}.tunnel.type`),
      port: number(tunnel.port, `${where}.tunnel.port`),
      checksum: oneOf(tunnel.checksum, ['none', 'csum', 'remcsum'] as const, `${where}.tunnel.checksum`),
    },
  };
}

function checker(value: unknown, where: string): CheckerMemory {
  const fields = object(value, where);
  return {
    id: string(fields.id, `${where}.id`),
    up: boolean(fields.up, `${where}.up`),
    tested: boolean(fields.tested, `${where}.tested`),
    reason: string(fields.reason, `${where}.reason`),
    since: number(fields.since, `${where}.since`),
  };
}

function serviceKey(value: unknown, where: string): ServiceKey {
  const fields = object(value, where);
  const kind = oneOf(fields.kind, ['address', 'fwmark'] as const, `${where}.kind`);
  const family = oneOf(fields.family, FAMILIES, `${where}.family`);
  if (kind === 'fwmark') return { kind, family, fwmark: number(fields.fwmark, `${where}.fwmark`) };
  return {
    kind,
    family,
    protocol: oneOf(fields.protocol, ['tcp', 'udp', 'sctp'] as const, `${where}.protocol`),
    address: string(fields.address, `${where}.address`),
    port: number(fields.port, `${where}.port`),
  };
}

function object(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw expected(where, value, 'an object');
}

function list<T>(value: unknown, where: string, parse: Parse<T>): T[] {
  if (!Array.isArray(value)) throw expected(where, value, 'a list');
  return value.map((entry, index) => parse(entry, `${where}[${index}]`));
}

function string(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  throw expected(where, value, 'a string');
}

function boolean(value: unknown, where: string): boolean {
  if (typeof value === 'boolean') return value;
  throw expected(where, value, 'true or false');
}

function number(value: unknown, where: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw expected(where, value, 'a number from 0');
}

function oneOf<T extends string>(value: unknown, words: readonly T[], where: string): T {
  const word = words.find((known) => known === value);
  if (word !== undefined) return word;
  throw expected(where, value, words.join(' or '));
}

function expected(where: string, value: unknown, what: string): SavedStateError {
  return new SavedStateError(`${where} ${JSON.stringify(value)?.slice(0, 40)}: expected ${what}`);
}
