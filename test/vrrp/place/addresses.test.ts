import assert from 'node:assert/strict';
import { LaterChanges } from '../../../src/net/route/later.js';
import { VirtualAddresses } from '../../../src/vrrp/place/addresses.js';
import type { AddressConfig } from '../../../src/vrrp/place/network-config.js';
import { createFakeRoutes, type FakeRoutes } from '../../support/fake-routes.js';
import { address } from '../../support/instances.js';

type Setup = { readonly kernel: FakeRoutes; readonly vips: VirtualAddresses; readonly told: string[] };

function setup(addresses: readonly AddressConfig[] = [address('192.0.2.1'), address('192.0.2.2')]): Setup {
  const told: string[] = [];
  let vips: VirtualAddresses | undefined;
  const kernel = createFakeRoutes(['eth0', 'eth1'], (event) => vips?.accept(event));
  const later = new LaterChanges(kernel.socket);
  vips = new VirtualAddresses(
    { ...kernel, later },
    {
      addresses,
      onLost: (lost) => told.push(`lost ${lost.map((each) => each.address).join()}`),
      onError: (error) => told.push(String(error)),
    },
  );
  return { kernel, vips, told };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('vrrp/addresses', () => {
  it('acquire puts every address there with its lifetime before it returns', () => {
    const { kernel, vips } = setup();
    assert.deepEqual(vips.acquire(4), []);
    assert.deepEqual(kernel.addresses(), ['192.0.2.1/32 eth0 4s', '192.0.2.2/32 eth0 4s']);
  });

  it('without a lifetime they stay for ever', () => {
    const { kernel, vips } = setup([address('192.0.2.1')]);
    vips.acquire(undefined);
    assert.deepEqual(kernel.addresses(), ['192.0.2.1/32 eth0 forever']);
  });

  it('an address the kernel refuses is told, and the others are there', () => {
    const lost = { ...address('192.0.2.1'), interface: 'eth9' };
    const { kernel, vips } = setup([lost, address('192.0.2.2')]);
    assert.match(vips.acquire(4).join(), /^add address "192\.0\.2\.1\/32 on eth9": ENODEV/);
    assert.deepEqual(kernel.addresses(), ['192.0.2.2/32 eth0 4s']);
  });

  it('IPv6 addresses are there at once, without duplicate address detection', () => {
    const { kernel, vips } = setup([address('2001:db8::1')]);
    vips.acquire(4);
    assert.equal(kernel.log.length, 1);
    const listed = kernel.socket.dump(22, Buffer.from([10, 0, 0, 0, 0, 0, 0, 0]));
    assert.ok(Array.isArray(listed));
    // struct ifaddrmsg: ifa_flags, IFA_F_NODAD.
    assert.equal((listed[0]?.data[2] ?? 0) & 0x02, 0x02);
  });

  it('release takes them away, the last first, since the first of a subnet takes the others along', () => {
    const { kernel, vips } = setup();
    vips.acquire(4);
    kernel.log.length = 0;
    assert.deepEqual(vips.release(), []);
    assert.deepEqual(kernel.addresses(), []);
    assert.deepEqual(kernel.log, [
      'delete address 192.0.2.2/32 on eth0',
      'delete address 192.0.2.1/32 on eth0',
    ]);
  });

  it('release of what is not there is no error: it went by itself, or its interface did', () => {
    const { vips } = setup([address('192.0.2.1'), { ...address('192.0.2.2'), interface: 'eth9' }]);
    assert.deepEqual(vips.release(), []);
  });

  it('a refusal to remove is told', () => {
    const { kernel, vips } = setup();
    vips.acquire(4);
    kernel.refuse('delete address', -1);
    assert.match(vips.release().join(), /EPERM/);
  });

  it('renew gives a new lifetime later, without waiting', async () => {
    const { kernel, vips } = setup([address('192.0.2.1')]);
    vips.acquire(4);
    vips.renew(9);
    assert.deepEqual(kernel.addresses(), ['192.0.2.1/32 eth0 4s']);
    kernel.later();
    assert.deepEqual(kernel.addresses(), ['192.0.2.1/32 eth0 9s']);
  });

  it('a renewal that the kernel refuses is told', () => {
    const { kernel, vips, told } = setup([address('192.0.2.1')]);
    vips.acquire(4);
    vips.renew(4);
    kernel.refuse('add address', -19);
    kernel.later();
    assert.match(told.join(), /^add address "192\.0\.2\.1\/32 on eth0": ENODEV/);
  });

  it('a renewal under way at the release brings nothing back', () => {
    const { kernel, vips } = setup();
    vips.acquire(4);
    vips.renew(4);
    vips.release();
    kernel.later();
    assert.deepEqual(kernel.addresses(), []);
  });

  it('a renewal that still waits at the release is not made at all', () => {
    const { kernel, vips } = setup([address('192.0.2.1')]);
    vips.acquire(4);
    vips.renew(4);
    vips.renew(4);
    vips.release();
    kernel.log.length = 0;
    kernel.later();
    kernel.later();
    assert.deepEqual(kernel.log, ['add address 192.0.2.1/32 on eth0', 'delete address 192.0.2.1/32 on eth0']);
  });

  it('addresses that someone takes away are told, once a turn and all together', async () => {
    const { kernel, vips, told } = setup();
    vips.acquire(4);
    kernel.remove('192.0.2.2');
    kernel.remove('192.0.2.1');
    assert.deepEqual(told, [], 'packets of the same turn are read first');
    await turn();
    assert.deepEqual(told, ['lost 192.0.2.2,192.0.2.1']);
  });

  it('what was not held, is not tracked, or was released in the same turn is not missed', async () => {
    const { kernel, vips, told } = setup([address('192.0.2.1'), { ...address('192.0.2.2'), track: false }]);
    vips.acquire(4);
    kernel.remove('192.0.2.2');
    kernel.remove('192.0.2.1');
    vips.release();
    await turn();
    vips.accept({ kind: 'overrun' });
    await turn();
    assert.deepEqual(told, []);
  });

  it('after an overrun it looks for itself', async () => {
    const { kernel, vips, told } = setup();
    vips.acquire(4);
    vips.accept({ kind: 'overrun' });
    await turn();
    assert.deepEqual(told, []);
    kernel.remove('192.0.2.1');
    await turn();
    vips.accept({ kind: 'overrun' });
    await turn();
    assert.deepEqual(told, ['lost 192.0.2.1', 'lost 192.0.2.1']);
  });

  it('tells what an earlier life left behind', () => {
    const { kernel, vips } = setup();
    assert.deepEqual(vips.leftover(), {
      missing: [address('192.0.2.1'), address('192.0.2.2')],
      leastValidS: Number.POSITIVE_INFINITY,
    });
    vips.acquire(3);
    assert.deepEqual(vips.leftover(), { missing: [], leastValidS: 3 });
    kernel.remove('192.0.2.2');
    assert.deepEqual(vips.leftover(), { missing: [address('192.0.2.2')], leastValidS: 3 });
  });
});
