/** A virtual router's addresses, routes and announcements on real hosts. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../../src/clock.js';
import { openFrameSender } from '../../../../src/net/frames.js';
import { LaterChanges } from '../../../../src/net/route/later.js';
import {
  type AddressesOptions,
  type Kernel,
  VirtualAddresses,
} from '../../../../src/vrrp/place/addresses.js';
import { Announcer, announcementsOf } from '../../../../src/vrrp/place/announce.js';
import type { AddressConfig } from '../../../../src/vrrp/place/network-config.js';
import { VirtualRoutes } from '../../../../src/vrrp/place/routes.js';
import { address } from '../../../support/instances.js';
import { openRoutes, type Routes, value } from '../../../support/kernel-routes.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { by, routeLine, ruleLine } from '../../../support/route-lines.js';

const VIP = { ...address('10.77.0.100'), prefixLength: 24 };
const SECOND = { ...address('10.77.0.101'), prefixLength: 24 };
const VIP6 = { ...address('fd77::100'), prefixLength: 64 };

type Director = {
  readonly host: Host;
  readonly routes: Routes;
  readonly kernel: Kernel;
  readonly shows: (text: string) => boolean;
};

function withDirectors(
  names: readonly string[],
  body: (directors: readonly Director[]) => Promise<void> | void,
): Promise<void> {
  return withNetwork(names, async ({ host }) => {
    const directors = names.map((name) => direct(host(name)));
    try {
      await body(directors);
    } finally {
      for (const { routes } of directors) routes.close();
    }
  });
}

function direct(host: Host): Director {
  const routes = openRoutes(host);
  const later = new LaterChanges(routes.socket);
  const shows = (text: string) => host.run('ip addr show dev eth0').includes(text);
  return { host, routes, kernel: { socket: routes.socket, links: routes.links, later }, shows };
}

/** Addresses that hear the events of their host from now on. */
function keep(
  { routes, kernel }: Director,
  addresses: readonly AddressConfig[],
  told: string[],
): VirtualAddresses {
  const options: AddressesOptions = {
    addresses,
    onLost: (lost) => told.push(`lost ${lost.map((each) => each.address)}`),
    onError: (error) => told.push(String(error)),
  };
  const vips = new VirtualAddresses(kernel, options);
  routes.listeners.push((event) => vips.accept(event));
  return vips;
}

