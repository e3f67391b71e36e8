/**
 * The hold: what a director that takes over must not send before it knows the connections that it takes over – resets of its own
 * for packets of connections it does not know, and answers of real servers that IPVS did not translate. Both would end the
 * connection; held back, they are sent again by TCP. And what it must not take for another connection: a client that uses the port
 * of one that is over may have begun the next one with the old master, and its real server is another. Tables of their own, whose
 * elements expire by themselves in the kernel. Pure.
 */

/** Where clients connect to; port 0 is every port. */
export type VirtualEndpoint = { readonly address: string; readonly port: number };
/** Where real servers answer from by NAT. Without a protocol it is TCP and UDP; port 0 is every port of TCP. */
export type RealEndpoint = {
  readonly address: string;
  readonly port: number;
  readonly protocol?: 'tcp' | 'udp' | 'sctp' | undefined;
};

export type Hold = { readonly virtual: readonly VirtualEndpoint[]; readonly real: readonly RealEndpoint[] };

/** A connection of TCP that is over, and that IPVS still knows. */
export type ClosedConnection = {
  readonly client: VirtualEndpoint;
  readonly virtual: VirtualEndpoint;
};

const HOLD_TABLE = 'lvsd_handover';
const CLOSED_TABLE = 'lvsd_handover_closed';

/** The commands that remove all of it, if it is there. */
export const RELEASE = `${removal(HOLD_TABLE)}${removal(CLOSED_TABLE)}`;

const CHAINS = {
  output: 'type filter hook output priority 0; policy accept;',
  // ip_vs translates at 100 (NF_IP_PRI_NAT_SRC): what has a real server's address behind that is not its own.
  forward: 'type filter hook forward priority 150; policy accept;',
} as const;

const RESET = 'tcp flags & rst == rst';
const FAMILIES = ['4', '6'] as const;
type IpFamily = (typeof FAMILIES)[number];

type Kind = {
  readonly name: string;
  /** Where a rule for its elements is. */
  readonly chains: readonly (keyof typeof CHAINS)[];
  /** Of the elements, after the address. */
  readonly type: string;
  readonly match: (address: string, set: string) => string;
  readonly elements: (hold: Hold) => readonly (readonly [address: string, ...rest: string[]])[];
};

const KINDS: readonly Kind[] = [
  {
    name: 'virtual',
    // A real server that was taken for another one's knows nothing of the connection: its reset would end it all the same.
    chains: ['output', 'forward'],
    type: ' . inet_service',
    match: (address, set) => `${RESET} ${address} . tcp sport ${set}`,
    elements: ({ virtual }) => virtual.filter(hasPort).map(({ address, port }) => [address, `${port}`]),
  },
  {
    name: 'virtual_any',
    chains: ['output', 'forward'],
    type: '',
    match: (address, set) => `${RESET} ${address} ${set}`,
    elements: ({ virtual }) => virtual.filter((each) => !hasPort(each)).map(({ address }) => [address]),
  },
  {
    name: 'real',
    chains: ['forward'],
    type: ' . inet_proto . inet_service',
    match: (address, set) => `${address} . meta l4proto . th sport ${set}`,
    elements: ({ real }) =>
      real
        .filter(hasPort)
        .flatMap(({ address, port, protocol }) =>
          (protocol === undefined ? ['tcp', 'udp'] : [protocol]).map(
            (each) => [address, each, `${port}`] as const,
          ),
        ),
  },
  {
    name: 'real_any',
    chains: ['forward'],
    type: '',
    match: (address, set) => `meta l4proto tcp ${address} ${set}`,
    elements: ({ real }) => real.filter((each) => !hasPort(each)).map(({ address }) => [address]),
  },
];

type KindOfFamily = readonly [Kind, IpFamily];
const SETS: readonly KindOfFamily[] = KINDS.flatMap((kind) =>
  FAMILIES.map((family) => [kind, family] as const),
);

/**
 * The commands that put one in place of one there is that holds nothing, and has all the rules: the kernel takes 15 ms for chains and
 * rules, and much less for elements.
 */
export const EMPTY_HOLD = rulesOf(SETS);

