/** Lines that repeat: `~SEQ(var, start, step, end) text` and `~LST({a, b}, {1, 2}, {3, 4}) text`. */
import type { Report } from './report.js';
import { placeAt, slice, type Text, textAt, trim } from './text.js';

export type Loop = {
  readonly names: readonly string[];
  /** One value for each name, round by round. */
  readonly rounds: () => Iterable<readonly Text[]>;
  /** What is repeated. */
  readonly body: Text;
};

/** Whether a line starts a loop. */
export function isLoop(line: Text): boolean {
  return /^~(?:SEQx?|LST)[ \t]*\(/.test(line.text);
}

/** Reads the loop a line starts; `expand` puts variables into the bounds. Undefined, and said why, when it is malformed. */
export function readLoop(line: Text, expand: (text: Text) => Text, report: Report): Loop | undefined {
  const open = line.text.indexOf('(');
  const close = line.text.indexOf(')', open);
  const kind = line.text.slice(1, open).trim();
  if (close < 0) {
    report.error(placeAt(line, open), `~${kind}: no closing ')'`);
    return undefined;
  }
  const inside = slice(line, open + 1, close);
  const body = trim(slice(line, close + 1));
  return kind === 'LST'
    ? readList(inside, body, report)
    : readSequence(expand(inside), body, { hex: kind === 'SEQx', report });
}

type SequenceOptions = { readonly hex: boolean; readonly report: Report };

function readSequence(inside: Text, body: Text, { hex, report }: SequenceOptions): Loop | undefined {
  const place = placeAt(inside, 0);
  const fail = (why: string) => {
    report.error(place, `~SEQ${hex ? 'x' : ''}(${inside.text}): ${why}`);
    return undefined;
  };
  const [name = '', ...bounds] = inside.text.split(',').map((part) => part.trim());
  if (!isName(name)) return fail('expected (variable, start, step, end)');
  const numbers = bounds.map(readNumber);
  if (numbers.length < 1 || numbers.length > 3 || !numbers.every((value) => value !== undefined)) {
    return fail('expected one to three numbers after the variable: [start, [step,]] end');
  }
  const { start, step, end } = bounded(numbers);
  if (step === 0 || Math.sign(end - start) * step < 0)
    return fail(`a step of ${step} never gets from ${start} to ${end}`);
  if (hex && (start < 0 || end < 0)) return fail('hexadecimal numbers must not be negative');
  const base = hex ? 16 : 10;
  function* rounds() {
    for (let at = start; step > 0 ? at <= end : at >= end; at += step)
      yield [textAt(at.toString(base), place)];
  }
  return { names: [name], rounds, body };
}

function bounded(numbers: readonly number[]): { start: number; step: number; end: number } {
  const [one = 0, two = 0, three = 0] = numbers;
  if (numbers.length === 3) return { start: one, step: two, end: three };
  if (numbers.length === 2) return { start: one, step: one <= two ? 1 : -1, end: two };
  return { start: one < 0 ? -1 : 1, step: one < 1 ? -1 : 1, end: one };
}

/** As C reads it: 0x… is hexadecimal, 0… octal. */
function readNumber(text: string): number | undefined {
  const match = /^([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(text);
  if (match === null) return undefined;
  const [, sign, digits = ''] = match;
  const base = /^0x/i.test(digits) ? 16 : digits.startsWith('0') ? 8 : 10;
  const value = Number.parseInt(base === 16 ? digits.slice(2) : digits, base);
  return Number.isSafeInteger(value) ? (sign === '-' ? -value : value) : undefined;
}

function readList(inside: Text, body: Text, report: Report): Loop | undefined {
  const fail = (why: string) => {
    report.error(placeAt(inside, 0), `~LST(${inside.text}): ${why}`);
    return undefined;
  };
  const items = listItems(inside);
  if (items === undefined) return fail('expected (variable, value, …) or ({variable, …}, {value, …}, …)');
  const [head, ...values] = items;
  const names = head?.map(({ text }) => text) ?? [];
  if (values.length === 0) return fail('expected at least one value');
  if (names.length === 0 || !names.every(isName))
    return fail(`"${names.join(', ')}": expected names of variables`);
  if (values.some((set) => set.length > names.length))
    return fail(`more values than the ${names.length} variables`);
  const empty = textAt('', placeAt(inside, 0));
  return { names, rounds: () => values.map((set) => names.map((_, index) => set[index] ?? empty)), body };
}

/** `a, {b, c}` is [[a], [b, c]]. */
function listItems(inside: Text): Text[][] | undefined {
  const items: Text[][] = [];
  const item = /[ \t]*(?:\{([^{}]*)\}|([^\s,{}]*))[ \t]*(,|$)/y;
  for (let at = 0; ; at = item.lastIndex) {
    item.lastIndex = at;
    const match = item.exec(inside.text);
    if (match === null) return undefined;
    const tuple = match[1];
    const start =
      at + match[0].indexOf(tuple === undefined ? (match[2] ?? '') : '{') + (tuple === undefined ? 0 : 1);
    items.push(commaSeparated(slice(inside, start, start + (tuple ?? match[2] ?? '').length)));
    if (match[3] === '') return items;
  }
}

function commaSeparated(text: Text): Text[] {
  const parts: Text[] = [];
  let start = 0;
  for (const part of text.text.split(',')) {
    parts.push(trim(slice(text, start, start + part.length)));
    start += part.length + 1;
  }
  return parts;
}

function isName(text: string): boolean {
  return /^[A-Za-z_]\w*$/.test(text);
}
