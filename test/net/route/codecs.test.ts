/** Both ways through the bytes: what is asked for is what would be read back. The kernel's own view is tested in test/e2e. */
import assert from 'node:assert/strict';
import {
  type AddressSpec,
  decodeAddress,
  encodeAddress,
  FOREVER,
  sameAddress,
} from '../../../src/net/route/address.js';
import { decodeLink, encodeLink, IFLA } from '../../../src/net/route/link.js';
import { text, u32 } from '../../../src/net/route/message.js';
import { decodeRoute, encodeRoute, isRoute, type RouteSpec } from '../../../src/net/route/route.js';
import { decodeRule, encodeRule, isRule, type RuleSpec } from '../../../src/net/route/rule.js';

const vip: AddressSpec = { family: 'ipv4', address: '10.0.0.9', prefixLength: 24, scope: 0, flags: 0 };

describe('net/route/address', () => {
  it('an address keeps every field', () => {
    const full: AddressSpec = { ...vip, label: 'eth0:1', broadcast: '10.0.0.255', scope: 253, flags: 0x202 };
    const lifetime = { valid: 4, preferred: 0 };
    const read = decodeAddress(Buffer.from(encodeAddress(full, 7, lifetime)));
    assert.deepEqual(read, { ...full, interfaceIndex: 7, lifetime });
  });

  it('a peer stands with its own prefix length', () => {
    const peer = { address: '10.9.0.1', prefixLength: 30 };
    const read = decodeAddress(Buffer.from(encodeAddress({ ...vip, peer }, 7)));
    assert.deepEqual([read?.address, read?.peer, read?.prefixLength], ['10.0.0.9', peer, 30]);
    assert.ok(read && sameAddress(read, { ...vip, peer }));
    assert.ok(read && !sameAddress(read, vip));
  });

  it('preferred is never longer than valid, which the kernel would refuse', () => {
    const read = decodeAddress(Buffer.from(encodeAddress(vip, 7, { valid: 3, preferred: 'forever' })));
    assert.deepEqual(read?.lifetime, { valid: 3, preferred: 3 });
    const endless = decodeAddress(Buffer.from(encodeAddress(vip, 7, FOREVER)));
    assert.deepEqual(endless?.lifetime, FOREVER);
  });

  it('IPv4 addresses are one by prefix length too, IPv6 addresses by themselves', () => {
    const six: AddressSpec = { ...vip, family: 'ipv6', address: 'fd00::9' };
    assert.ok(!sameAddress(vip, { ...vip, prefixLength: 32 }));
    assert.ok(sameAddress(six, { ...six, prefixLength: 128 }));
  });

  it('refuses what is no address, and knows nothing of other families', () => {
    assert.throws(() => encodeAddress({ ...vip, address: 'vip' }, 7), /"vip": not a numeric/);
    assert.equal(decodeAddress(Buffer.from([28, 0, 0, 0, 0, 0, 0, 0])), undefined);
    assert.equal(decodeAddress(Buffer.from([2, 0])), undefined);
  });
});

describe('net/route/link', () => {
  it('up and running are two things', () => {
    const bytes = Buffer.from(
      encodeLink({ index: 5, up: true }, [
        [IFLA.IFNAME, text('eth0')],
        [IFLA.MTU, u32(1500)],
      ]),
    );
    const { index, name, mtu, up, running } = decodeLink(bytes) ?? {};
    assert.deepEqual(
      { index, name, mtu, up, running },
      { index: 5, name: 'eth0', mtu: 1500, up: true, running: false },
    );
    bytes.writeUInt32LE(0x41, 8);
    assert.equal(decodeLink(bytes)?.running, true);
  });

  it('a request that sets neither up nor down changes no flag', () => {
    const bytes = Buffer.from(encodeLink({ index: 5 }, []));
    assert.deepEqual([bytes.readUInt32LE(8), bytes.readUInt32LE(12)], [0, 0]);
    const down = Buffer.from(encodeLink({ index: 5, up: false }, []));
    assert.deepEqual([down.readUInt32LE(8), down.readUInt32LE(12)], [0, 1]);
  });

  it('messages about ports of a bridge are not about interfaces', () => {
    const bytes = Buffer.from(encodeLink({ index: 5 }, []));
    bytes[0] = 7;
    assert.equal(decodeLink(bytes), undefined);
  });
});

const route: RouteSpec = {
  family: 'ipv4',
  type: 'unicast',
  to: { address: '10.50.0.0', prefixLength: 16 },
  nexthops: [{ via: '10.0.0.254', interface: 'eth0', onlink: false, weight: 1 }],
  table: 1000,
  protocol: 18,
  tos: 0,
  metrics: {},
};
const indexOf = () => 3;

describe('net/route/route', () => {
  it('a route is known again by destination, table, type of service and metric', () => {
    const read = decodeRoute(Buffer.from(encodeRoute(route, indexOf)));
    assert.ok(read);
    assert.deepEqual(
      [read.via, read.interfaceIndex, read.protocol, read.type],
      ['10.0.0.254', 3, 18, 'unicast'],
    );
    assert.ok(isRoute(read, route));
    for (const other of [
      { table: 254 },
      { metric: 5 },
      { tos: 4 },
      { to: { address: '10.51.0.0', prefixLength: 16 } },
    ]) {
      assert.ok(!isRoute(read, { ...route, ...other }));
    }
  });

  it('IPv6 without a metric has the kernel 1024', () => {
    const six: RouteSpec = {
      ...route,
      family: 'ipv6',
      to: { address: 'fd50::', prefixLength: 64 },
      nexthops: [],
    };
    const read = decodeRoute(Buffer.from(encodeRoute({ ...six, metric: 1024 }, indexOf)));
    assert.ok(read && isRoute(read, six));
  });

  it('what is reached without a gateway has link scope, a local route host scope, others the universe', () => {
    const scopeOf = (changed: Partial<RouteSpec>) => encodeRoute({ ...route, ...changed }, indexOf)[6];
    const direct = [{ interface: 'eth0', onlink: false, weight: 1 }];
    assert.deepEqual(
      [
        scopeOf({}),
        scopeOf({ nexthops: direct }),
        scopeOf({ type: 'local', nexthops: direct }),
        scopeOf({ scope: 200 }),
      ],
      [0, 253, 254, 200],
    );
    assert.equal(scopeOf({ type: 'blackhole', nexthops: [] }), 0);
  });
});

const rule: RuleSpec = {
  family: 'ipv4',
  not: false,
  tos: 0,
  action: { kind: 'lookup', table: 100 },
  priority: 1000,
};

describe('net/route/rule', () => {
  it('a rule is known again by what it matches and does', () => {
    const full: RuleSpec = {
      ...rule,
      from: { address: '10.0.0.0', prefixLength: 8 },
      iif: 'eth0',
      priority: 9,
    };
    const read = decodeRule(Buffer.from(encodeRule(full)));
    assert.ok(read && isRule(read, full));
    for (const other of [
      { not: true },
      { iif: 'eth1' },
      { priority: 8 },
      { action: { kind: 'prohibit' as const } },
    ]) {
      assert.ok(!isRule(read, { ...full, ...other }));
    }
  });

  it('of another priority it is another', () => {
    const read = decodeRule(Buffer.from(encodeRule({ ...rule, priority: 32_765 })));
    assert.ok(read && !isRule(read, rule));
  });

  it('a prefix of length 0 is the same as none', () => {
    const read = decodeRule(Buffer.from(encodeRule(rule)));
    assert.ok(read && isRule(read, { ...rule, from: { address: '0.0.0.0', prefixLength: 0 } }));
  });
});
