/** An owner's address may be there as one of its host: it is never taken away on the way to hold it. */
import assert from 'node:assert/strict';
import { holdAddress } from '../../../src/net/route/addresses.js';
import type { SyncGroupConfig } from '../../../src/vrrp/config.js';
import { specOf } from '../../../src/vrrp/place/addresses.js';
import { createFakeHost, type FakeHost } from '../../support/fake-place.js';
import { address, instance, vrrpConfig } from '../../support/instances.js';

const owned = { ...address('192.0.2.100'), prefixLength: 24 };

const transport = { kind: 'multicast', group: '224.0.0.18', sourceAddress: '10.0.0.1' } as const;
const owner = instance({ priority: 255, initialState: 'MASTER', virtualAddresses: [owned], transport });

function alone(): FakeHost {
  const host = createFakeHost();
  const forever = { valid: 'forever', preferred: 'forever' } as const;
  host.kernel.socket.change([holdAddress(specOf(owned), { name: 'eth0', index: 2 }, forever)]);
  host.kernel.log.length = 0;
  return host;
}

const kept = /^192\.0\.2\.100\/24 eth0/;

const deleted = ({ kernel }: FakeHost) => kernel.log.filter((line) => line.startsWith('delete address'));

describe("an owner whose address is the host's own", () => {
  it('is MASTER at once, and the address stays', () => {
    const host = alone();
    host.configure(owner);
    host.clock.advance(60_000);
    assert.deepEqual([host.state(), deleted(host)], ['MASTER', []]);
    assert.match(host.kernel.addresses().join(), kept);
  });

  it('keeps it too while its sync group waits for another member', () => {
    const host = alone();
    const other = instance({ name: 'VI_2', virtualRouterId: 52, addresses: ['10.0.0.9'], transport });
    const group: SyncGroupConfig = {
      name: 'VG',
      instances: ['VI_1', 'VI_2'],
      track: owner.track,
      trackingWeight: false,
      notify: owner.notify,
    };
    host.director.configure(vrrpConfig([owner, other], { syncGroups: [group] }));
    assert.equal(host.state(), 'BACKUP');
    assert.match(host.kernel.addresses().join(), kept);
    host.clock.advance(10_000);
    assert.equal(host.state(), 'MASTER');
    assert.deepEqual(
      deleted(host).filter((line) => line.includes(owned.address)),
      [],
    );
    assert.match(host.kernel.addresses().join(), kept);
  });
});
