/** What many instances do at one time asks the kernel for no more than what one does. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../../src/vrrp/config.js';
import { createFakeHost, type FakeHost } from '../../support/fake-place.js';
import { address, instance } from '../../support/instances.js';

const MANY = 100;

const transport = { kind: 'multicast', group: 'ff02::12', sourceAddress: 'fe80::1' } as const;

function crowd(size: number, change: Partial<InstanceConfig> = {}): readonly InstanceConfig[] {
  return Array.from({ length: size }, (_, i) =>
    instance({
      name: `VI_${i + 1}`,
      virtualRouterId: i + 1,
      family: 'ipv6',
      virtualAddresses: [{ ...address(`fd00::${(i + 1).toString(16)}`), prefixLength: 64 }],
      transport,
      ...change,
    }),
  );
}

function states({ director }: FakeHost): readonly string[] {
  return [...new Set(director.instances().map(({ state }) => state))];
}

describe('vrrp/place of many instances', () => {
  it('becoming master with addresses of wide IPv6 subnets', () => {
    const asked = (size: number) => {
      const host = createFakeHost();
      host.configure(...crowd(size));
      const before = host.dumps();
      host.clock.advance(10_000);
      assert.deepEqual(states(host), ['MASTER']);
      assert.equal(host.kernel.addresses().length, size);
      return host.dumps() - before;
    };
    const alone = asked(1);
    assert.ok(alone > 0);
    assert.equal(asked(MANY), alone);
  });

  it('looking for their sources (track_src_ip)', async () => {
    const asked = async (size: number) => {
      const host = createFakeHost();
      host.configure(...crowd(size, { trackSrcIp: true }));
      assert.deepEqual(states(host), ['FAULT']);
      await Promise.resolve();
      const before = host.dumps();
      host.director.assess();
      return host.dumps() - before;
    };
    const alone = await asked(1);
    assert.ok(alone > 0);
    assert.equal(await asked(MANY), alone);
  });
});
