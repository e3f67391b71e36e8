import assert from 'node:assert/strict';
import type { InstanceConfig, VrrpConfig } from '../../src/vrrp/config.js';
import { load, loadClean } from '../support/config.js';

function vrrp(text: string): VrrpConfig {
  return loadClean(text).vrrp ?? assert.fail('no VRRP in it');
}

/** An instance of these lines beside the required ones. */
function instance(lines: string, address = '10.0.0.100'): InstanceConfig {
  const text = `vrrp_instance VI {\nvirtual_router_id 51\nvirtual_ipaddress { ${address} }\n${lines}\n}`;
  return vrrp(text).instances[0] ?? assert.fail('no instance');
}

function messages(lines: string): readonly string[] {
  return load(`vrrp_instance VI {\nvirtual_router_id 51\nvirtual_ipaddress { 10.0.0.100 }\n${lines}\n}`)
    .messages;
}

describe('vrrp_instance', () => {
  it('has keepalived’s defaults', () => {
    const { virtualAddresses, garp, track, notify, ...rest } = instance('');
    assert.deepEqual(
      virtualAddresses.map(({ address, prefixLength, interface: dev }) => [address, prefixLength, dev]),
      [['10.0.0.100', 32, 'eth0']],
    );
    assert.deepEqual(
      [rest.version, rest.initialState, rest.priority, rest.advertIntMs, rest.preempt, rest.downTimerAdverts],
      [2, 'BACKUP', 100, 1000, true, 3],
    );
    assert.deepEqual(rest.transport, { kind: 'multicast', group: '224.0.0.18' });
    assert.deepEqual([garp.masterDelayMs, garp.masterRepeat, garp.masterRefreshMs], [5000, 5, 0]);
    assert.deepEqual([garp.lowerPrioDelayMs, garp.lowerPrioRepeat], [5000, 5]);
    assert.equal(rest.vipLifetime, 'auto');
  });

  it('with state MASTER and no priority owns the addresses', () => {
    assert.equal(instance('state MASTER').priority, 255);
    assert.equal(instance('state MASTER\npriority 150').priority, 150);
  });

  it('state MASTER takes nopreempt back, and says so', () => {
    assert.deepEqual(messages('state MASTER\nnopreempt'), [
      '5:1: warning: nopreempt: ignored, it cannot go with state MASTER',
    ]);
    assert.equal(instance('nopreempt').preempt, false);
  });

  for (const [version, asked, ms] of [
    [2, '1.4', 1000],
    [2, '0.1', 1000],
    [3, '0.01', 10],
    [3, '0.256', 260],
    [3, '100', 40_950],
  ] as const) {
    it(`version ${version}: advert_int ${asked} is ${ms} ms`, () => {
      const { config } = load(
        `vrrp_instance VI {\nversion ${version}\nadvert_int ${asked}\nvirtual_router_id 1\nvirtual_ipaddress { 10.0.0.1 }\n}`,
      );
      assert.equal(config?.vrrp?.instances[0]?.advertIntMs, ms);
    });
  }

  it('speaks version 3 for IPv6, whose group is ff02::12', () => {
    const { version, family, transport } = instance('', 'fe80::1');
    assert.deepEqual([version, family, transport], [3, 'ipv6', { kind: 'multicast', group: 'ff02::12' }]);
  });

  it('holds addresses of the other family without advertising them', () => {
    const { config, messages: said } = load(
      'vrrp_instance VI {\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1\n2001:db8::1\n}\n}',
    );
    const [one] = config?.vrrp?.instances ?? [];
    assert.deepEqual(
      one?.excludedAddresses.map(({ address }) => address),
      ['2001:db8::1'],
    );
    assert.deepEqual(said, [
      '5:1: warning: address: held but not advertised: the adverts of this instance are ipv4',
    ]);
  });

  it('reads every word of an address line', () => {
    const line =
      '10.0.0.100/20 dev eth1 brd + label eth1:v scope link home noprefixroute no_track preferred_lft 7';
    assert.deepEqual(instance('', line).virtualAddresses, [
      {
        family: 'ipv4',
        address: '10.0.0.100',
        prefixLength: 20,
        interface: 'eth1',
        broadcast: '10.0.15.255',
        label: 'eth1:v',
        scope: 253,
        home: true,
        dad: false,
        mngTmpAddr: false,
        noPrefixRoute: true,
        autoJoin: false,
        track: false,
        preferredLft: 7,
        useVmac: false,
      },
    ]);
    assert.equal(instance('', '10.0.0.100/20 brd -').virtualAddresses[0]?.broadcast, '10.0.0.0');
    assert.deepEqual(instance('', '10.0.0.100 peer 10.9.0.1/30').virtualAddresses[0]?.peer, {
      address: '10.9.0.1',
      prefixLength: 30,
    });
  });

  it('has errors at their places, and one for each fault', () => {
    const text = `vrrp_instance VI_1 {
state MASTR
virtual_router_id 256
virtual_ipaddress {
192.168.200.300
}
virtual_rules {
from 10.0.0.0/33 table 1
}
priorty 3
}`;
    assert.deepEqual(load(text).messages, [
      '2:7: error: state "MASTR": expected one of MASTER, BACKUP',
      '3:19: error: virtual_router_id "256": expected a number between 1 and 255',
      '5:1: error: address "192.168.200.300": expected an address, or an address with the length of its prefix',
      '8:6: error: from "10.0.0.0/33": expected an address, or an address with the length of its prefix',
      '10:1: warning: unknown keyword "priorty": did you mean priority? (ignored)',
    ]);
  });

  it('needs a number and addresses', () => {
    assert.deepEqual(load('vrrp_instance VI {\nvirtual_ipaddress { 10.0.0.1 }\n}').messages, [
      '1:1: error: vrrp_instance "VI": expected virtual_router_id in it',
    ]);
    assert.deepEqual(load('vrrp_instance VI {\nvirtual_router_id 1\n}').messages, [
      '1:1: error: vrrp_instance "VI": expected virtual_ipaddress { … } or no_virtual_ipaddress in it',
    ]);
  });

  it('unicast: a bound on the TTL of a peer means that only peers are heard', () => {
    const { transport } = instance(
      'interface eth0\nunicast_src_ip 10.0.0.2\nunicast_peer {\n10.0.0.3 min_ttl 254\n}',
    );
    assert.ok(transport.kind === 'unicast');
    assert.deepEqual(transport.peers, [{ address: '10.0.0.3', minTtl: 254 }]);
    assert.deepEqual(
      [transport.checkSource, transport.ttl, transport.sourceAddress],
      [true, 255, '10.0.0.2'],
    );
  });

  it('use_vmac: the name and the MAC are of the VRID', () => {
    assert.deepEqual(instance('use_vmac').vmac, {
      interface: 'vrrp.51',
      macAddress: '00:00:5e:00:01:33',
      xmitBase: false,
    });
    assert.equal(instance('use_vmac v0 02:00:00:00:0a').vmac?.macAddress, '02:00:00:00:0a:33');
  });

  it('own settings come before those of global_defs', () => {
    const text = (own: string) =>
      `global_defs {\nvrrp_garp_master_repeat 2\nvrrp_version 3\n}\nvrrp_instance VI {\nvirtual_router_id 1\nvirtual_ipaddress { 10.0.0.1 }\n${own}\n}`;
    const inherited = vrrp(text('')).instances[0];
    assert.deepEqual(
      [inherited?.garp.masterRepeat, inherited?.garp.lowerPrioRepeat, inherited?.version],
      [2, 2, 3],
    );
    const own = vrrp(text('garp_master_repeat 0\nversion 2')).instances[0];
    assert.deepEqual([own?.garp.masterRepeat, own?.version], [1, 2]);
  });

  it('refuses a second instance of a name, or of a number on an interface', () => {
    const one = (name: string) =>
      `vrrp_instance ${name} {\nvirtual_router_id 1\nvirtual_ipaddress { 10.0.0.1 }\n}\n`;
    assert.deepEqual(load(one('A') + one('A')).messages, [
      '5:1: error: vrrp_instance "A": there is one of that name already',
    ]);
    assert.deepEqual(load(one('A') + one('B')).messages, [
      '5:1: error: vrrp_instance "B": virtual_router_id 1 on eth0 is that of "A"',
    ]);
  });
});

