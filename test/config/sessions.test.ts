/** overflow sessions: what it gives nftables and IPVS to do, and what is said when it cannot work. */
import assert from 'node:assert/strict';
import type { Config } from '../../src/config/config.js';
import type { VirtualServerConfig } from '../../src/pool/config.js';
import { load, loadClean } from '../support/config.js';

type Parts = {
  readonly head?: string;
  readonly overflow?: string;
  readonly more?: string;
  readonly family?: 4 | 6;
};

function block(parts: Parts = {}): string {
  const { head = '10.0.0.100 80', overflow = 'sessions 100 timeout 30', family = 4 } = parts;
  const { more = 'persistence_timeout 60' } = parts;
  const address = (last: number) => (family === 4 ? `10.0.0.${last}` : `fd00::${last}`);
  return `virtual_server ${head} {
lb_algo rr
lb_kind NAT
protocol TCP
overflow ${overflow}
${more}
sorry_server ${address(20)} 80
real_server ${address(11)} 80 { }
}
`;
}

function only(text: string): VirtualServerConfig {
  const [server] = loadClean(text).virtualServers;
  return server ?? assert.fail();
}

function sessionsOf({ overflow }: VirtualServerConfig) {
  return overflow?.mode === 'sessions' ? overflow : assert.fail('no sessions');
}

function marks(config: Config): number[][] {
  return config.virtualServers.map((server) => {
    const { poolMark, sorryMark } = sessionsOf(server).service;
    return [poolMark, sorryMark];
  });
}

function fault(text: string): string {
  const { config, messages } = load(text);
  assert.equal(config, undefined, 'expected an error');
  return messages.filter((message) => message.includes(' error: ')).join('\n');
}

