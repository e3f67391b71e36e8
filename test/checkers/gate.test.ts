import assert from 'node:assert/strict';
import { Gate } from '../../src/checkers/gate.js';

describe('checkers/gate', () => {
  it('lets in up to its limit, and the next in order as others leave', () => {
    const gate = new Gate(2);
    const started: string[] = [];
    for (const name of ['a', 'b', 'c', 'd']) gate.enter(() => started.push(name));
    assert.deepEqual([started, gate.inside, gate.waiting], [['a', 'b'], 2, 2]);
    gate.leave();
    assert.deepEqual([started, gate.inside, gate.waiting], [['a', 'b', 'c'], 2, 1]);
    gate.leave();
    gate.leave();
    gate.leave();
    assert.deepEqual([started.at(-1), gate.inside, gate.waiting], ['d', 0, 0]);
  });

  it('forgets who gave up waiting', () => {
    const gate = new Gate(1);
    const started: string[] = [];
    gate.enter(() => started.push('a'));
    const giveUp = gate.enter(() => started.push('b'));
    gate.enter(() => started.push('c'));
    giveUp();
    gate.leave();
    assert.deepEqual(started, ['a', 'c']);
  });
});
