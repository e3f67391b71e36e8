/** Connections as /proc/net/ip_vs_conn lists them (net/netfilter/ipvs/ip_vs_conn.c). Pure. */
import { parseAddress } from '../../net/address.js';

/** One line: a connection, or a template of a persistent service (client port 0). Addresses are 4 or 16 bytes. */
export type Connection = {
  /** IP protocol number; 0 for templates of firewall marks, whose virtual address is the mark. */
  readonly protocol: number;
  readonly clientAddress: Uint8Array;
  readonly clientPort: number;
  readonly virtualAddress: Uint8Array;
  readonly virtualPort: number;
  readonly realAddress: Uint8Array;
  readonly realPort: number;
  /** As the kernel names it: `ESTABLISHED`. */
  readonly state: string;
  /** Until the kernel forgets it. */
  readonly expiresS: number;
};

const PORT = '[0-9A-F]{4}';
const ADDRESS = '[0-9A-Fa-f:]{8,39}';
const LINE = new RegExp(
  `^(\\w+) +(${ADDRESS}) (${PORT}) (${ADDRESS}) (${PORT}) (${ADDRESS}) (${PORT}) (\\S+) +(\\d{1,10}) *$`,
);
/** Whose connection it is, and what becomes of it: the two halves of a line without the time it has left. */
const HALVES = /^(\w+ +\S+ \S+ \S+ \S+) (\S+ \S+ \S+) +\d+ *$/;

const PROTOCOLS: Readonly<Record<string, number>> = { IP: 0, TCP: 6, UDP: 17, SCTP: 132 };

/**
 * Undefined for the heading, for other protocols, and for what ends with the data of a persistence engine: that cannot be
 * read back from its text.
 */
export function parseConnection(line: string): Connection | undefined {
  const [, name = '', client = '', clientPort = '', virtual = '', virtualPort = '', real = '', ...rest] =
    LINE.exec(line) ?? [];
  const [realPort = '', state = '', expires = ''] = rest;
  const protocol = PROTOCOLS[name];
  const [clientAddress, virtualAddress, realAddress] = [client, virtual, real].map(bytesOf);
  if (protocol === undefined || !clientAddress || !virtualAddress || !realAddress) return undefined;
  if (clientAddress.length !== virtualAddress.length) return undefined;
  return {
    protocol,
    clientAddress,
    clientPort: Number.parseInt(clientPort, 16),
    virtualAddress,
    virtualPort: Number.parseInt(virtualPort, 16),
    realAddress,
    realPort: Number.parseInt(realPort, 16),
    state,
    expiresS: Number(expires),
  };
}

/** IPv4 is written as one number, IPv6 as eight groups of four digits. */
function bytesOf(text: string): Uint8Array | undefined {
  if (text.includes(':')) return parseAddress(text);
  if (text.length !== 8) return undefined;
  const number = Number.parseInt(text, 16);
  return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
}

/** A filter for listings of one kernel, one after another: it passes the lines that were not there before, or not so. */
export function createNews(most: number): (lines: readonly string[]) => readonly string[] {
  const known = new Map<string, string>();
  return (lines) => lines.filter(isNews);

  function isNews(line: string): boolean {
    const [, whose, what] = HALVES.exec(line) ?? [];
    if (whose === undefined || what === undefined || known.get(whose) === what) return false;
    if (known.size >= most && !known.has(whose)) return false;
    known.set(whose, what);
    return true;
  }
}
