import assert from 'node:assert/strict';
import { parseSavedVrrp } from '../../src/vrrp/saved.js';

const saved = {
  aliveAt: 5,
  masters: ['VI_1'],
  yielded: [],
  pools: { web: true, mail: false },
  closed: false,
};

describe('vrrp/saved', () => {
  it('is read as it was written', () => {
    assert.deepEqual(parseSavedVrrp(JSON.parse(JSON.stringify(saved))), saved);
  });

  it('of a version that kept no quorums is read without', () => {
    const { pools: _, ...older } = saved;
    assert.equal(parseSavedVrrp(older).pools, undefined);
  });

  for (const [change, error] of [
    [{ pools: { web: 'yes' } }, /pools are no quorums/],
    [{ pools: null }, /pools are no quorums/],
    [{ masters: 'VI_1' }, /masters is no list of names/],
    [{ aliveAt: null }, /aliveAt is no time/],
  ] as const) {
    it(`is not read with ${JSON.stringify(change)}`, () => {
      assert.throws(() => parseSavedVrrp({ ...saved, ...change }), error);
    });
  }
});