describe('addresses of a virtual router on real hosts', () => {
  it('while renewed they stay; frozen, the kernel removes them by itself', () =>
    withDirectors(['a'], async ([a]) => {
      assert.ok(a);
      const told: string[] = [];
      const vips = keep(a, [VIP, SECOND, VIP6], told);
      const livesS = 3;
      assert.deepEqual(vips.acquire(livesS), []);
      assert.match(a.host.run('ip addr show dev eth0'), /10\.77\.0\.100\/24.*\n.*valid_lft [23]sec/);
      for (let i = 0; i < 16; i += 1) {
        await sleep(300);
        vips.renew(livesS);
      }
      assert.ok(['10.77.0.100/24', '10.77.0.101/24', 'fd77::100/64'].every(a.shows));
      assert.deepEqual(told, []);
      await eventually('all to be gone', () => told.join().split('lost').length > 1 && !a.shows('77.0.10'));
      await eventually('IPv6 too', () => !a.shows('fd77::100'));
    }));

  it('`ip addr del` is told, and acquire puts it back', () =>
    withDirectors(['a'], async ([a]) => {
      assert.ok(a);
      const told: string[] = [];
      const vips = keep(a, [VIP, SECOND], told);
      vips.acquire(30);
      a.host.run('ip addr del 10.77.0.101/24 dev eth0');
      await eventually('the loss', () => told.length > 0);
      assert.deepEqual(told, ['lost 10.77.0.101']);
      vips.acquire(30);
      assert.ok(a.shows('10.77.0.101/24'));
    }));

  it('release leaves the addresses of others on the interface, also those that stand behind ours', () =>
    withDirectors(['a'], ([a]) => {
      assert.ok(a);
      const ours = { ...address('10.88.0.1'), prefixLength: 24 };
      const vips = keep(a, [ours], []);
      vips.acquire(30);
      a.host.run('ip addr add 10.88.0.2/24 dev eth0');
      assert.ok(a.shows('secondary'));
      a.host.enter(() => assert.deepEqual(vips.release(), []));
      assert.ok(!a.shows('10.88.0.1/24') && a.shows('10.88.0.2/24'));
      assert.equal(a.host.run('sysctl -n net.ipv4.conf.eth0.promote_secondaries').trim(), '0');
    }));

  it('a successor finds what was left, with the time it has', () =>
    withDirectors(['a'], ([a]) => {
      assert.ok(a);
      keep(a, [VIP, VIP6], []).acquire(30);
      const left = value(keep(a, [VIP, VIP6, SECOND], []).leftover());
      assert.deepEqual(left.missing, [SECOND]);
      assert.ok(left.leastValidS >= 29 && left.leastValidS <= 30, String(left.leastValidS));
    }));

  it('routes and rules come and go with it, and come back when taken away', () =>
    withDirectors(['a'], async ([a]) => {
      assert.ok(a);
      const told: number[] = [];
      const virtual = new VirtualRoutes(a.kernel, {
        routes: [ROUTE],
        rules: [RULE],
        onLost: (lost) => told.push(lost.length),
      });
      a.routes.listeners.push((event) => virtual.accept(event));
      const shown = () => [a.host.run('ip route show table 100'), a.host.run('ip rule show')].join('\n');
      for (let i = 0; i < 2; i += 1) assert.deepEqual(virtual.acquire().map(String), []);
      assert.match(shown(), /default via 10\.77\.0\.254 dev eth0/);
      assert.equal(shown().match(/lookup 100/g)?.length, 1);
      virtual.accept({ kind: 'overrun' });
      await sleep(50);
      a.host.run('ip link set eth0 promisc on');
      await sleep(50);
      assert.deepEqual(
        told,
        [],
        'nothing is gone: neither an overrun nor a change of the interface took anything',
      );
      const { listeners } = a.routes;
      listeners.length = 0;
      a.host.run('ip route flush table 100');
      a.host.run('ip rule del lookup 100');
      virtual.accept({ kind: 'overrun' });
      await eventually(
        'both losses, found without an event',
        () => told.reduce((sum, n) => sum + n, 0) === 2,
      );
      virtual.acquire();
      assert.match(shown(), /default[\s\S]*lookup 100/);
      // Events of what was just done are gone by then.
      await sleep(50);
      told.length = 0;
      listeners.push((event) => virtual.accept(event));
      a.host.run('ip route flush table 100');
      a.host.run('ip rule del lookup 100');
      await eventually('both losses', () => told.reduce((sum, n) => sum + n, 0) === 2);
      virtual.acquire();
      assert.match(shown(), /default[\s\S]*lookup 100/);
      for (let i = 0; i < 2; i += 1) assert.deepEqual(virtual.release().map(String), []);
      assert.doesNotMatch(shown(), /default via|lookup 100/);
    }));
});

describe('announcements on real hosts', () => {
  for (const vip of [VIP, VIP6]) {
    it(`${vip.family}: a neighbour that knew the old owner sends to the new one`, () =>
      withDirectors(['a', 'b', 'client'], async ([a, b, client]) => {
        assert.ok(a && b && client);
        const vips = [a, b].map((director) => keep(director, [vip], []));
        const announcers = [a, b].map(
          ({ host }) => new Announcer(value(host.enter(openFrameSender)), systemClock, [], () => {}),
        );
        const neighbour = () => client.host.run(`ip neigh show ${vip.address}`);
        const take = (index: 0 | 1) => {
          const director = [a, b][index];
          assert.ok(director);
          vips[1 - index]?.release();
          vips[index]?.acquire(30);
          announcers[index]?.announce('VI_1', announcementsOf([vip], director.routes.links), 1);
        };
        take(0);
        client.host.run(`ping -c 1 -W 1 ${vip.address}`);
        const [macA = '?', macB = '?'] = [a, b].map(({ routes }) => routes.links.byName('eth0')?.mac);
        assert.match(neighbour(), new RegExp(macA));
        take(1);
        await eventually('the new MAC', () => neighbour().includes(macB));
        client.host.run(`ping -c 1 -W 1 ${vip.address}`);
      }));
  }
});

const ROUTE = routeLine('0.0.0.0', {
  to: { address: '0.0.0.0', prefixLength: 0 },
  nexthops: [by('eth0', '10.77.0.254')],
  table: 100,
});

const RULE = ruleLine({ from: { address: '10.77.0.0', prefixLength: 24 } });
