/**
 * The wanted table in nftables' own language, one command a line: the whole of it is one transaction.
 * Its JSON form is not used to write: nft 1.0.6 refuses the flag `dynamic` of a set there.
 */
import { formatAddress } from '../net/address.js';
import type { Admission, AdmittedService, SessionSpace } from './admission.js';
import { admittedCounter, BASE_CHAIN, serviceChain, sessionSet, TABLE, turnedAwayCounter } from './names.js';
import type { TableRead } from './read-back.js';

export type RulesetOptions = {
  /** What is there. */
  readonly have: TableRead | undefined;
  /** Spaces nobody may enter for the moment, because their set is about to be replaced. */
  readonly frozen: ReadonlySet<string>;
  /** Elements of sets that are to be made anew, in place of those there are, by space. */
  readonly replaced: ReadonlyMap<string, readonly string[]>;
};

const BASE = 'type filter hook prerouting priority mangle; policy accept;';

/** Commands that make of the table what is wanted. Sessions and counters of what stays, stay. */
export function renderTable(admission: Admission, options: RulesetOptions): string {
  const { have, replaced } = options;
  const wanted = namesOf(admission);
  const lines = [
    `add table inet ${TABLE}`,
    ...ofTable(have, (table) => clearChains(table, wanted.chains)),
    ...ofTable(have, ({ sets }) =>
      sets
        .filter(({ name, family }) => wanted.sets.get(name)?.family !== family || isReplaced(name))
        .map(({ name }) => `delete set inet ${TABLE} ${name}`),
    ),
    ...ofTable(have, ({ counters }) =>
      [...counters.keys()]
        .filter((name) => !wanted.counters.has(name))
        .map((name) => `delete counter inet ${TABLE} ${name}`),
    ),
    ...[...wanted.counters].map((name) => `add counter inet ${TABLE} ${name}`),
    ...admission.spaces.flatMap((space) =>
      setCommands(sizedAsItIs(space, options), replaced.get(space.name) ?? []),
    ),
    ...[...wanted.chains].map((name) => `add chain inet ${TABLE} ${name}`),
    ...admission.services.flatMap((service) => serviceRules(service, admission, options.frozen)),
    `add chain inet ${TABLE} ${BASE_CHAIN} { ${BASE} }`,
    ...dispatchRules(admission),
  ];
  return `${lines.join('\n')}\n`;

  function isReplaced(set: string): boolean {
    return [...replaced.keys()].some((space) => sessionSet(space) === set);
  }
}

/** The command that removes everything. */
export const REMOVE_TABLE = `delete table inet ${TABLE}\n`;

/** `ip saddr`, or the part of it that counts. */
export function clientKey({ family, prefixLength }: SessionSpace): string {
  const bytes = family === 'ipv4' ? 4 : 16;
  const field = family === 'ipv4' ? 'ip saddr' : 'ip6 saddr';
  return prefixLength === 8 * bytes ? field : `${field} & ${formatAddress(mask(prefixLength, bytes))}`;
}

function ofTable<T>(have: TableRead | undefined, list: (table: TableRead) => readonly T[]): readonly T[] {
  return have === undefined ? [] : list(have);
}

function namesOf({ spaces, services }: Admission) {
  return {
    sets: new Map(spaces.map((space) => [sessionSet(space.name), space])),
    counters: new Set(services.flatMap(({ name }) => [admittedCounter(name), turnedAwayCounter(name)])),
    chains: new Set(services.map(({ name }) => serviceChain(name))),
  };
}

/** Chains that stay are emptied and filled again, which for packets is one step. */
function clearChains({ chains }: TableRead, wanted: ReadonlySet<string>): readonly string[] {
  const stale = chains.filter(({ name, base }) =>
    name === BASE_CHAIN ? base !== EXPECTED_BASE : base !== undefined || !wanted.has(name),
  );
  return [
    ...chains.map(({ name }) => `flush chain inet ${TABLE} ${name}`),
    ...stale.map(({ name }) => `delete chain inet ${TABLE} ${name}`),
  ];
}

/** How BASE reads back, see TableRead. */
export const EXPECTED_BASE = 'filter prerouting -150 accept';

