/** What is put back without anybody else having taken it away: it never was there, or this process took it away itself. */
import assert from 'node:assert/strict';
import type { RouteEvent } from '../../../src/net/route/events.js';
import { LaterChanges } from '../../../src/net/route/later.js';
import type { Link } from '../../../src/net/route/link.js';
import { VirtualAddresses } from '../../../src/vrrp/place/addresses.js';
import type { AddressConfig } from '../../../src/vrrp/place/network-config.js';
import { VirtualRoutes } from '../../../src/vrrp/place/routes.js';
import { createFakeRoutes, type FakeRoutes } from '../../support/fake-routes.js';
import { address } from '../../support/instances.js';
import { by, routeLine, ruleLine } from '../../support/route-lines.js';

const [EINVAL, ENETUNREACH] = [22, 101];
// linux/fib_rules.h
const FR_ACT_TO_TBL = 1;
const VIP = address('192.0.2.1');
const VIP6 = address('2001:db8::1');
const ROUTE = routeLine('10.1.0.0', { nexthops: [by('eth0')] });
const RULE = ruleLine({ priority: 5 });

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('vrrp/addresses that are put back', () => {
  let kernel: FakeRoutes;
  let vips: VirtualAddresses;
  let told: string[];
  let events: RouteEvent[];

  beforeEach(() => {
    told = [];
    events = [];
    kernel = createFakeRoutes(['eth0'], (event) => events.push(event));
    hold(VIP);
  });

  function hold(which: AddressConfig): void {
    const onLost = (lost: readonly { address: string }[]) =>
      void told.push(lost.map((each) => each.address).join() || 'none');
    const later = new LaterChanges(kernel.socket);
    const options = { addresses: [which], onLost, onError: () => {} };
    vips = new VirtualAddresses({ ...kernel, later }, options);
  }

  const linkUp = (): RouteEvent => {
    const link = { ...kernel.links.byName('eth0'), running: true } as Link;
    return { kind: 'link', change: 'new', link };
  };

  it('one that the kernel refused is no loss at a link event, and one when it had been there', async () => {
    kernel.refuse('add address', -EINVAL);
    assert.equal(vips.acquire(4).length, 1);
    vips.accept(linkUp());
    await turn();
    assert.deepEqual(told, ['none']);
    vips.acquire(4);
    kernel.remove(VIP.address);
    vips.accept(linkUp());
    await turn();
    assert.deepEqual(told, ['none', '192.0.2.1']);
  });

  function deletionOf(which: AddressConfig): RouteEvent {
    kernel.remove(which.address);
    return events.findLast((event) => event.kind === 'address' && event.change === 'del') ?? assert.fail();
  }

  it('one that this process has deleted is no loss, and one that it has made again is none at all', async () => {
    vips.acquire(4);
    const gone = deletionOf(VIP);
    vips.accept({ ...gone, own: true } as RouteEvent);
    await turn();
    assert.deepEqual(told, ['none']);
    vips.acquire(4);
    vips.accept({ ...gone, own: true } as RouteEvent);
    await turn();
    assert.deepEqual(told, ['none']);
    vips.accept(deletionOf(VIP));
    await turn();
    assert.deepEqual(told, ['none', '192.0.2.1']);
  });

  it('an IPv4 address that others took is a loss, though a renewal was quicker; of an IPv6 address nobody knows', async () => {
    for (const [which, is] of [
      [VIP, ['192.0.2.1']],
      [VIP6, []],
    ] as const) {
      told.length = 0;
      hold(which);
      vips.acquire(4);
      const gone = deletionOf(which);
      vips.acquire(4);
      vips.accept(gone);
      await turn();
      assert.deepEqual(told, is);
    }
  });
});

describe('vrrp/routes that are put back', () => {
  let kernel: FakeRoutes;
  let routes: VirtualRoutes;
  let told: number;

  beforeEach(() => {
    told = 0;
    kernel = createFakeRoutes(['eth0']);
    routes = new VirtualRoutes(kernel, {
      routes: [ROUTE],
      rules: [RULE],
      onLost: () => {
        told += 1;
      },
    });
  });

  it('one that was refused and is made later is no loss', async () => {
    kernel.refuse('add route', -ENETUNREACH);
    assert.equal(routes.acquire().length, 1);
    kernel.log.length = 0;
    routes.accept({ kind: 'address', change: 'new', address: {} as never });
    for (let i = 0; i < 3; i += 1) await turn();
    assert.deepEqual([kernel.log.length, told], [1, 0]);
    routes.accept({ kind: 'overrun' });
    for (let i = 0; i < 3; i += 1) await turn();
    assert.equal(told, 1, 'it had been there');
  });

  const deletions: readonly RouteEvent[] = [
    { kind: 'route', change: 'del', route: ROUTE as never },
    { kind: 'rule', change: 'del', rule: { ...RULE, table: 100, action: FR_ACT_TO_TBL } as never },
  ];
  for (const event of deletions) {
    it(`a ${event.kind} that this process has deleted is made again without a word, one that others have is told`, async () => {
      routes.acquire();
      kernel.log.length = 0;
      routes.accept({ ...event, own: true } as RouteEvent);
      for (let i = 0; i < 3; i += 1) await turn();
      assert.ok(kernel.log.some((line) => line.startsWith(`add ${event.kind}`)));
      assert.equal(told, 0);
      routes.accept(event);
      for (let i = 0; i < 3; i += 1) await turn();
      assert.equal(told, 1);
    });
  }
});
