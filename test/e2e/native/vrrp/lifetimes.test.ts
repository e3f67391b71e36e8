/** IPv6 addresses and the routes to their subnets, as the kernel ties them together. */
import assert from 'node:assert/strict';
import type { RouteEvent } from '../../../../src/net/route/events.js';
import { LaterChanges } from '../../../../src/net/route/later.js';
import type { SystemError } from '../../../../src/net/system-error.js';
import { VirtualAddresses } from '../../../../src/vrrp/place/addresses.js';
import type { AddressConfig } from '../../../../src/vrrp/place/network-config.js';
import { PrefixRoutes } from '../../../../src/vrrp/place/prefix-routes.js';
import { address } from '../../../support/instances.js';
import { openRoutes } from '../../../support/kernel-routes.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';

type Setup = {
  readonly host: Host;
  readonly keep: (...addresses: readonly AddressConfig[]) => VirtualAddresses;
  readonly events: readonly RouteEvent[];
  /** How often the kernel was asked which addresses and routes there are. */
  readonly dumps: () => number;
};

function withHost(body: (setup: Setup) => Promise<void> | void): Promise<void> {
  return withNetwork(['a'], async (network) => {
    const host = network.host('a');
    const routes = openRoutes(host);
    const kernel = { socket: routes.socket, links: routes.links, later: new LaterChanges(routes.socket) };
    const ours = new Set<string>();
    const isOurs = (text: string) => ours.has(text);
    let dumps = 0;
    const dump: typeof routes.socket.dump = (...asked) => {
      dumps += 1;
      return routes.socket.dump(...asked);
    };
    const prefixRoutes = new PrefixRoutes({ ...routes.socket, dump }, isOurs);
    routes.listeners.push((event) => prefixRoutes.accept(event));
    const keep = (...addresses: readonly AddressConfig[]) => {
      for (const each of addresses) ours.add(each.address);
      return new VirtualAddresses(kernel, { addresses, onLost: () => {}, onError, prefixRoutes });
    };
    try {
      await body({ host, keep, events: routes.events, dumps: () => dumps });
    } finally {
      routes.close();
    }
  });
}

const onError = (error: SystemError) => assert.fail(String(error));

const wide = (text: string, prefixLength: number): AddressConfig => ({ ...address(text), prefixLength });