/**
 * A set that stays keeps its size. Linux from 6.5 would change it in place: below the number of its sessions that lets everybody in,
 * as nft_dynset looks for a set that is exactly full.
 */
function sizedAsItIs(space: SessionSpace, { have, replaced }: RulesetOptions): SessionSpace {
  const set = have?.sets.find(
    ({ name, family }) => name === sessionSet(space.name) && family === space.family,
  );
  return set === undefined || replaced.has(space.name) ? space : { ...space, size: set.size };
}

function setCommands({ name, family, size }: SessionSpace, elements: readonly string[]): readonly string[] {
  const set = sessionSet(name);
  // Without gc-interval ended sessions would hold their places until the next round a while later.
  const definition = `type ${family}_addr; size ${size}; flags dynamic,timeout; gc-interval 1s;`;
  const add = `add set inet ${TABLE} ${set} { ${definition} }`;
  return elements.length === 0 ? [add] : [add, `add element inet ${TABLE} ${set} { ${elements.join(', ')} }`];
}

/**
 * A client in the set goes to the pool with every packet and is renewed by it. Only what begins a connection may take a place: a
 * packet of a connection that is at the sorry server must not.
 */
function serviceRules(
  service: AdmittedService,
  { spaces }: Admission,
  frozen: ReadonlySet<string>,
): readonly string[] {
  const space = spaces.find(({ name }) => name === service.space);
  if (space === undefined) throw new Error(`service "${service.name}": no session space "${service.space}"`);
  const { name, poolMark, sorryMark, door } = service;
  const key = clientKey(space);
  const set = `@${sessionSet(space.name)}`;
  const isMember = key.includes('&') ? `${key} == ${set}` : `${key} ${set}`;
  const hold = `update ${set} { ${key} timeout ${timeText(space.timeoutMs)} }`;
  const begins = beginning(service);
  const toPool = `meta mark set ${poolMark} return`;
  const rules = [
    door === 'shut' ? `${isMember} ${hold}` : `${isMember} ${hold} ${toPool}`,
    ...(door === 'open' && !frozen.has(space.name)
      ? [`${begins}${hold} counter name ${admittedCounter(name)} ${toPool}`]
      : []),
    `meta mark set ${sorryMark}`,
    `${begins}counter name ${turnedAwayCounter(name)}`,
  ];
  return rules.map((rule) => `add rule inet ${TABLE} ${serviceChain(name)} ${rule}`);
}

function timeText(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${Math.round(ms)}ms`;
}

/** Which packets begin something. Only TCP says so; of others, each may. */
function beginning({ protocol }: AdmittedService): string {
  return protocol === 'tcp' ? 'tcp flags & (fin|syn|rst|ack) == syn ' : '';
}

/** One look-up a packet, however many addresses there are; those with a port before those for every port. */
function dispatchRules({ spaces, services }: Admission): readonly string[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const own = services.filter((service) => familyOfSpace(service) === family);
    const field = family === 'ipv4' ? 'ip daddr' : 'ip6 daddr';
    const withPort = own.flatMap((service) => entries(service, ({ port }) => port !== 0));
    const everyPort = own.flatMap((service) => entries(service, ({ port }) => port === 0));
    return [
      ...vmap(`${field} . meta l4proto . th dport`, withPort),
      ...vmap(`${field} . meta l4proto`, everyPort),
    ];
  });

  function familyOfSpace(service: AdmittedService) {
    return spaces.find(({ name }) => name === service.space)?.family;
  }
}

function entries(
  { name, protocol, endpoints }: AdmittedService,
  chosen: (endpoint: AdmittedService['endpoints'][number]) => boolean,
): readonly string[] {
  return endpoints.filter(chosen).map(({ address, port }) => {
    const key = port === 0 ? `${address} . ${protocol}` : `${address} . ${protocol} . ${port}`;
    return `${key} : goto ${serviceChain(name)}`;
  });
}

function vmap(key: string, elements: readonly string[]): readonly string[] {
  if (elements.length === 0) return [];
  return [`add rule inet ${TABLE} ${BASE_CHAIN} ${key} vmap { ${elements.join(', ')} }`];
}

function mask(prefixLength: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => {
    const bits = Math.min(8, Math.max(0, prefixLength - 8 * index));
    return (0xff << (8 - bits)) & 0xff;
  });
}
