import assert from 'node:assert/strict';
import { eventually } from './namespaces.js';

describe('support: eventually', () => {
  it('a condition that throws does not hold yet', async () => {
    let looks = 0;
    await eventually('the third look', () => {
      looks += 1;
      if (looks < 3) throw new Error('not there');
      return true;
    });
    assert.equal(looks, 3);
  });

  it('at the deadline it is an error that says what was awaited, and what the condition threw', async () => {
    const never = () => {
      throw new Error('not there');
    };
    await assert.rejects(eventually('the file', never, 20), /^Error: not within 20 ms: the file: not there$/);
    await assert.rejects(
      eventually('the file', () => false, 20),
      /^Error: not within 20 ms: the file$/,
    );
  });

  it('looks once more when it is late, for the process itself may have stood still', async () => {
    let looks = 0;
    await eventually(
      'the second look',
      () => {
        looks += 1;
        const until = performance.now() + 30;
        while (looks === 1 && performance.now() < until);
        return looks > 1;
      },
      10,
    );
    assert.equal(looks, 2);
  });
});