describe('IPv6 addresses on a real host', () => {
  for (const [left, wanted] of [
    [64, 128],
    [128, 64],
  ] as const) {
    it(`one that was left behind with /${left} goes at the release, though the file says /${wanted} now`, () =>
      withHost(({ host, keep }) => {
        host.run(`ip addr add fd77::100/${left} dev eth0 nodad`);
        const vips = keep(wide('fd77::100', wanted));
        assert.deepEqual(vips.acquire(undefined), []);
        assert.deepEqual(vips.release(), []);
        assert.doesNotMatch(host.run('ip addr show dev eth0'), /fd77::100/);
      }));
  }

  const VIP = wide('fd88::100', 64);
  const SECOND = wide('fd88::101', 64);
  /** Seconds left of the route to a subnet: none while there is no route. */
  const routeS = ({ run }: Host, to = 'fd88::/64') => {
    const [, expires] = /metric 256( expires (-?\d+)sec)?/.exec(run(`ip -6 route show ${to} dev eth0`)) ?? [];
    if (expires !== undefined) return Number(/-?\d+/.exec(expires)?.[0]);
    return run(`ip -6 route show ${to} dev eth0`).includes('metric 256') ? 'forever' : 'none';
  };
  const isLong = (seconds: number | string) => seconds === 'forever' || Number(seconds) > 900;

  for (const [name, of, make] of [
    [
      'that a router told of',
      'fd88::/64',
      '-6 route add fd88::/64 dev eth0 proto ra metric 256 expires 1000',
    ],
    ["of the host's own address", 'fd88::/64', 'addr add fd88::1/64 dev eth0 nodad'],
    [
      "of the host's own address that has a lifetime",
      'fd88::/64',
      'addr add fd88::1/64 dev eth0 nodad valid_lft 1000 preferred_lft 1000',
    ],
    ['of the link', 'fe80::/64', '-6 route show'],
  ] as const) {
    it(`the route ${name} keeps its lifetime, whatever that of a virtual address becomes`, () =>
      withHost(async ({ host, keep }) => {
        host.run(`ip ${make}`);
        const vips = keep(wide(of.replace('/64', '100'), 64));
        for (const lifetimeS of [4, undefined, 4, 5]) {
          assert.deepEqual(vips.acquire(lifetimeS), []);
          assert.ok(isLong(routeS(host, of)), `${lifetimeS} s: ${routeS(host, of)}`);
        }
        vips.renew(6);
        await eventually('the renewal', () => /valid_lft [56]sec/.test(host.run('ip -6 addr show dev eth0')));
        assert.ok(isLong(routeS(host, of)), `renewed: ${routeS(host, of)}`);
        vips.release();
        assert.ok(isLong(routeS(host, of)), `released: ${routeS(host, of)}`);
      }));
  }

  it("a virtual address that was there for ever before gives the host's route no end either", () =>
    withHost(({ host, keep }) => {
      host.run('ip addr add fd88::100/64 dev eth0 nodad');
      host.run('ip addr add fd88::1/64 dev eth0 nodad');
      keep(VIP).acquire(4);
      assert.equal(routeS(host), 'forever');
    }));

  it('where nobody else has a route, it lasts as long as the virtual address that was held last, of whichever instance', () =>
    withHost(({ host, keep }) => {
      const [first, second] = [keep(VIP), keep(SECOND)];
      first.acquire(30);
      assert.ok(Number(routeS(host)) <= 30, String(routeS(host)));
      second.acquire(1000);
      assert.ok(isLong(routeS(host)), String(routeS(host)));
      first.release();
      assert.ok(isLong(routeS(host)), String(routeS(host)));
    }));

  describe('of many instances', () => {
    const MANY = 40;
    const many = (keep: Setup['keep']) =>
      Array.from({ length: MANY }, (_, i) => keep(wide(`fd88:0:0:${(i % 4) + 1}::${i + 16}`, 64)));
    /** Until the kernel has told of all that was done so far. */
    const told = async ({ host, events }: Setup, id: number) => {
      host.run(`ip route add 198.51.100.${id} dev lo`);
      const isIt = (event: RouteEvent) =>
        event.kind === 'route' && event.route.to.address === `198.51.100.${id}`;
      await eventually('the events', () => events.some(isIt));
    };

    it('that take over one after another, the machine is read for the first', () =>
      withHost(async (setup) => {
        const [first, ...others] = many(setup.keep);
        first?.acquire(30);
        const before = setup.dumps();
        assert.ok(before > 0);
        for (const [i, each] of others.entries()) {
          each.acquire(30);
          if (i % 13 === 0) await told(setup, i + 1);
        }
        assert.equal(setup.dumps(), before);
        for (const subnet of [1, 2, 3, 4]) {
          assert.ok(
            Number(routeS(setup.host, `fd88:0:0:${subnet}::/64`)) > 0,
            'all of them make their routes',
          );
        }
      }));

    it('a route that the kernel keeps until the end of an address that was released is no reason to make none', () =>
      withHost(async (setup) => {
        const { host, keep } = setup;
        const [vips, other] = [keep(VIP), keep(wide('fd99::100', 64))];
        vips.acquire(30);
        vips.release();
        assert.ok(Number(routeS(host)) > 0, 'kept');
        host.run('ip addr add fd98::1/64 dev eth0 nodad');
        await told(setup, 1);
        const before = setup.dumps();
        other.acquire(30);
        assert.ok(setup.dumps() > before, 'the machine was read anew');
        vips.acquire(1000);
        assert.ok(isLong(routeS(host)), `${routeS(host)} s`);
      }));

    for (const [name, come, go] of [
      [
        'an address',
        'addr add fd88::1/64 dev eth0 nodad valid_lft 1000 preferred_lft 1000',
        ['addr del fd88::1/64 dev eth0', '-6 route del fd88::/64 dev eth0'],
      ],
      [
        'a route of a router',
        '-6 route add fd88::/64 dev eth0 proto ra metric 256 expires 1000',
        ['-6 route del fd88::/64 dev eth0 proto ra metric 256'],
      ],
    ] as const) {
      it(`what comes and goes meanwhile is seen: ${name}`, () =>
        withHost(async (setup) => {
          const { host, keep } = setup;
          const [other, vips] = [keep(wide('fd99::100', 64)), keep(VIP)];
          other.acquire(30);
          host.run(`ip ${come}`);
          await told(setup, 1);
          vips.acquire(4);
          assert.ok(isLong(routeS(host)), `${routeS(host)} s`);
          vips.release();
          for (const each of go) host.run(`ip ${each}`);
          await told(setup, 2);
          vips.acquire(4);
          assert.ok(Number(routeS(host)) <= 4, `${routeS(host)} s`);
        }));

      it(`what comes after ours were there and had gone again is seen: ${name}`, () =>
        withHost(async (setup) => {
          const { host, keep } = setup;
          const vips = keep(VIP);
          vips.acquire(undefined);
          vips.release();
          await told(setup, 1);
          host.run(`ip ${come}`);
          await told(setup, 2);
          vips.acquire(4);
          assert.ok(isLong(routeS(host)), `${routeS(host)} s`);
        }));
    }
  });
});
