/**
 * Virtual servers with `overflow sessions`: the marks of their two services, and that those that share a session space agree on it.
 * A mark follows from the virtual server's name, not from its place in the file: it stays over reloads, and is the same on both
 * directors, which exchange connections by it.
 */
import type { ServiceKey } from '../../ipvs/table.js';
import type { Family } from '../../net/address.js';
import { isName, type SessionSpace } from '../../nft/admission.js';
import type { VirtualServerConfig } from '../../pool/config.js';
import type { OverflowSetting } from '../types/lvs.js';
import type { VirtualServerEntry } from './service.js';
import { type Defaults, errorAt } from './values.js';

export type Placed = { readonly virtualServer: VirtualServerConfig; readonly entry: VirtualServerEntry };

export const DEFAULT_START_MARK = 1000;
/** Pairs of marks, from the first one on. */
const PAIRS = 32_768;

const DEFAULT_TIMEOUT_MS = 360_000;

type AddressKey = Extract<ServiceKey, { readonly kind: 'address' }>;

/** The session space as one virtual server asks for it. */
export function sessionSpace(
  { sessions, timeoutMs, space }: Extract<OverflowSetting, { readonly mode: 'sessions' }>,
  { id, persistence }: Pick<VirtualServerConfig, 'id' | 'persistence'>,
  family: Family,
): SessionSpace {
  return {
    name: space ?? nameOf(id),
    family,
    prefixLength: persistence?.prefixLength ?? (family === 'ipv4' ? 32 : 128),
    size: sessions,
    timeoutMs: timeoutMs ?? (persistence === undefined ? DEFAULT_TIMEOUT_MS : persistence.timeoutS * 1000),
  };
}

/** `10.0.0.100:80 tcp` → `10.0.0.100_80_tcp`. */
export function nameOf(id: string): string {
  return id.replace(/[[\]]/g, '').replace(/[^A-Za-z0-9_.-]/g, '_');
}

/** The virtual servers with their marks in place of their addresses. `start`: the first mark there is to choose from. */
export function assignMarks(
  placed: readonly Placed[],
  start: number,
  defaults: Defaults,
): readonly VirtualServerConfig[] {
  const taken = new Set(placed.flatMap(({ virtualServer }) => virtualServer.services).flatMap(markOf));
  const spaces = new Map<string, SessionSpace>();
  const names = new Map<string, string>();
  return placed.map(({ virtualServer, entry }) => {
    const { overflow, id, services } = virtualServer;
    if (overflow?.mode !== 'sessions') return virtualServer;
    const fault = disagreement(overflow.space, spaces) ?? nameFault(id, names);
    const place = entry.value.values.overflow?.[0];
    if (fault !== undefined && place !== undefined) {
      errorAt(defaults, { statement: place.statement }, fault);
      return virtualServer;
    }
    const pair = choosePair(id, start, taken);
    return withMarks(virtualServer, services.filter(isAddress), pair, overflow);
  });
}

function withMarks(
  virtualServer: VirtualServerConfig,
  keys: readonly AddressKey[],
  poolMark: number,
  overflow: Extract<VirtualServerConfig['overflow'], { readonly mode: 'sessions' }>,
): VirtualServerConfig {
  const { family } = overflow.space;
  const endpoints = keys.map(({ address, port }) => ({ address, port }));
  const sorryMark = poolMark + 1;
  return {
    ...virtualServer,
    services: [poolMark, sorryMark].map((fwmark) => ({ kind: 'fwmark', family, fwmark })),
    overflow: { ...overflow, service: { ...overflow.service, endpoints, poolMark, sorryMark } },
  };
}

function disagreement(space: SessionSpace, spaces: Map<string, SessionSpace>): string | undefined {
  const first = spaces.get(space.name);
  if (first === undefined) {
    spaces.set(space.name, space);
    return undefined;
  }
  const differs = (['family', 'size', 'timeoutMs', 'prefixLength'] as const).find(
    (field) => first[field] !== space[field],
  );
  if (differs === undefined) return undefined;
  const what = {
    family: 'family',
    size: 'number',
    timeoutMs: 'timeout',
    prefixLength: 'persistence_granularity',
  };
  return `the space "${space.name}" has another ${what[differs]} in a virtual_server before: expected the same in all, or a space of its own`;
}

/** Names of groups may read the same once they are written as nftables takes them. */
function nameFault(id: string, names: Map<string, string>): string | undefined {
  const name = nameOf(id);
  const other = names.get(name);
  names.set(name, id);
  if (!isName(name)) return `"${id}" is too long a name for nftables`;
  if (other === undefined || other === id) return undefined;
  return `"${id}" and "${other}" have the same name in nftables, ${name}: rename one of the groups`;
}

function choosePair(id: string, start: number, taken: Set<number>): number {
  const first = hash(id) % PAIRS;
  for (let tried = 0; tried < PAIRS; tried += 1) {
    const mark = start + 2 * ((first + tried) % PAIRS);
    if (taken.has(mark) || taken.has(mark + 1)) continue;
    taken.add(mark).add(mark + 1);
    return mark;
  }
  throw new Error('more virtual servers with sessions than marks');
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return value >>> 0;
}

function isAddress(key: ServiceKey): key is AddressKey {
  return key.kind === 'address';
}

function markOf(key: ServiceKey): readonly number[] {
  return key.kind === 'fwmark' ? [key.fwmark] : [];
}
