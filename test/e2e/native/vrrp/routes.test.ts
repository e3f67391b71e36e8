/** Routes and rules of a virtual router that go on a real host, and how that is noticed. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RouteEvent } from '../../../../src/net/route/events.js';
import { describeRoute, describeRule } from '../../../../src/net/route/routes.js';
import type { RuleConfig } from '../../../../src/vrrp/place/network-config.js';
import { VirtualRoutes } from '../../../../src/vrrp/place/routes.js';
import { openRoutes } from '../../../support/kernel-routes.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { routeLine, ruleLine } from '../../../support/route-lines.js';

const ruleFrom = (from: string, change: Partial<RuleConfig> = {}) =>
  ruleLine({ from: { address: from, prefixLength: 24 }, ...change });

const ROUTES = [
  routeLine('10.80.0.0'),
  routeLine('10.81.0.0', {
    table: 100,
    nexthops: [{ via: '10.77.0.9', interface: 'eth0', onlink: false, weight: 1 }],
  }),
  routeLine('fd80::', { family: 'ipv6', to: { address: 'fd80::', prefixLength: 64 } }),
];
const RULES = [ruleFrom('10.80.0.0'), ruleFrom('10.81.0.0', { priority: 900 })];

type Held = {
  readonly host: Host;
  /** The events of what happens meanwhile are lost, and this alone is told. */
  readonly overrun: (meanwhile: () => void) => Promise<void>;
  /** Each time something was told to be lost, it is put back, as a master does. */
  readonly told: string[][];
  readonly shown: () => string;
};

function withHeld(body: (held: Held) => Promise<void>, routes = ROUTES, rules = RULES): Promise<void> {
  return withNetwork(['a'], async (network) => {
    const host = network.host('a');
    const { socket, links, listeners, close } = openRoutes(host);
    const told: string[][] = [];
    const virtual: VirtualRoutes = new VirtualRoutes(
      { socket, links },
      {
        routes,
        rules,
        onLost: (lost) => {
          told.push(lost.map((each) => ('nexthops' in each ? describeRoute(each) : describeRule(each))));
          virtual.acquire();
        },
      },
    );
    const overrun: Held['overrun'] = async (meanwhile) => {
      listeners.length = 0;
      meanwhile();
      await quiet();
      listeners.push(hear);
      virtual.accept({ kind: 'overrun' });
    };
    const hear = (event: RouteEvent) => virtual.accept(event);
    listeners.push(hear);
    const shown = () =>
      ['route show', 'route show table 100', '-6 route show', 'rule show']
        .map((of) => host.run(`ip ${of}`))
        .join('');
    try {
      assert.deepEqual(virtual.acquire(), []);
      await body({ host, overrun, told, shown });
    } finally {
      close();
    }
  });
}

/** Everything told until now is through. */
const quiet = () => sleep(50);

describe('routes and rules that are lost on a real host', () => {
  it('an overrun with all of them there is no loss', () =>
    withHeld(async ({ overrun, told, shown }) => {
      const before = shown();
      await overrun(() => {});
      await quiet();
      assert.deepEqual([told, shown()], [[], before]);
    }));

  it('what an overrun swallowed is told, that alone, and is back', () =>
    withHeld(async ({ host, overrun, told, shown }) => {
      const before = shown();
      await overrun(() => {
        host.run('ip route del 10.81.0.0/24 table 100');
        host.run('ip -6 route del fd80::/64');
        host.run('ip rule del pref 900');
      });
      await eventually('the losses', () => told.flat().length >= 3);
      await quiet();
      const lost = [...ROUTES.slice(1).map(describeRoute), ...RULES.slice(1).map(describeRule)];
      assert.deepEqual(told.flat().sort(), lost.sort());
      assert.equal(shown(), before);
    }));

  it('an interface that changes and loses nothing is no loss', () =>
    withHeld(async ({ host, told }) => {
      for (const change of ['mtu 1400', 'mtu 1500', 'promisc on', 'promisc off', 'alias x']) {
        host.run(`ip link set eth0 ${change}`);
        await quiet();
      }
      assert.deepEqual(told, []);
    }));

  it('an interface that was down: what went with it without a word is told, and is back', () =>
    withHeld(
      async ({ host, told, shown }) => {
        const before = shown();
        host.run('ip link set eth0 down');
        assert.notEqual(shown(), before);
        host.run('ip link set eth0 up');
        await eventually('the news', () => told.length > 0);
        assert.deepEqual(told.flat().sort(), ROUTES.slice(0, 2).map(describeRoute).sort());
        assert.match(shown(), /10\.80\.0\.0\/24 dev eth0[\s\S]*10\.81\.0\.0\/24 via/);
      },
      ROUTES.slice(0, 2),
      [],
    ));
});