describe('virtual routes and rules', () => {
  it('are read with iproute2’s names', () => {
    const { virtualRoutes, virtualRules } = instance(`virtual_routes {
default via 10.0.0.1 dev eth0 metric 5 mtu 1400
blackhole 10.9.0.0/16 table local
2001:db8:1::/48 via fe80::1 dev eth0
10.8.0.0/16 nexthop via 10.0.0.1 weight 2 nexthop via 10.0.0.2
}
virtual_rules {
from 10.0.0.0/24 to 10.1.0.0/16 fwmark 1/0xff table 100 priority 7
not iif eth0 dport 80-90 ipproto tcp prohibit preference 8
}`);
    const [first, second, third, fourth] = virtualRoutes;
    assert.deepEqual(
      [first?.to, first?.metric, first?.metrics],
      [{ address: '0.0.0.0', prefixLength: 0 }, 5, { mtu: 1400 }],
    );
    assert.deepEqual([second?.type, second?.table, second?.nexthops], ['blackhole', 255, []]);
    assert.equal(third?.family, 'ipv6');
    assert.deepEqual(
      fourth?.nexthops.map(({ via, weight }) => [via, weight]),
      [
        ['10.0.0.1', 2],
        ['10.0.0.2', 1],
      ],
    );
    assert.deepEqual(virtualRules[0]?.action, { kind: 'lookup', table: 100 });
    assert.deepEqual(virtualRules[0]?.fwmark, { mark: 1, mask: 0xff });
    assert.deepEqual(
      [
        virtualRules[1]?.not,
        virtualRules[1]?.destinationPorts,
        virtualRules[1]?.ipProto,
        virtualRules[1]?.action,
      ],
      [true, { from: 80, to: 90 }, 6, { kind: 'prohibit' }],
    );
  });

  it('with a word lvsd does not know are errors', () => {
    assert.match(
      messages('virtual_routes {\n10.0.0.0/8 via 10.0.0.1 encap mpls\n}').join(),
      /5:25: error: route "encap"/,
    );
    assert.match(
      messages('virtual_rules {\nfrom 10.0.0.0/8 tunnel-id 5 table 1\n}').join(),
      /error: rule "tunnel-id"/,
    );
  });
});

