/** IPv6 addresses and the routes to their subnets, as the kernel ties them together. */
import assert from 'node:assert/strict';
import { LaterChanges } from '../../../../src/net/route/later.js';
import { VirtualAddresses } from '../../../../src/vrrp/addresses.js';
import type { AddressConfig } from '../../../../src/vrrp/network-config.js';
import { address } from '../../../support/instances.js';
import { openRoutes } from '../../../support/kernel-routes.js';
import { type Host, withNetwork } from '../../../support/namespaces.js';

type Setup = {
  readonly host: Host;
  readonly keep: (...addresses: readonly AddressConfig[]) => VirtualAddresses;
};

function withHost(body: (setup: Setup) => Promise<void> | void): Promise<void> {
  return withNetwork(['a'], async (network) => {
    const host = network.host('a');
    const routes = openRoutes(host);
    const kernel = { socket: routes.socket, links: routes.links, later: new LaterChanges(routes.socket) };
    const keep = (...addresses: readonly AddressConfig[]) =>
      new VirtualAddresses(kernel, {
        addresses,
        onLost: () => {},
        onError: (error) => assert.fail(String(error)),
      });
    try {
      await body({ host, keep });
    } finally {
      routes.close();
    }
  });
}

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
});
