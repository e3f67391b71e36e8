/** When the kernel's synchronisation daemons are switched, and when no more. */
import assert from 'node:assert/strict';
import type { SyncDaemon } from '../../src/ipvs/table.js';
import { createSynchroniser } from '../../src/processes/synchroniser.js';
import { createFakeClock } from '../support/fake-clock.js';

const CONFIG = { interface: 'eth0', instance: 'VI_1', syncId: 51 };

function make() {
  const clock = createFakeClock();
  const switched: (readonly SyncDaemon[] | undefined)[] = [];
  const warnings: string[] = [];
  const synchroniser = createSynchroniser({
    clock,
    log: { warn: (text) => warnings.push(text) },
    synchronise: async (daemons) => void switched.push(daemons),
    receives: () => false,
  });
  return { ...synchroniser, clock, switched, warnings };
}

describe('processes/synchroniser', () => {
  it('waits ten seconds for word of the masters, from when lvsd-vrrp can tell', async () => {
    const { configure, expect, clock, warnings } = make();
    await configure(CONFIG);
    clock.advance(60_000);
    assert.deepEqual(warnings, []);
    await expect();
    clock.advance(9999);
    assert.deepEqual(warnings, []);
    clock.advance(1);
    assert.match(warnings.join(), /has not told within 10 s/);
  });

  it('switches nothing on again after its end, and waits for nobody', async () => {
    const { configure, expect, look, setMasters, end, clock, switched } = make();
    await configure({ interface: 'eth0', syncId: 51 });
    await end({ remove: true });
    assert.deepEqual(switched.at(-1), []);
    const before = switched.length;
    await Promise.all([expect(), look(), setMasters(['VI_1'])]);
    assert.equal(switched.length, before);
    assert.deepEqual(clock.pendingAt(), []);
  });
});