describe('tracking', () => {
  const script = 'vrrp_script s {\nscript /bin/true\ninterval 0.25\nweight -10\n}\n';

  it('a line has its own weight, else that of the script', () => {
    const scripts = (line: string) =>
      vrrp(
        `${script}vrrp_instance VI {\nvirtual_router_id 1\nvirtual_ipaddress { 10.0.0.1 }\ntrack_script {\n${line}\n}\n}`,
      );
    assert.deepEqual(scripts('s').instances[0]?.track.scripts, [{ name: 's', weight: -10, reverse: false }]);
    assert.deepEqual(scripts('s weight 5 reverse').instances[0]?.track.scripts, [
      { name: 's', weight: 5, reverse: true },
    ]);
    assert.deepEqual(
      scripts('s').scripts.map(({ intervalMs, timeoutMs, rise }) => [intervalMs, timeoutMs, rise]),
      [[250, 250, 1]],
    );
  });

  it('says of a script nobody follows that it is not run, and of an unknown one that there is none', () => {
    const one = 'vrrp_instance VI {\nvirtual_router_id 1\nvirtual_ipaddress { 10.0.0.1 }\n';
    assert.deepEqual(load(`${script}${one}}`).messages, [
      '1:1: warning: vrrp_script "s": not run, nothing follows it by track_script',
    ]);
    assert.deepEqual(load(`${one}track_script { t }\n}`).messages, [
      '4:16: error: t: there is no vrrp_script of that name',
    ]);
  });

  it('track_pool finds the virtual server', () => {
    const server = (protocol: string) =>
      `virtual_server 10.0.0.1 80 {\nprotocol ${protocol}\nlb_algo rr\nlb_kind NAT\nreal_server 10.0.0.2 80 { }\n}\n`;
    const track = (line: string) =>
      `vrrp_instance VI {\nvirtual_router_id 1\nvirtual_ipaddress { 10.0.0.1 }\ntrack_pool { ${line} }\n}\n`;
    assert.deepEqual(vrrp(server('TCP') + track('10.0.0.1 80 weight -5')).instances[0]?.track.pools, [
      { name: '10.0.0.1:80 tcp', weight: -5, reverse: false },
    ]);
    const both = server('TCP') + server('UDP');
    assert.match(load(both + track('10.0.0.1 80')).messages.join(), /say of which protocol/);
    assert.equal(vrrp(both + track('10.0.0.1 80 udp')).instances[0]?.track.pools[0]?.name, '10.0.0.1:80 udp');
    assert.match(load(track('10.0.0.9 80')).messages.join(), /there is no such virtual_server/);
  });
});

describe('vrrp_sync_group', () => {
  const one = (name: string, id: number) =>
    `vrrp_instance ${name} {\nvirtual_router_id ${id}\nvirtual_ipaddress { 10.0.0.1 }\n}\n`;

  it('names its instances', () => {
    const { syncGroups } = vrrp(`${one('A', 1)}${one('B', 2)}vrrp_sync_group G { group {\nA\nB\n} }`);
    assert.deepEqual(
      syncGroups.map(({ name, instances }) => [name, instances]),
      [['G', ['A', 'B']]],
    );
  });

  it('without instances is left out, with a warning', () => {
    const { config, messages: said } = load(`${one('A', 1)}vrrp_sync_group G { group { C } }`);
    assert.deepEqual(config?.vrrp?.syncGroups, []);
    assert.equal(said.length, 2);
  });
});

