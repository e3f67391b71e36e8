/**
 * Reads the sessions out of what `nft list set` prints, piece by piece: a set may hold a million. Pure.
 * The text form is used for it because the JSON form cuts remaining times down to whole seconds.
 */

/** `10.0.0.1 timeout 30s expires 29s120ms`, as nft prints it and takes it. */
const ELEMENT = /[0-9a-fA-F.:]+(?: timeout [0-9a-z]+)?(?: expires [0-9a-z]+)?/y;
const START = 'elements = {';

export type ElementReader = {
  /** Takes the next piece of text and gives the elements that are complete by now. */
  readonly read: (piece: string) => readonly string[];
};

/** Raised when what stands among the elements is none. */
export class ElementError extends Error {
  override readonly name = 'ElementError';
}

export function createElementReader(): ElementReader {
  let state: 'before' | 'inside' | 'after' = 'before';
  let rest = '';
  return { read };

  function read(piece: string): readonly string[] {
    rest += piece;
    if (state === 'before') begin();
    if (state !== 'inside') {
      rest = rest.slice(-START.length);
      return [];
    }
    const end = rest.indexOf('}');
    const last = end >= 0 ? end : rest.lastIndexOf(',');
    const found = rest.slice(0, Math.max(last, 0)).split(',');
    if (end >= 0) state = 'after';
    rest = rest.slice(last + 1);
    return found
      .map((text) => text.trim())
      .filter((text) => text !== '')
      .map(checked);
  }

  function begin(): void {
    const at = rest.indexOf(START);
    if (at < 0) return;
    state = 'inside';
    rest = rest.slice(at + START.length);
  }
}

/** It will be written back: nothing but an element may pass. */
function checked(text: string): string {
  ELEMENT.lastIndex = 0;
  const match = ELEMENT.exec(text);
  if (match?.[0].length !== text.length)
    throw new ElementError(`nft: expected a session, not "${text.slice(0, 60)}"`);
  return text;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  w: 604_800_000,
  d: 86_400_000,
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
};

/**
 * A session as it is to be written into a new set: with its whole time, `timeoutMs`, for a client that gave a sign of life while the
 * sessions were read and written must not lose its place; or what is left of a longer one. Linux before 6.12 lists one renewed under
 * a longer timeout with the timeout it began with, so that it may have more time left than in all: later kernels refuse that.
 */
export function carryOver(element: string, timeoutMs: number): string {
  const [address, , timeout, , expires] = element.split(' ');
  if (timeout === undefined || expires === undefined) return element;
  const leftMs = Math.max(timeoutMs, parseTime(expires));
  return `${address} timeout ${Math.max(parseTime(timeout), leftMs)}ms expires ${leftMs}ms`;
}

function parseTime(text: string): number {
  let sum = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+)([a-z]+)/g))
    sum += Number(count) * (UNIT_MS[unit] ?? 0);
  return sum;
}
