/** Routes and rules through rtnetlink, with `ip` as the oracle. */
import assert from 'node:assert/strict';
import { isRoute, type RouteSpec } from '../../../../src/net/route/route.js';
import {
  addRoute,
  addRule,
  deleteRoute,
  deleteRule,
  listRoutes,
  listRules,
} from '../../../../src/net/route/routes.js';
import { isRule, type RuleSpec } from '../../../../src/net/route/rule.js';
import { openRoutes, type Routes, value } from '../../../support/kernel-routes.js';
import { eventually, withNetwork } from '../../../support/namespaces.js';

const base: RouteSpec = {
  family: 'ipv4',
  type: 'unicast',
  to: { address: '10.50.0.0', prefixLength: 16 },
  nexthops: [{ via: '10.77.0.254', interface: 'eth0', onlink: false, weight: 1 }],
  table: 254,
  protocol: 18,
  tos: 0,
  metrics: {},
};

const plain = { onlink: false, weight: 1 };

const ROUTES: readonly (readonly [claim: string, spec: RouteSpec, show: string, expected: RegExp])[] = [
  ['via and dev', base, '10.50.0.0/16', /^10\.50\.0\.0\/16 via 10\.77\.0\.254 dev eth0 proto keepalived/],
  [
    'src, metric, scope and path metrics',
    { ...base, source: '10.77.0.1', metric: 50, metrics: { mtu: 1400, initcwnd: 20 } },
    '10.50.0.0/16',
    /src 10\.77\.0\.1 metric 50 mtu 1400 initcwnd 20/,
  ],
  [
    'on the link, in a table above 255',
    { ...base, nexthops: [{ interface: 'eth0', ...plain }], table: 1000 },
    '10.50.0.0/16 table 1000',
    /^10\.50\.0\.0\/16 dev eth0 proto keepalived scope link/,
  ],
  [
    'the default route',
    { ...base, to: { address: '0.0.0.0', prefixLength: 0 } },
    'default',
    /^default via 10\.77\.0\.254/,
  ],
  ['blackhole', { ...base, type: 'blackhole', nexthops: [] }, '10.50.0.0/16', /^blackhole 10\.50\.0\.0\/16/],
  [
    'a gateway off the link, by onlink',
    { ...base, nexthops: [{ via: '10.99.0.1', interface: 'eth0', onlink: true, weight: 1 }] },
    '10.50.0.0/16',
    /via 10\.99\.0\.1 dev eth0 .*onlink/,
  ],
  [
    'several next hops with weights',
    {
      ...base,
      nexthops: [
        { via: '10.77.0.253', interface: 'eth0', onlink: false, weight: 1 },
        { via: '10.77.0.254', interface: 'eth0', onlink: false, weight: 3 },
      ],
    },
    '10.50.0.0/16',
    /via 10\.77\.0\.253 dev eth0 weight 1[\s\S]*via 10\.77\.0\.254 dev eth0 weight 3/,
  ],
  [
    'IPv4 by an IPv6 gateway',
    { ...base, nexthops: [{ via: 'fd77::fe', interface: 'eth0', ...plain }] },
    '10.50.0.0/16',
    /via inet6 fd77::fe dev eth0/,
  ],
  [
    'IPv6',
    {
      ...base,
      family: 'ipv6',
      to: { address: 'fd50::', prefixLength: 64 },
      nexthops: [{ via: 'fd77::fe', interface: 'eth0', ...plain }],
    },
    'fd50::/64',
    /^fd50::\/64 via fd77::fe dev eth0 proto keepalived metric 1024/,
  ],
];

const rule: RuleSpec = {
  family: 'ipv4',
  not: false,
  tos: 0,
  action: { kind: 'lookup', table: 100 },
  priority: 1000,
};

