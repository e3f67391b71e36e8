/** What repeats is told once in a while. */
import assert from 'node:assert/strict';
import { createQuiet } from '../../src/vrrp/quiet.js';
import { createFakeClock } from '../support/fake-clock.js';

describe('vrrp/quiet', () => {
  it('a thing is told the first time and when it was not told for so long, each by itself', () => {
    const clock = createFakeClock();
    const isNews = createQuiet(clock, 1000);
    const at: string[] = [];
    for (let ms = 0; ms < 2100; ms += 100) {
      if (isNews('A')) at.push(`A ${ms}`);
      if (ms >= 500 && isNews('B')) at.push(`B ${ms}`);
      clock.advance(100);
    }
    assert.deepEqual(at, ['A 0', 'B 500', 'A 1000', 'B 1500', 'A 2000']);
  });

  it('what others can send without end is not remembered without end', () => {
    const isNews = createQuiet(createFakeClock(), 1000);
    assert.equal(isNews('first'), true);
    for (let i = 0; i < 999; i += 1) isNews(String(i));
    assert.equal(isNews('first'), false);
    isNews('one more');
    assert.equal(isNews('first'), true);
  });
});
