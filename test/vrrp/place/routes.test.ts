/** Routes that another hand takes away. */
import assert from 'node:assert/strict';
import type { RouteEvent } from '../../../src/net/route/events.js';
import type { RouteConfig, RuleConfig } from '../../../src/vrrp/place/network-config.js';
import { VirtualRoutes } from '../../../src/vrrp/place/routes.js';
import { createFakeRoutes } from '../../support/fake-routes.js';
import { by, routeLine } from '../../support/route-lines.js';

const BY_ETH0 = routeLine('10.1.0.0', { nexthops: [by('eth0')] });
const BY_VMAC = routeLine('10.2.0.0', { nexthops: [by('vrrp.51')] });

function deleted({ family, to, table, tos }: RouteConfig): RouteEvent {
  return { kind: 'route', change: 'del', route: { family, to, table, tos } as never };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('vrrp/routes that another hand takes away', () => {
  let told: string[];
  let routes: VirtualRoutes;

  beforeEach(() => {
    told = [];
    const onLost = (lost: readonly (RouteConfig | RuleConfig)[]) =>
      void told.push(lost.map((each) => ('to' in each && each.to ? each.to.address : '?')).join());
    routes = new VirtualRoutes(createFakeRoutes(['eth0', 'vrrp.51']), {
      routes: [BY_ETH0, BY_VMAC],
      rules: [],
      onLost,
    });
    assert.deepEqual(routes.acquire(), []);
  });

  it('are told once a turn and together', async () => {
    for (const each of [BY_VMAC, BY_ETH0]) routes.accept(deleted(each));
    await turn();
    assert.deepEqual(told, ['10.2.0.0,10.1.0.0']);
  });

  for (const [what, end] of [
    ['released', () => routes.release()],
    ['given to another', () => routes.abandon()],
  ] as const) {
    it(`and are ${what} in the same turn are not missed, nor when they are acquired again`, async () => {
      routes.accept(deleted(BY_ETH0));
      end();
      routes.acquire();
      await turn();
      assert.deepEqual(told, []);
    });
  }

  it('that left by an interface that fell went with it; others did not', async () => {
    routes.accept(deleted(BY_VMAC));
    routes.fell('vrrp.51');
    routes.accept(deleted(BY_VMAC));
    routes.accept(deleted(BY_ETH0));
    await turn();
    assert.deepEqual(told, ['10.1.0.0']);
  });
});