describe('a file without VRRP', () => {
  it('has no VRRP process', () => {
    assert.equal(loadClean('global_defs { vrrp_version 3 }').vrrp, undefined);
  });
});

describe('VMACs of addresses', () => {
  const excluded = 'virtual_ipaddress_excluded {\n10.1.0.1 dev eth1\n10.1.0.2 dev eth1\n10.2.0.1 dev eth2\n}';
  const places = ({ virtualAddresses, excludedAddresses, addressVmacs }: InstanceConfig) => [
    [...virtualAddresses, ...excludedAddresses].map((each) => each.interface),
    addressVmacs.map((each) => [each.interface, each.base, each.macAddress]),
  ];

  it('use_vmac_addr makes one for each other interface', () => {
    assert.deepEqual(places(instance(`use_vmac\nuse_vmac_addr\n${excluded}`)), [
      ['eth0', 'vrrp1.51', 'vrrp1.51', 'vrrp2.51'],
      [
        ['vrrp1.51', 'eth1', '00:00:5e:00:01:33'],
        ['vrrp2.51', 'eth2', '00:00:5e:00:01:33'],
      ],
    ]);
  });

  it('use_vmac of a line makes one for its interface alone', () => {
    assert.deepEqual(places(instance('', '10.0.0.100 use_vmac')), [
      ['vrrp.51'],
      [['vrrp.51', 'eth0', '00:00:5e:00:01:33']],
    ]);
    assert.deepEqual(places(instance('use_vmac', '10.0.0.100 use_vmac')), [['eth0'], []]);
  });

  it('addresses of both families each have the MAC of theirs, and one interface where the file gives one MAC', () => {
    const both = 'virtual_ipaddress_excluded {\n10.1.0.1 dev eth1\nfd00::1 dev eth1\nfd05::1\n}';
    assert.deepEqual(places(instance(`use_vmac\nuse_vmac_addr\n${both}`)), [
      ['eth0', 'vrrp1.51', 'vrrp6.51', 'vrrp2.51'],
      [
        ['vrrp1.51', 'eth1', '00:00:5e:00:01:33'],
        ['vrrp6.51', 'eth1', '00:00:5e:00:02:33'],
        ['vrrp2.51', 'eth0', '00:00:5e:00:02:33'],
      ],
    ]);
    assert.deepEqual(places(instance(`use_vmac 02:00:00:00:00:07\nuse_vmac_addr\n${both}`)), [
      ['eth0', 'vrrp1.51', 'vrrp1.51', 'eth0'],
      [['vrrp1.51', 'eth1', '02:00:00:00:00:07']],
    ]);
  });

  it('are named by vmac_addr_prefix, and have the MAC of use_vmac', () => {
    const text = `global_defs {\nvmac_addr_prefix va\n}\nvrrp_instance VI {\nvirtual_router_id 5\nuse_vmac 02:00:00:00:01\nuse_vmac_addr\nvirtual_ipaddress {\n10.0.0.1\n}\n${excluded}\n}`;
    const [first] = vrrp(text).instances[0]?.addressVmacs ?? [];
    assert.deepEqual(first, { interface: 'va.5', base: 'eth1', macAddress: '02:00:00:00:01:05' });
  });
});

describe('words that lvsd has no need of', () => {
  it('track_group is told to be ignored where it stands', () => {
    const text = 'static_ipaddress {\n10.0.0.1 dev eth0 track_group web\n}';
    assert.deepEqual(load(text).messages, [
      '2:31: warning: track_group "web": ignored: what is static is put back at once',
    ]);
  });

  it('netlink_notify_msg too', () =>
    assert.deepEqual(messages('use_vmac netlink_notify_msg'), [
      '4:10: warning: use_vmac "netlink_notify_msg": ignored: the kernel tells of the interface by itself',
    ]));

  it('dynamic_interfaces is how lvsd always is', () =>
    assert.deepEqual(load('global_defs {\ndynamic_interfaces allow_if_changes\n}').messages, []));
});

it('old_unicast_checksum: believed, sent too, or never believed', () => {
  const form = (lines: string) => {
    const { transport } = instance(`version 3\ninterface eth0\nunicast_peer { 10.0.0.2 }\n${lines}`);
    return transport.kind === 'unicast' && transport.oldChecksum;
  };
  assert.deepEqual(['', 'old_unicast_checksum', 'old_unicast_checksum never'].map(form), [
    'auto',
    'always',
    'never',
  ]);
});

it('-nodad asks for duplicate address detection, which VRRP addresses are without', () => {
  assert.deepEqual(
    ['fe80::1', 'fe80::1 -nodad'].map((line) => instance('', line).virtualAddresses[0]?.dad),
    [false, true],
  );
});
