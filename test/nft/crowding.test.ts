/** Since when a pool of sessions is full, of looks at its counter. */
import assert from 'node:assert/strict';
import { type Crowding, crowdingAfter } from '../../src/nft/crowding.js';

type Look = readonly [now: number, turnedAway: number, door?: 'open' | 'closed'];

function seen(...looks: readonly Look[]): Pick<Crowding, 'fullSince' | 'transitions'> | undefined {
  let crowding: Crowding | undefined;
  for (const [now, turnedAway, door = 'open'] of looks)
    crowding = crowdingAfter(crowding, { turnedAway, open: door === 'open' }, now);
  return crowding && { fullSince: crowding.fullSince, transitions: crowding.transitions };
}

describe('nft/crowding', () => {
  it('the first look tells nothing: what was turned away may have been long ago', () => {
    assert.deepEqual(seen([10_000, 400]), { fullSince: undefined, transitions: 0 });
  });

  it('is full since the look from which on each found newcomers turned away', () => {
    const looks: Look[] = [
      [10_000, 400],
      [20_000, 400],
      [30_000, 401],
      [40_000, 450],
    ];
    assert.deepEqual(seen(...looks), { fullSince: 30_000, transitions: 1 });
    assert.deepEqual(seen(...looks, [50_000, 450]), { fullSince: undefined, transitions: 2 });
  });

  it('a look soon after another does not tell that there is room, but may tell that there is none', () => {
    assert.deepEqual(seen([10_000, 0], [20_000, 5], [21_000, 5]), { fullSince: 20_000, transitions: 1 });
    assert.deepEqual(seen([10_000, 0], [11_000, 5]), { fullSince: 11_000, transitions: 1 });
    assert.deepEqual(seen([10_000, 0], [20_000, 5], [21_000, 5], [25_000, 5]), {
      fullSince: undefined,
      transitions: 2,
    });
  });

  it('who is turned away by a closed door does not make it full', () => {
    assert.deepEqual(seen([10_000, 0], [20_000, 5, 'closed']), { fullSince: undefined, transitions: 0 });
    assert.deepEqual(seen([10_000, 0], [20_000, 5], [21_000, 9, 'closed']), {
      fullSince: undefined,
      transitions: 2,
    });
  });

  it('a table made anew counts from 0', () => {
    assert.deepEqual(seen([10_000, 400], [20_000, 3]), { fullSince: 20_000, transitions: 1 });
    assert.deepEqual(seen([10_000, 400], [20_000, 0]), { fullSince: undefined, transitions: 0 });
  });
});