describe('overflow sessions in the configuration', () => {
  it('gives a space, the packets to mark, and services for the two marks in place of the address', () => {
    const server = only(block());
    const { space, service } = sessionsOf(server);
    const name = '10.0.0.100_80_tcp';
    assert.deepEqual(space, { name, family: 'ipv4', prefixLength: 32, size: 100, timeoutMs: 30_000 });
    const { poolMark, sorryMark, ...rest } = service;
    const endpoints = [{ address: '10.0.0.100', port: 80 }];
    assert.deepEqual(rest, { name, space: name, protocol: 'tcp', endpoints });
    assert.deepEqual(server.services, [
      { kind: 'fwmark', family: 'ipv4', fwmark: poolMark },
      { kind: 'fwmark', family: 'ipv4', fwmark: sorryMark },
    ]);
    assert.equal(server.id, '10.0.0.100:80 tcp');
  });

  it('a session lasts as long as persistence unless it says itself', () => {
    assert.equal(sessionsOf(only(block({ overflow: 'sessions 5' }))).space.timeoutMs, 60_000);
  });

  it('a client is what persistence_granularity makes one', () => {
    const more = 'persistence_timeout 60\npersistence_granularity 255.255.255.0';
    assert.equal(sessionsOf(only(block({ more }))).space.prefixLength, 24);
    const six = only(block({ head: 'fd00::64 80', family: 6 }));
    assert.deepEqual(
      [sessionsOf(six).space.family, sessionsOf(six).space.prefixLength, sessionsOf(six).space.name],
      ['ipv6', 128, 'fd00__64_80_tcp'],
    );
  });

  it('without persistence says that a client may change its server', () => {
    const { config, messages } = load(block({ more: '' }));
    assert.ok(config);
    assert.match(messages.join('\n'), /warning: overflow sessions: without persistence_timeout/);
  });

  it('a group is one service, whatever its addresses and ports', () => {
    const group = 'virtual_server_group shop {\n10.0.0.100-101 80\n10.0.0.100 443\n}\n';
    const server = only(group + block({ head: 'group shop' }));
    assert.equal(server.services.length, 2);
    assert.deepEqual(sessionsOf(server).service.endpoints, [
      { address: '10.0.0.100', port: 80 },
      { address: '10.0.0.101', port: 80 },
      { address: '10.0.0.100', port: 443 },
    ]);
    assert.equal(sessionsOf(server).space.name, 'group_shop_tcp');
  });

  it('virtual servers may share a space by its name, and must agree on it', () => {
    const overflow = 'sessions 100 timeout 30 space shop';
    const both = (other: Parts) =>
      block({ overflow }) + block({ head: '10.0.0.100 443', overflow, ...other });
    const { virtualServers } = loadClean(both({}));
    assert.deepEqual(
      virtualServers.map((server) => sessionsOf(server).service.space),
      ['shop', 'shop'],
    );
    assert.match(
      fault(both({ overflow: 'sessions 90 timeout 30 space shop' })),
      /^14:.*"shop" has another number/m,
    );
    assert.match(fault(both({ overflow: 'sessions 100 space shop' })), /"shop" has another timeout/);
    assert.match(fault(both({ head: 'fd00::64 80', family: 6 })), /"shop" has another family/);
  });

  it('a mark stays when virtual servers before it come, go and change places', () => {
    const a = block();
    const b = block({ head: '10.0.0.101 80' });
    const [first, second] = marks(loadClean(a + b));
    assert.deepEqual(marks(loadClean(b + a)), [second, first]);
    assert.deepEqual(marks(loadClean(b)), [second]);
  });

  it('marks are two in a row, all different, within 65536 from nftables_ipvs_start_fwmark', () => {
    const many = Array.from({ length: 200 }, (_, n) => block({ head: `10.0.0.100 ${1000 + n}` })).join('');
    const found = marks(loadClean(`global_defs { nftables_ipvs_start_fwmark 70000 }\n${many}`));
    assert.equal(new Set(found.flat()).size, 400);
    for (const [inside = 0, outside = 0] of found) {
      assert.equal(outside, inside + 1);
      assert.ok(inside >= 70_000 && outside < 70_000 + 65_536, `${inside}`);
    }
  });

  it('a mark that a virtual_server fwmark has is left to it', () => {
    const [[inside = 0] = []] = marks(loadClean(block()));
    const other = `virtual_server fwmark ${inside + 1} {\nlb_algo rr\nlb_kind NAT\nreal_server 10.0.0.11 80 { }\n}\n`;
    const { virtualServers } = loadClean(block() + other);
    const [ours] = virtualServers;
    const { poolMark, sorryMark } = sessionsOf(ours ?? assert.fail()).service;
    assert.ok(poolMark !== inside && poolMark !== inside + 1 && sorryMark !== inside + 1);
  });

  for (const [what, text, error] of [
    [
      'a mark of its own',
      block({ head: 'fwmark 5' }).replace('protocol TCP\n', ''),
      /expected virtual_server ADDRESS PORT, or a group/,
    ],
    [
      'a group of both families',
      `virtual_server_group g {\n10.0.0.100 80\nfd00::64 80\n}\n${block({ head: 'group g', more: 'lb_kind TUN' })}`,
      /one family of addresses/,
    ],
    ['no sorry server', block().replace(/sorry_server.*\n/, ''), /expected a sorry_server/],
    ['no number', block({ overflow: 'sessions' }), /expected the number of sessions/],
    ['a number of none', block({ overflow: 'sessions 0' }), /between 1 and 16777216/],
    [
      'an unknown word',
      block({ overflow: 'sessions 5 for 3' }),
      /expected timeout SECONDS, space NAME or nothing/,
    ],
    [
      'a timeout without seconds',
      block({ overflow: 'sessions 5 timeout' }),
      /expected seconds after timeout/,
    ],
    ['a space without a name', block({ overflow: 'sessions 5 space' }), /expected a name/],
    [
      'a name nftables cannot take',
      block({ overflow: 'sessions 5 space a;b' }),
      /expected a name of at most 64/,
    ],
    [
      'groups whose names read the same',
      `virtual_server_group "a b" {\n10.0.0.100 80\n}\nvirtual_server_group a_b {\n10.0.0.101 80\n}\n${block({ head: 'group "a b"' })}${block({ head: 'group a_b', overflow: 'sessions 100 timeout 30 space x' })}`,
      /the same name in nftables/,
    ],
  ] as const) {
    it(`${what} is an error`, () => assert.match(fault(text), error));
  }
});
