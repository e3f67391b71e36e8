import assert from 'node:assert/strict';
import { freshRespawn, HEALTHY_AFTER_MS, respawn } from '../../src/supervisor/respawn.js';

/** The waits after deaths that each came `livedMs` after the start. */
function waits(livedMs: readonly number[]): number[] {
  let state = freshRespawn;
  return livedMs.map((lived) => {
    const next = respawn(state, lived);
    state = next.state;
    return next.waitMs;
  });
}

describe('respawn', () => {
  it('starts a child that died again at once', () => {
    assert.deepEqual(waits([60_000]), [0]);
  });

  it('slows down for a child that dies at every start, but never to more than half a second', () => {
    assert.deepEqual(waits([5, 5, 5, 5, 5, 5]), [0, 100, 250, 500, 500, 500]);
  });

  it('forgets earlier deaths once a child has lived long enough', () => {
    assert.deepEqual(waits([5, 5, HEALTHY_AFTER_MS, 5]), [0, 100, 0, 100]);
  });
});
