/** What nftables is told of pools with sessions: whenever it is another thing than before. */
import assert from 'node:assert/strict';
import { createDoors, type Doors } from '../../src/pool/doors.js';
import { beginPool, type Pool } from '../../src/pool/pool.js';
import { admitted, space } from '../support/admissions.js';
import { realServer, virtualServer } from '../support/pools.js';

function withSessions(size: number): Pool {
  const { door: _, ...service } = admitted();
  const overflow = { mode: 'sessions', space: space({ size }), service } as const;
  const config = virtualServer({ overflow, realServers: [realServer(1)] });
  return beginPool(config, { now: 0, since: 0, memory: undefined, rsInitNotifies: false }).pool;
}

describe('pool/doors', () => {
  let told: string[];
  let arrive: () => void;
  let doors: Doors;

  beforeEach(() => {
    told = [];
    doors = createDoors(({ spaces }) => {
      told.push(spaces.map(({ name, size }) => `${name} ${size}`).join());
      return new Promise((resolve) => {
        arrive = resolve;
      });
    });
  });

  it('are stated when they differ, once', () => {
    assert.deepEqual(
      [[], [withSessions(3)], [withSessions(3)], [withSessions(4)], []].map((pools) => doors.state(pools)),
      [false, true, false, true, true],
    );
    assert.deepEqual(told, ['shop 3', 'shop 4', '']);
  });

  it('are there when the kernel has those stated last', async () => {
    await doors.stated();
    doors.state([withSessions(3)]);
    let there = false;
    const waiting = doors.stated().then(() => {
      there = true;
    });
    await Promise.resolve();
    assert.equal(there, false);
    arrive();
    await waiting;
  });

  it('of a predecessor are taken away, though none are wanted', () => {
    assert.equal(doors.any(), false);
    doors.restore(true);
    assert.equal(doors.any(), true, 'as long as nothing was stated');
    assert.deepEqual([doors.state([]), doors.any(), told], [true, false, ['']]);
    doors.restore(false);
    assert.deepEqual([doors.state([]), doors.any()], [false, false]);
  });
});