/** The commands that hold this for `ms`, where an empty one is. */
export function renderHeld(hold: Hold, ms: number): string {
  return SETS.map((set) => elementsOf(set, hold, ms)).join('');
}

/** The commands that hold this for `ms` in place of what was held before, all or none, with no other rules than it needs. */
export function renderHold(hold: Hold, ms: number): string {
  const needed = SETS.map((set) => ({ set, elements: elementsOf(set, hold, ms) })).filter(
    ({ elements }) => elements !== '',
  );
  return rulesOf(needed.map(({ set }) => set)) + needed.map(({ elements }) => elements).join('');
}

/**
 * The commands that drop, for `ms`, what is not the beginning of a connection and looks as if it were part of these, in place of what
 * was dropped before. Once a connection has begun here, all of it may pass. IPVS looks at a packet after that (at 98,
 * NF_IP_PRI_NAT_SRC - 2). A set takes 65,535 of them.
 */
export function renderClosed(closed: readonly ClosedConnection[], ms: number): string {
  const table = `inet ${CLOSED_TABLE}`;
  const lines = [
    `add table ${table}`,
    `add chain ${table} input { type filter hook input priority 0; policy accept; }`,
    ...FAMILIES.flatMap((family) => closedOfFamily(closed, ms, family)),
  ];
  return `${removal(CLOSED_TABLE)}${lines.join('\n')}\n`;
}

function closedOfFamily(closed: readonly ClosedConnection[], ms: number, family: IpFamily): string[] {
  const ours = closed.filter(({ client }) => client.address.includes(':') === (family === '6'));
  if (ours.length === 0) return [];
  const elements = ours.map(({ client, virtual }) =>
    [client.address, client.port, virtual.address, virtual.port].join(' . '),
  );
  const [set, table, ip] = [`closed${family}`, `inet ${CLOSED_TABLE}`, family === '4' ? 'ip' : 'ip6'];
  const type = `ipv${family}_addr . inet_service`;
  const connection = `${ip} saddr . tcp sport . ${ip} daddr . tcp dport`;
  return [
    `add set ${table} ${set} { type ${type} . ${type}; flags dynamic,timeout; timeout ${Math.ceil(ms)}ms; }`,
    `add element ${table} ${set} { ${[...new Set(elements)].join(', ')} }`,
    `add rule ${table} input tcp flags & (syn | ack) == syn delete @${set} { ${connection} }`,
    `add rule ${table} input tcp flags & (syn | rst) == 0 ${connection} @${set} drop`,
  ];
}

function removal(table: string): string {
  return `add table inet ${table}\ndelete table inet ${table}\n`;
}

/** The table with these sets, without elements, and the rules that look them up. */
function rulesOf(sets: readonly KindOfFamily[]): string {
  const chains = Object.entries(CHAINS).map(
    ([name, base]) => `add chain inet ${HOLD_TABLE} ${name} { ${base} }`,
  );
  const lines = sets.flatMap(([{ name, type, chains: places, match }, family]) => {
    const set = `${name}${family}`;
    const address = family === '4' ? 'ip saddr' : 'ip6 saddr';
    return [
      `add set inet ${HOLD_TABLE} ${set} { type ipv${family}_addr${type}; flags timeout; }`,
      ...places.map((chain) => `add rule inet ${HOLD_TABLE} ${chain} ${match(address, `@${set}`)} drop`),
    ];
  });
  return `${[`${removal(HOLD_TABLE)}add table inet ${HOLD_TABLE}`, ...chains, ...lines].join('\n')}\n`;
}

/** Nothing where there are none. */
function elementsOf([{ name, elements }, family]: KindOfFamily, hold: Hold, ms: number): string {
  const ours = elements(hold).filter(([address]) => address.includes(':') === (family === '6'));
  const keys = new Set(ours.map((parts) => parts.join(' . ')));
  const timed = [...keys].map((each) => `${each} timeout ${Math.ceil(ms)}ms`);
  return timed.length > 0 ? `add element inet ${HOLD_TABLE} ${name}${family} { ${timed.join(', ')} }\n` : '';
}

function hasPort({ port }: VirtualEndpoint): boolean {
  return port !== 0;
}
