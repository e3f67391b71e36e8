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

export type Text = {
  readonly text: string;
  /** Where the first character is written. */
  readonly place: Place;
  /** Present when not all characters stand one after another: pieces in order, the first at 0. */
  readonly pieces?: readonly Piece[];
};

/** Characters from `start` on stand one after another from `place` on. */
type Piece = { readonly start: number; readonly place: Place };

/** Text that stands in one place. */
export function textAt(text: string, place: Place): Text {
  return { text, place };
}

/** Where the character at an offset is written. An offset past the end is the place after the last character. */
export function placeAt({ place, pieces }: Text, offset: number): Place {
  if (pieces === undefined) return moved(place, offset);
  const piece = pieces[pieceAt(pieces, offset)];
  return piece === undefined ? place : moved(piece.place, offset - piece.start);
}

/** A part of a text, as String.prototype.slice with offsets from the start. */
export function slice(whole: Text, from: number, to = whole.text.length): Text {
  const text = whole.text.slice(from, to);
  const { pieces } = whole;
  if (pieces === undefined) return { text, place: moved(whole.place, from) };
  const parts = pieces
    .slice(pieceAt(pieces, from), pieceAt(pieces, Math.max(from, to - 1)) + 1)
    .map(({ start, place }) => {
      return start < from ? { start: 0, place: moved(place, from - start) } : { start: start - from, place };
    });
  return fromPieces(text, parts, whole.place);
}

/** One text after another. */
export function join(texts: readonly Text[]): Text {
  const parts = texts.filter(({ text }) => text !== '');
  const [only = texts[0], second] = parts;
  if (only === undefined || second === undefined) return only ?? { text: '', place: NOWHERE };
  const pieces: Piece[] = [];
  let text = '';
  for (const part of parts) {
    for (const { start, place } of part.pieces ?? [{ start: 0, place: part.place }]) {
      pieces.push({ start: start + text.length, place });
    }
    text += part.text;
  }
  return fromPieces(text, pieces, only.place);
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
export function through(whole: Text, use: Use): Text {
  const brought = ({ file, line, column }: Place): Place => ({ file, line, column, through: use });
  const { text, place, pieces } = whole;
  if (pieces === undefined) return { text, place: brought(place) };
  return {
    text,
    place: brought(place),
    pieces: pieces.map((piece) => ({ start: piece.start, place: brought(piece.place) })),
  };
}

const NOWHERE: Place = { file: '', line: 1, column: 1 };

function fromPieces(text: string, pieces: readonly Piece[], otherwise: Place): Text {
  const place = pieces[0]?.place ?? otherwise;
  return pieces.length > 1 ? { text, place, pieces } : { text, place };
}

function pieceAt(pieces: readonly Piece[], offset: number): number {
  let index = pieces.length - 1;
  while (index > 0 && (pieces[index]?.start ?? 0) > offset) index -= 1;
  return index;
}

function moved(place: Place, by: number): Place {
  if (by === 0) return place;
  const { file, line, column, through: use } = place;
  return use === undefined
    ? { file, line, column: column + by }
    : { file, line, column: column + by, through: use };
}
