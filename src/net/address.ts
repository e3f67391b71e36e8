/** IP addresses as canonical text (`10.0.0.1`, `2001:db8::1`) and as bytes. */

export type Family = 'ipv4' | 'ipv6';

const ZERO = '0'.charCodeAt(0);

/** The family of a numeric address, or undefined when the text is none (host names, zones and brackets are none). */
export function familyOf(text: string): Family | undefined {
  const bytes = parseAddress(text);
  if (bytes === undefined) return undefined;
  return bytes.length === 4 ? 'ipv4' : 'ipv6';
}

/** The one spelling of an address: dotted decimal, or RFC 5952. Undefined when the text is no address. */
export function canonicalAddress(text: string): string | undefined {
  const bytes = parseAddress(text);
  if (bytes === undefined) return undefined;
  return bytes.length === 4 ? text : formatAddress(bytes);
}

/** Network-order bytes, 4 or 16 of them, or undefined when the text is no numeric address. */
export function parseAddress(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

/** Text of 4 or 16 network-order bytes; IPv6 as RFC 5952 §4 has it. */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length !== 4) return formatIpv6(bytes);
  const [a, b, c, d] = bytes;
  return `${a}.${b}.${c}.${d}`;
}

/** Orders two addresses of one family as unsigned integers in network order (RFC 9568 §6.4.3): below 0, 0 or above 0. */
export function compareAddresses(a: string, b: string): number {
  return Buffer.compare(parseAddress(a) ?? new Uint8Array(), parseAddress(b) ?? new Uint8Array());
}

/** Whether an address in that spelling is a group's: 224.0.0.0/4 or ff00::/8. */
export function isMulticast(address: string): boolean {
  if (address.includes(':')) return /^ff..:/.test(address);
  const first = Number.parseInt(address, 10);
  return first >= 224 && first < 240;
}

/** `10.0.0.1:80` or `[2001:db8::1]:80`, as people and URLs write it. */
export function formatEndpoint(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function parseIpv4(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(4);
  return putIpv4(text, bytes, 0) ? bytes : undefined;
}

/**
 * Writes dotted decimal as 4 bytes at `at`; false, with some of them written, when the text is none.
 * By hand rather than by pattern, and into bytes that are there: tables of ten thousand servers come through here.
 */
export function putIpv4(text: string, bytes: Uint8Array, at: number): boolean {
  let start = 0;
  for (let index = 0; index < 4; index++) {
    const end = index < 3 ? text.indexOf('.', start) : text.length;
    const value = end < 0 ? -1 : parseOctet(text, start, end);
    if (value < 0) return false;
    bytes[at + index] = value;
    start = end + 1;
  }
  return true;
}

/** 0 to 255 in decimal digits without a leading zero, else -1. */
function parseOctet(text: string, start: number, end: number): number {
  const length = end - start;
  if (length < 1 || length > 3 || (length > 1 && text.charCodeAt(start) === ZERO)) return -1;
  let value = 0;
  for (let index = start; index < end; index++) {
    const digit = text.charCodeAt(index) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value > 255 ? -1 : value;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const [head = '', tail, ...rest] = text.split('::');
  if (rest.length > 0) return undefined;
  const left = parseGroups(head, tail === undefined);
  const right = tail === undefined ? [] : parseGroups(tail, true);
  if (left === undefined || right === undefined) return undefined;
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...new Array<number>(missing).fill(0), ...right];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function parseGroups(text: string, mayEndInIpv4: boolean): number[] | undefined {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const ipv4 =
      mayEndInIpv4 && index === parts.length - 1 && part.includes('.') ? parseIpv4(part) : undefined;
    if (ipv4 !== undefined) groups.push(...pairs(ipv4));
    else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function pairs(bytes: Uint8Array): number[] {
  return Array.from(
    { length: bytes.length / 2 },
    (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0),
  );
}

function formatIpv6(bytes: Uint8Array): string {
  const groups = pairs(bytes);
  if (isMapped(groups)) return `::ffff:${bytes.slice(12).join('.')}`;
  const { start, length } = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

function isMapped(groups: readonly number[]): boolean {
  return groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = -1;
  for (const [index, group] of [...groups, 1].entries()) {
    if (group === 0 && start < 0) start = index;
    if (group !== 0 && start >= 0) {
      if (index - start > best.length) best = { start, length: index - start };
      start = -1;
    }
  }
  return best;
}
