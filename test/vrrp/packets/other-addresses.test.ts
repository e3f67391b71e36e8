import assert from 'node:assert/strict';
import { describeOtherAddresses, otherAddresses } from '../../../src/vrrp/packets/other-addresses.js';

describe('vrrp/other-addresses', () => {
  const CASES: readonly (readonly [claim: string, own: string[], said: string[], text: string])[] = [
    ['the same, in another order and one twice', ['a', 'b'], ['b', 'a', 'b'], ''],
    ['another one', ['a'], ['b'], 'has b, lacks a'],
    ['one more', ['a'], ['a', 'b', 'c'], 'has b, c'],
    ['one less', ['a', 'b'], ['a'], 'lacks b'],
    ['none at all', ['a'], [], 'lacks a'],
  ];
  for (const [claim, own, said, text] of CASES)
    it(`${claim}: ${text || 'no difference'}`, () => {
      const others = otherAddresses(own, said);
      assert.equal(others === undefined ? '' : describeOtherAddresses(others), text);
    });

  it('are not all named where they are many', () => {
    const many = Array.from({ length: 255 }, (_, index) => `${index}`);
    const others = otherAddresses([], many);
    assert.equal(others?.has.length, 255);
    assert.equal(describeOtherAddresses(others), 'has 0, 1, 2, 3, 4, 5, 6, 7 and 247 more');
  });
});
