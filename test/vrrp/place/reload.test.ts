/** What a reload puts back although nothing in it has changed: what nobody else would. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../../src/vrrp/config.js';
import { createFakeHost } from '../../support/fake-place.js';
import { address, instance } from '../../support/instances.js';
import { routeLine } from '../../support/route-lines.js';

describe('vrrp/place and a reload that changes nothing', () => {
  const untracked = [{ ...address('192.0.2.100'), track: false }];
  const transport = { kind: 'multicast', group: '224.0.0.18', sourceAddress: '10.0.0.1' } as const;

  /** What is done in the kernel by the reload. */
  function doneBy(change: Partial<InstanceConfig>): readonly string[] {
    const host = createFakeHost();
    const config = instance({ transport, ...change });
    host.configure(config);
    host.clock.advance(10_000);
    assert.equal(host.state(), 'MASTER');
    host.kernel.remove('192.0.2.100');
    host.kernel.log.length = 0;
    host.configure(config);
    return host.kernel.log;
  }

  it('an address that is held for ever and not tracked', () => {
    const log = doneBy({ virtualAddresses: untracked, vipLifetime: 'off' });
    assert.deepEqual(log, ['add address 192.0.2.100/32 on eth0']);
  });

  it('routes', () => {
    const log = doneBy({ virtualRoutes: [routeLine('198.51.100.0')] });
    assert.ok(
      log.some((line) => line.startsWith('add route')),
      String(log),
    );
  });

  it('an address that is renewed waits for its next renewal', () => {
    assert.deepEqual(doneBy({ virtualAddresses: untracked }), []);
  });
});
