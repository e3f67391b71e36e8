/** What happens to the clients of a pair, as an SVG: a bar each for lvsd and its rival, by what befalls the master. Pure. */
import { FATE_NAMES, type Fate, medianDoubleMs, medianOutageMs, type Outcome } from './failover-wanted.js';

/** What was measured of one of the two at one fate. */
export type Measured = {
  readonly fate: Fate;
  readonly maker: string;
  readonly outcomes: readonly Outcome[];
};

const [WIDTH, LEFT, TOP, BAR, GAP, ROOM] = [420, 250, 44, 15, 12, 250];
const COLORS = ['#0b6bcb', '#8a8a8a'];
const TICKS = 4;

/** @param measured those of one fate behind one another, in the same order of makers each time */
export function failoverChart(title: string, measured: readonly Measured[]): string {
  const makers = [...new Set(measured.map(({ maker }) => maker))];
  const most = longestMs(measured);
  const bars: string[] = [];
  let y = TOP;
  let last: Fate | undefined;
  for (const each of measured) {
    if (each.fate !== last) {
      y += last === undefined ? 0 : GAP;
      bars.push(text(LEFT - 10, y + BAR, FATE_NAMES[each.fate], 'text-anchor="end"'));
    }
    last = each.fate;
    bars.push(...bar(each, y, most, COLORS[makers.indexOf(each.maker) % COLORS.length] ?? ''));
    y += BAR;
  }
  const key = makers.map((maker, i) =>
    text(LEFT + WIDTH + ROOM - 10, TOP - 24 + 16 * i, maker, `text-anchor="end" fill="${COLORS[i]}"`),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LEFT + WIDTH + ROOM} ${y + 32}" font-family="sans-serif" font-size="12">
<title>${title}</title>
<rect width="100%" height="100%" fill="#fff"/>
${[text(10, 20, title, 'font-size="14"'), ...key, ...scale(most, y + 6), ...bars].join('\n')}
</svg>
`;
}

/** Without an answer: a full bar. With two owners: a pale one, open to the right when it never ended. */
function bar({ outcomes }: Measured, y: number, most: number, color: string): readonly string[] {
  const outageMs = medianOutageMs(outcomes);
  const doubleMs = medianDoubleMs(outcomes);
  const [from, length] = [LEFT + width(outageMs, most), width(doubleMs ?? 0, most)];
  const says = [
    outageMs < 0.05 ? 'no answer lost' : `${milliseconds(outageMs)} without an answer`,
    doubleMs === undefined
      ? ''
      : `two owners ${doubleMs === Number.POSITIVE_INFINITY ? 'for good' : `for ${milliseconds(doubleMs)}`}`,
  ];
  return [
    rectangle(LEFT, y, Math.max(1, from - LEFT), `fill="${color}"`),
    ...(length === 0 ? [] : [rectangle(from, y, length, `fill="${color}" fill-opacity="0.3"`)]),
    text(from + length + 6, y + BAR - 4, says.filter((part) => part !== '').join(', '), `fill="${color}"`),
  ];
}

function scale(most: number, y: number): readonly string[] {
  return Array.from({ length: TICKS + 1 }, (_, i) => {
    const x = LEFT + (WIDTH * i) / TICKS;
    const line = `<path d="M${x} ${TOP - 4}V${y}" stroke="#ddd"/>`;
    return line + text(x, y + 14, milliseconds((most * i) / TICKS), 'text-anchor="middle"');
  });
}

/** A round figure above all that have an end. */
function longestMs(measured: readonly Measured[]): number {
  const ends = measured.map(({ outcomes }) => medianOutageMs(outcomes) + finite(medianDoubleMs(outcomes)));
  const longest = Math.max(1, ...ends.filter(Number.isFinite));
  const step = 10 ** Math.floor(Math.log10(longest)) * 0.4;
  return Math.ceil(longest / step) * step;
}

function finite(ms: number | undefined): number {
  return ms !== undefined && Number.isFinite(ms) ? ms : 0;
}

function width(ms: number, most: number): number {
  return Math.round(WIDTH * Math.min(1, ms / most));
}

function milliseconds(ms: number): string {
  return ms >= 1000 ? `${Number((ms / 1000).toFixed(1))} s` : `${Number(ms.toPrecision(3))} ms`;
}

function rectangle(x: number, y: number, length: number, attributes: string): string {
  return `<rect x="${x}" y="${y}" width="${length}" height="${BAR - 2}" ${attributes}/>`;
}

function text(x: number, y: number, words: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${words}</text>`;
}
