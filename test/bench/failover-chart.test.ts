/** The picture of a bench of failovers says what was measured. */
import assert from 'node:assert/strict';
import { failoverChart, type Measured } from '../../bench/failover-chart.js';

const NEVER = Number.POSITIVE_INFINITY;
const MEASURED: readonly Measured[] = [
  { fate: 'stop', maker: 'lvsd', outcomes: [{ outageMs: 0 }, { outageMs: 0 }, { outageMs: 9 }] },
  { fate: 'stop', maker: 'keepalived', outcomes: [{ outageMs: 611.2 }] },
  { fate: 'all-killed', maker: 'lvsd', outcomes: [{ outageMs: 0, doubleMs: 574 }] },
  { fate: 'all-killed', maker: 'keepalived', outcomes: [{ outageMs: 0, doubleMs: NEVER }] },
  { fate: 'cable-cut', maker: 'lvsd', outcomes: [{ outageMs: 3111.6 }] },
  { fate: 'cable-cut', maker: 'keepalived', outcomes: [{ outageMs: 3109.2 }] },
];

describe('bench/failover: its picture', () => {
  const svg = failoverChart('title', MEASURED);
  const texts = [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, words]) => words);
  const widths = (attributes: string) =>
    [...svg.matchAll(new RegExp(`<rect [^>]*width="(\\d+)"[^>]*${attributes}/>`, 'g'))].map(([, w]) =>
      Number(w),
    );

  it('names each fate once, and tells the median of each maker', () => {
    assert.deepEqual(
      texts.filter((words) => /master|is stopped|killed|cut/.test(words ?? '')),
      ['is stopped', 'all its processes are killed', 'its cable is cut'],
    );
    assert.deepEqual(
      texts.filter((words) => /answer/.test(words ?? '')),
      [
        'no answer lost',
        '611 ms without an answer',
        'no answer lost, two owners for 574 ms',
        'no answer lost, two owners for good',
        '3.1 s without an answer',
        '3.1 s without an answer',
      ],
    );
  });

  it('has bars in proportion, and one that never ends as wide as the picture', () => {
    const [stop, , cut] = widths('fill="#8a8a8a"');
    assert.ok(Math.abs((cut ?? 0) / (stop ?? 0) - 3109.2 / 611.2) < 0.05, `${stop} ${cut}`);
    const [ours, theirs] = widths('fill-opacity="0.3"');
    assert.equal(theirs, 420);
    assert.ok(Math.abs((ours ?? 0) / (stop ?? 0) - 574 / 611.2) < 0.05, `${ours} ${stop}`);
  });
});