const RULES: readonly (readonly [claim: string, spec: RuleSpec, expected: RegExp])[] = [
  [
    'from, to, table and preference',
    {
      ...rule,
      from: { address: '10.50.0.0', prefixLength: 16 },
      to: { address: '10.60.0.1', prefixLength: 32 },
      priority: 500,
    },
    /^500:\s+from 10\.50\.0\.0\/16 to 10\.60\.0\.1 lookup 100/m,
  ],
  [
    'mark and interface',
    {
      ...rule,
      fwmark: { mark: 7, mask: 0xff },
      iif: 'eth0',
      priority: 501,
      action: { kind: 'lookup', table: 1000 },
    },
    /^501:\s+from all fwmark 0x7\/0xff iif eth0 lookup 1000/m,
  ],
  [
    'not, protocol and ports',
    {
      ...rule,
      not: true,
      ipProto: 6,
      destinationPorts: { from: 80, to: 90 },
      priority: 502,
      action: { kind: 'prohibit' },
    },
    /^502:\s+not from all ipproto tcp dport 80-90 prohibit/m,
  ],
  [
    'suppress_prefixlength',
    { ...rule, suppressPrefixLength: 0, priority: 503, action: { kind: 'lookup', table: 254 } },
    /^503:\s+from all lookup main suppress_prefixlength 0/m,
  ],
];

function onHost(body: (routes: Routes, run: (command: string) => string) => Promise<void>): Promise<void> {
  return withNetwork(['a'], async ({ host }) => {
    const routes = openRoutes(host('a'));
    try {
      await body(routes, host('a').run);
    } finally {
      routes.close();
    }
  });
}

describe('routes in a real kernel', () => {
  for (const [claim, spec, show, expected] of ROUTES) {
    it(`${claim}: made as asked, known again, replaced in place, removed`, () =>
      onHost(async ({ socket, links, events }, run) => {
        const shown = () => run(`ip ${spec.family === 'ipv6' ? '-6' : '-4'} route show ${show}`);
        for (const round of ['made', 'replaced']) {
          assert.deepEqual(socket.change([addRoute(spec, links.indexOf)]).map(String), ['undefined'], round);
          assert.match(shown(), expected);
        }
        const listed = value(listRoutes(socket, spec.family, spec.table));
        assert.equal(listed.filter((route) => isRoute(route, spec)).length, 1);
        await eventually('the event', () => told(events, 'new'));
        assert.deepEqual(socket.change([deleteRoute(spec, links.indexOf)]).map(String), ['undefined']);
        assert.equal(shown(), '');
        await eventually('the event of removal', () => told(events, 'del'));
        assert.match(String(socket.change([deleteRoute(spec, links.indexOf)])), /ESRCH/);

        function told(all: Routes['events'], change: 'new' | 'del'): boolean {
          return all.some((e) => e.kind === 'route' && e.change === change && isRoute(e.route, spec));
        }
      }));
  }

  it('an interface that is not there is refused, not a route elsewhere', () =>
    onHost(async ({ socket, links }, run) => {
      const lost = { ...base, nexthops: [{ via: '10.77.0.254', interface: 'eth9', ...plain }] };
      assert.match(String(socket.change([addRoute(lost, links.indexOf)])), /^add route ".* dev eth9 .*": E/);
      assert.equal(run('ip route show 10.50.0.0/16'), '');
    }));
});

describe('rules in a real kernel', () => {
  for (const [claim, spec, expected] of RULES) {
    it(`${claim}: made as asked, known again, refused twice, removed`, () =>
      onHost(async ({ socket, events }, run) => {
        assert.deepEqual(socket.change([addRule(spec)]).map(String), ['undefined']);
        assert.match(run('ip rule show'), expected);
        assert.equal(value(listRules(socket, 'ipv4')).filter((found) => isRule(found, spec)).length, 1);
        assert.match(String(socket.change([addRule(spec)])), /EEXIST/);
        assert.deepEqual(socket.change([deleteRule(spec)]).map(String), ['undefined']);
        assert.doesNotMatch(run('ip rule show'), expected);
        await eventually('both events', () => {
          const changes = events.flatMap((e) =>
            e.kind === 'rule' && isRule(e.rule, spec) ? [e.change] : [],
          );
          return changes.join() === 'new,del';
        });
        assert.match(String(socket.change([deleteRule(spec)])), /ENOENT/);
      }));
  }
});
