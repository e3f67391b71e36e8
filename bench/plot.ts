/** A plot of shares over seconds as an SVG. Pure. */

export type Series = {
  readonly name: string;
  /** `x` in seconds, `y` from 0 to 1. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
};

const [WIDTH, HEIGHT, LEFT, TOP] = [640, 280, 48, 40];
const COLORS = ['#8a8a8a', '#0b6bcb', '#b45309'];

export function plot(title: string, series: readonly Series[]): string {
  const most = Math.max(1, ...series.flatMap(({ points }) => points.map(({ x }) => x)));
  const at = ({ x, y }: { readonly x: number; readonly y: number }) =>
    `${(LEFT + (x / most) * WIDTH).toFixed(1)},${(TOP + (1 - y) * HEIGHT).toFixed(1)}`;
  const rows = [0, 0.25, 0.5, 0.75, 1].map((y) => {
    const [, height] = at({ x: 0, y }).split(',');
    return `<path d="M${LEFT} ${height}h${WIDTH}" stroke="#ddd"/><text x="${LEFT - 6}" y="${height}" dy="4" text-anchor="end">${y * 100} %</text>`;
  });
  const columns = Array.from({ length: Math.floor(most / 5) + 1 }, (_, n) => {
    const [width] = at({ x: n * 5, y: 0 }).split(',');
    return `<text x="${width}" y="${TOP + HEIGHT + 18}" text-anchor="middle">${n * 5} s</text>`;
  });
  const lines = series.map(({ name, points }, index) => {
    const color = COLORS[index % COLORS.length];
    const key = `<text x="${LEFT + WIDTH - 8}" y="${TOP + 18 * (index + 1)}" fill="${color}" text-anchor="end">${name}</text>`;
    return `<polyline fill="none" stroke="${color}" stroke-width="2" points="${points.map(at).join(' ')}"/>${key}`;
  });
  const size = `${LEFT + WIDTH + 16} ${TOP + HEIGHT + 32}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size}" font-family="sans-serif" font-size="12">
<title>${title}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${LEFT}" y="20" font-size="14">${title}</text>
${[...rows, ...columns, ...lines].join('\n')}
</svg>
`;
}
