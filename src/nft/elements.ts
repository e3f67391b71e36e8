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
