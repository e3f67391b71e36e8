/** What status tells of things that are wrong on a real LAN: addresses of another pair, addresses that a backup still has. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import type { InstanceStatus } from '../../../../src/vrrp/status.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { withPair } from '../../../support/pair.js';
import { PATIENCE_MS } from '../../../support/patience.js';
import type { VrrpProcess } from '../../../support/vrrp-process.js';

describe('what status tells of a real LAN', () => {
  const OURS = address('10.77.0.100');
  const THEIRS = address('10.77.0.50');
  const BOTH = address('10.77.0.60');

  /** The first status of which the claim holds. */
  async function until(director: VrrpProcess, claim: (status: InstanceStatus) => boolean) {
    for (const endAt = performance.now() + PATIENCE_MS; ; await sleep(20)) {
      const status = await director.instance();
      if (claim(status)) return status;
      assert.ok(performance.now() < endAt, `not so: ${JSON.stringify(status)}`);
    }
  }

  for (const version of [2, 3] as const)
    it(`VRRPv${version}: a backup names the addresses in which its master differs, until the files agree`, async () => {
      const advertIntMs = version === 2 ? 1000 : 200;
      const configure = (change: Partial<InstanceConfig>) =>
        vrrpConfig([instance({ ...change, version, advertIntMs })]);
      const addresses = (number: 1 | 2) => ({ virtualAddresses: [number === 1 ? THEIRS : OURS, BOTH] });
      await withPair(
        (change, number) => configure({ ...change, ...addresses(number) }),
        async ({ b }) => {
          const { master, counts } = await until(b, (status) => status.counts.advertsReceived > 0);
          assert.deepEqual(master?.otherAddresses, { has: [THEIRS.address], lacks: [OURS.address] });
          assert.ok((counts.odd.addr_list_mismatch ?? 0) > 0);
          b.configure(configure(addresses(1)));
          const agreed = await until(
            b,
            ({ master: heard }) => heard !== undefined && heard.otherAddresses === undefined,
          );
          assert.equal(agreed.state, 'BACKUP');
        },
      );
    });

  it('a backup tells of an address of its own that somebody puts there, until it is gone', async () => {
    const configure = (change: Partial<InstanceConfig>) =>
      vrrpConfig([instance({ ...change, advertIntMs: 200, virtualAddresses: [OURS] })]);
    await withPair(configure, async ({ a, b }) => {
      const unwanted = async (director: VrrpProcess) => (await director.instance()).addresses.unwanted;
      assert.deepEqual(await unwanted(b), []);
      b.host.run(`ip addr add ${OURS.address}/32 dev eth0`);
      assert.deepEqual([await unwanted(a), await unwanted(b)], [[], [`${OURS.address}/32 on eth0`]]);
      b.host.run(`ip addr del ${OURS.address}/32 dev eth0`);
      assert.deepEqual(await unwanted(b), []);
    });
  });
});
