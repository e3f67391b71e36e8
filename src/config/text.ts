/** Text that knows where each of its characters is written, through includes, variables and loops. */

/** Line and column count from 1; the column in characters. */
export type Place = {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Set when a variable brought the text to where it takes effect. */
  readonly through?: Use;
};

/** A variable's use: what it is called and where it stands. */
export type Use = { readonly variable: string; readonly place: Place };

/** Characters from `start` on stand one after another from `place` on. */
type Piece = { readonly start: number; readonly place: Place };

/** Pieces are in order, the first starts at 0. */
export type Text = { readonly text: string; readonly pieces: readonly Piece[] };

/** Text that stands in one place. */
export function textAt(text: string, place: Place): Text {
  return { text, pieces: [{ start: 0, place }] };
}

/** Where the character at an offset is written. An offset past the end is the place after the last character. */
export function placeAt({ pieces }: Text, offset: number): Place {
  const piece = pieces[pieceAt(pieces, offset)] ?? UNKNOWN;
  return moved(piece.place, offset - piece.start);
}

/** A part of a text, as String.prototype.slice with offsets from the start. */
export function slice({ text, pieces }: Text, from: number, to = text.length): Text {
  const first = pieceAt(pieces, from);
  const last = pieceAt(pieces, Math.max(from, to - 1));
  const parts = pieces.slice(first, last + 1).map(({ start, place }) => {
    return start < from ? { start: 0, place: moved(place, from - start) } : { start: start - from, place };
  });
  return { text: text.slice(from, to), pieces: parts };
}

/** One text after another. */
export function join(texts: readonly Text[]): Text {
  const pieces: Piece[] = [];
  let text = '';
  for (const part of texts) {
    if (part.text === '') continue;
    for (const { start, place } of part.pieces) pieces.push({ start: start + text.length, place });
    text += part.text;
  }
  return pieces.length === 0 ? (texts[0] ?? { text: '', pieces: [UNKNOWN] }) : { text, pieces };
}

/** The text without blanks at its ends. */
export function trim(line: Text): Text {
  const { text } = line;
  const trimmed = text.trim();
  if (trimmed.length === text.length) return line;
  const from = text.length - text.trimStart().length;
  return slice(line, from, from + trimmed.length);
}

/** The same text, marked as brought by a variable. */
export function through({ text, pieces }: Text, use: Use): Text {
  return {
    text,
    pieces: pieces.map(({ start, place: { file, line, column } }) => ({
      start,
      place: { file, line, column, through: use },
    })),
  };
}

const UNKNOWN: Piece = { start: 0, place: { file: '', line: 1, column: 1 } };

function pieceAt(pieces: readonly Piece[], offset: number): number {
  let index = pieces.length - 1;
  while (index > 0 && (pieces[index]?.start ?? 0) > offset) index -= 1;
  return index;
}

function moved(place: Place, by: number): Place {
  return by === 0 ? place : { ...place, column: place.column + by };
}
