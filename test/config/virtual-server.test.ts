import assert from 'node:assert/strict';
import type { VirtualServerConfig } from '../../src/pool/config.js';
import { load, loadClean } from '../support/config.js';

type Parts = {
  readonly head?: string;
  readonly lines?: string;
  readonly servers?: string;
  readonly before?: string;
};

/** A virtual server that raises nothing by itself; the extra lines start at line 6. */
function service({
  head = '10.0.0.1 80',
  lines = '',
  servers = 'real_server 10.0.0.2 80 { }',
  before = '',
}: Parts): string {
  return `${before}
virtual_server ${head} {
lb_algo rr
lb_kind NAT
protocol TCP
${lines}
${servers}
}
`;
}

function clean(parts: Parts): VirtualServerConfig {
  const [virtualServer] = loadClean(service(parts)).virtualServers;
  assert.ok(virtualServer);
  return virtualServer;
}

function messages(parts: Parts): readonly string[] {
  return load(service(parts)).messages;
}

/** What a configuration that raises warnings only gives. */
function warned(parts: Parts): {
  readonly virtualServer: VirtualServerConfig;
  readonly messages: readonly string[];
} {
  const { config, messages: all } = load(service(parts));
  const [virtualServer] = config?.virtualServers ?? [];
  assert.ok(virtualServer, all.join('\n'));
  return { virtualServer, messages: all };
}

describe('virtual_server', () => {
  const ids: readonly (readonly [string, string, string])[] = [
    ['by address', '10.0.0.1 80', '10.0.0.1:80 tcp'],
    ['by IPv6 address, in its one spelling', '2001:DB8:0::1 80', '[2001:db8::1]:80 tcp'],
  ];
  for (const [claim, head, id] of ids) {
    it(`is named ${claim}`, () => {
      const server = head.includes(':') ? '2001:db8::2' : '10.0.0.2';
      assert.equal(clean({ head, servers: `real_server ${server} 80 { }` }).id, id);
    });
  }

  it('without a protocol is UDP, with a warning', () => {
    const { config, messages: said } = load(service({}).replace('protocol TCP\n', ''));
    assert.deepEqual(config?.virtualServers[0]?.services[0], {
      kind: 'address',
      family: 'ipv4',
      protocol: 'udp',
      address: '10.0.0.1',
      port: 80,
    });
    assert.deepEqual(said, ['2:1: warning: virtual_server: no protocol is set, UDP is used']);
  });

  it('takes the protocol in any case of letters', () => {
    const { config } = load(service({}).replace('protocol TCP', 'protocol sCtP'));
    assert.equal(config?.virtualServers[0]?.id, '10.0.0.1:80 sctp');
  });

  it('without lb_algo and lb_kind uses wlc and NAT, with warnings', () => {
    const { config, messages: said } = load(service({}).replace('lb_algo rr\nlb_kind NAT\n', ''));
    assert.equal(config?.virtualServers[0]?.scheduler, 'wlc');
    assert.deepEqual(config?.virtualServers[0]?.realServers[0]?.forwarding, { method: 'nat' });
    assert.equal(said.length, 2);
  });

  it('knows all fourteen schedulers by both keywords', () => {
    for (const name of 'rr wrr lc wlc lblc sh mh dh fo ovf lblcr sed nq twos'.split(' ')) {
      for (const keyword of ['lb_algo', 'lvs_sched']) {
        const { virtualServers } = loadClean(service({}).replace('lb_algo rr', `${keyword} ${name}`));
        assert.equal(virtualServers[0]?.scheduler, name);
      }
    }
  });

  it('without real servers is ignored, with a warning', () => {
    const { config, messages: said } = load(service({ servers: '' }));
    assert.deepEqual(config?.virtualServers, []);
    assert.deepEqual(said, ['2:1: warning: virtual_server: it has no real_server and is ignored']);
  });

  it('may not stand for a service of another', () => {
    const { config, messages: said } = load(service({}) + service({}));
    assert.equal(config, undefined);
    assert.deepEqual(said, [
      '10:1: error: virtual_server: the service tcp 10.0.0.1:80 is in another virtual_server already',
    ]);
  });

  const flags: readonly (readonly [string, string, object])[] = [
    ['hashed', 'hashed', { hashed: true }],
    ['flag-1', 'flag-1', { sched1: true }],
    ['flag-2', 'flag-2', { sched2: true }],
    ['flag-3', 'flag-3', { sched3: true }],
    ['sh-fallback', 'sh-fallback\nlb_algo sh', { sched1: true }],
    ['sh-port', 'sh-port\nlb_algo sh', { sched2: true }],
    ['mh-fallback', 'mh-fallback\nlb_algo mh', { sched1: true }],
    ['mh-port', 'mh-port\nlb_algo mh', { sched2: true }],
  ];
  const none = { hashed: false, onePacket: false, sched1: false, sched2: false, sched3: false };
  for (const [name, lines, expected] of flags) {
    it(`has the flag ${name}`, () => {
      const text = service({ lines: lines.split('\n')[0] ?? '' }).replace(
        'lb_algo rr',
        lines.split('\n')[1] ?? 'lb_algo rr',
      );
      assert.deepEqual(loadClean(text).virtualServers[0]?.flags, { ...none, ...expected });
    });
  }

  it('schedules single packets for UDP and marks only', () => {
    const udp = loadClean(service({ lines: 'ops' }).replace('TCP', 'UDP'));
    assert.equal(udp.virtualServers[0]?.flags.onePacket, true);
    const tcp = warned({ lines: 'ops' });
    assert.equal(tcp.virtualServer.flags.onePacket, false);
    assert.deepEqual(tcp.messages, ['6:1: warning: ops: ignored, it is for UDP and fwmark services']);
  });

  it('warns of a flag of another scheduler', () => {
    assert.deepEqual(messages({ lines: 'sh-port' }), ['6:1: warning: sh-port: expected lb_algo sh with it']);
  });
});

describe('persistence', () => {
  const cases: readonly (readonly [string, string, object | undefined])[] = [
    ['is off when not said', '', undefined],
    ['is 360 s when bare', 'persistence_timeout', { timeoutS: 360, prefixLength: 32 }],
    ['is as said', 'persistence_timeout 50', { timeoutS: 50, prefixLength: 32 }],
    ['is turned on by a mask', 'persistence_granularity 255.255.255.0', { timeoutS: 360, prefixLength: 24 }],
    [
      'takes both',
      'persistence_timeout 9\npersistence_granularity 255.0.0.0',
      { timeoutS: 9, prefixLength: 8 },
    ],
  ];
  for (const [claim, lines, expected] of cases)
    it(claim, () => assert.deepEqual(clean({ lines }).persistence, expected));

  it('counts the bits of an IPv6 address', () => {
    const servers = 'real_server ::2 80 { }';
    assert.deepEqual(clean({ head: '::1 80', servers, lines: 'persistence_granularity 64' }).persistence, {
      timeoutS: 360,
      prefixLength: 64,
    });
    assert.equal(
      clean({ head: '::1 80', servers, lines: 'persistence_timeout' }).persistence?.prefixLength,
      128,
    );
  });

  it('is forced on a service of all ports, and 0 is no port', () => {
    for (const head of ['10.0.0.1', '10.0.0.1 0']) {
      const { virtualServer, messages: said } = warned({ head });
      assert.deepEqual(virtualServer.persistence, { timeoutS: 360, prefixLength: 32 });
      assert.match(
        said.join('\n'),
        /^2:1: warning: virtual_server: without a port it must be persistent: persistence_timeout 360/,
      );
    }
  });

  const faults: readonly (readonly [string, string])[] = [
    [
      'persistence_timeout 0',
      '6:21: error: persistence_timeout "0": expected a number between 1 and 2678400',
    ],
    [
      'persistence_timeout 5m',
      '6:21: error: persistence_timeout "5m": expected a whole number between 1 and 2678400',
    ],
    [
      'persistence_granularity 255.0.255.0',
      '6:25: error: persistence_granularity "255.0.255.0": expected a network mask such as 255.255.255.0',
    ],
    [
      'persistence_granularity 0.0.0.0',
      '6:25: error: persistence_granularity "0.0.0.0": expected a network mask such as 255.255.255.0',
    ],
    [
      'persistence_granularity 64',
      '6:25: error: persistence_granularity "64": expected a mask such as 255.255.255.0 for IPv4',
    ],
    [
      'persistence_engine much_too_long_name',
      '6:20: error: persistence_engine "much_too_long_name": expected at most 15 characters',
    ],
  ];
  for (const [lines, expected] of faults)
    it(`refuses ${lines}`, () => assert.deepEqual(messages({ lines }), [expected]));
});

describe('forwarding', () => {
  const tun = (tunnel: object) => ({
    method: 'tun',
    tunnel: { type: 'ipip', port: 0, checksum: 'none', ...tunnel },
  });
  const cases: readonly (readonly [string, object])[] = [
    ['NAT', { method: 'nat' }],
    ['DR', { method: 'dr' }],
    ['TUN', tun({})],
    ['TUN type ipip nocsum', tun({})],
    ['TUN type gue port 5555', tun({ type: 'gue', port: 5555 })],
    ['TUN port 5555 type gue remcsum', tun({ type: 'gue', port: 5555, checksum: 'remcsum' })],
    ['TUN type gre csum', tun({ type: 'gre', checksum: 'csum' })],
  ];
  for (const [text, expected] of cases) {
    it(`may be ${text}, for the service, a server and the sorry server`, () => {
      const servers = `lvs_method ${text}\nreal_server 10.0.0.2 80 { }\nreal_server 10.0.0.3 80 { lvs_method ${text} }
        sorry_server 10.0.0.9 80\nsorry_server_lvs_method ${text}`;
      const { config } = load(service({ servers }).replace('lb_kind NAT\n', ''));
      const [virtualServer] = config?.virtualServers ?? [];
      assert.deepEqual(
        virtualServer?.realServers.map(({ forwarding }) => forwarding),
        [expected, expected],
      );
      assert.deepEqual(virtualServer?.sorryServers[0]?.forwarding, expected);
    });
  }

  const faults: readonly (readonly [string, string])[] = [
    ['lvs_method XX', 'lvs_method "XX": expected one of NAT, DR, TUN'],
    ['lvs_method', 'lvs_method: its argument is missing: expected one of NAT, DR, TUN'],
    ['lvs_method TUN type gue', 'lvs_method "TUN": type gue needs port N'],
    ['lvs_method TUN port 5', 'lvs_method "TUN": type ipip has no port'],
    ['lvs_method TUN type ipip csum', 'lvs_method "TUN": type ipip has no csum'],
    ['lvs_method TUN type gre remcsum', 'lvs_method "TUN": type gre has no remcsum'],
    ['lvs_method TUN type', 'lvs_method: expected type ipip, type gue or type gre'],
    ['lvs_method TUN type vxlan', 'lvs_method "vxlan": expected type ipip, type gue or type gre'],
    ['lvs_method TUN constructor', 'lvs_method "constructor": expected type, port, nocsum, csum or remcsum'],
    ['lvs_method TUN type gue port 0', 'lvs_method "0": expected a number between 1 and 65535'],
  ];
  for (const [line, expected] of faults) {
    it(`refuses ${line}`, () => {
      const said = messages({ servers: `real_server 10.0.0.2 80 {\n${line}\n}` });
      assert.equal(said.length, 1);
      assert.ok(said[0]?.endsWith(`error: ${expected}`), said[0]);
    });
  }
});

describe('ports of servers', () => {
  it('are those of the service when absent', () => {
    const { realServers, sorryServers } = clean({
      servers: 'real_server 10.0.0.2 { }\nsorry_server 10.0.0.9',
    });
    assert.equal(realServers[0]?.id, '10.0.0.2:80');
    assert.equal(realServers[0]?.port, 80);
    assert.equal(sorryServers[0]?.port, 80);
  });

  it('may differ under NAT', () => {
    assert.equal(clean({ servers: 'real_server 10.0.0.2 8080 { }' }).realServers[0]?.port, 8080);
  });

  it('become that of the service under DR, with a warning, while checks keep theirs', () => {
    const text = service({
      servers: 'real_server 10.0.0.2 8080 { TCP_CHECK { } }\nsorry_server 10.0.0.9 81',
    });
    const { config, messages: said } = load(text.replace('NAT', 'DR'));
    assert.equal(config?.virtualServers[0]?.realServers[0]?.port, 80);
    assert.equal(config?.virtualServers[0]?.sorryServers[0]?.port, 80);
    assert.equal(config?.checkers[0]?.connection.port, 8080);
    assert.deepEqual(said, [
      '7:1: warning: real_server: port 8080 becomes 80: only NAT can change the port',
      '8:1: warning: sorry_server: port 81 becomes 80: only NAT can change the port',
    ]);
  });

  it('of a mark are 0 without NAT, and a check then needs a port of its own', () => {
    const text = (check: string) => `
virtual_server fwmark 5 {
lb_algo rr
lb_kind DR
real_server 10.0.0.2 {
TCP_CHECK { ${check} }
}
}`;
    const { virtualServers, checkers } = loadClean(text('connect_port 80'));
    assert.equal(virtualServers[0]?.realServers[0]?.port, 0);
    assert.equal(checkers[0]?.connection.port, 80);
    assert.deepEqual(load(text('')).messages, [
      '6:1: error: TCP_CHECK: expected connect_port in it, since the real server has no port',
    ]);
  });

  it('make two servers of one the same: the first counts', () => {
    const { virtualServer, messages: said } = warned({
      servers: 'real_server 10.0.0.2 80 { weight 3 }\nreal_server 10.0.0.2 { weight 4 }',
    });
    assert.deepEqual(
      virtualServer.realServers.map(({ weight }) => weight),
      [3],
    );
    assert.deepEqual(said, ['8:1: warning: real_server 10.0.0.2:80: given twice: the first counts']);
  });
});

describe('families', () => {
  it('of service and server must agree', () => {
    assert.deepEqual(messages({ servers: 'real_server ::2 80 { }\nsorry_server ::9 80' }), [
      '7:1: error: server ::2: expected the family of the service (IPv4): only TUN may differ',
      '8:1: error: server ::9: expected the family of the service (IPv4): only TUN may differ',
    ]);
  });

  it('may differ in a tunnel', () => {
    const { realServers } = clean({ servers: 'real_server ::2 80 { lvs_method TUN }' });
    assert.equal(realServers[0]?.family, 'ipv6');
  });

  const marks: readonly (readonly [string, string, string, string])[] = [
    ['ip_family', 'ip_family inet6', 'real_server ::2 { }', 'ipv6'],
    ['the persistence mask', 'persistence_granularity 64', 'real_server ::2 { }', 'ipv6'],
    ['the servers', '', 'real_server ::2 { }', 'ipv6'],
    ['the servers in tunnels, all alike', '', 'real_server ::2 { lvs_method TUN }', 'ipv6'],
    [
      'those that are not in tunnels',
      '',
      'real_server 10.0.0.2 { lvs_method TUN }\nreal_server ::2 { }',
      'ipv6',
    ],
    [
      'IPv4 when those differ',
      '',
      'real_server ::2 { lvs_method TUN }\nreal_server 10.0.0.2 { lvs_method TUN }',
      'ipv4',
    ],
  ];
  for (const [claim, lines, servers, family] of marks) {
    it(`of a mark: ${claim}`, () => {
      const text = service({ head: 'fwmark 7', lines, servers }).replace('protocol TCP\n', '');
      const [virtualServer] = loadClean(text).virtualServers;
      assert.deepEqual(virtualServer?.services, [{ kind: 'fwmark', family, fwmark: 7 }]);
      assert.equal(virtualServer?.id, family === 'ipv6' ? 'fwmark 7 ipv6' : 'fwmark 7');
    });
  }

  it('of a mark: its protocol is cleared with a warning', () => {
    assert.deepEqual(messages({ head: 'fwmark 7', servers: 'real_server 10.0.0.2 { }' }), [
      '5:1: warning: protocol: ignored, a fwmark service takes packets of any protocol',
    ]);
  });
});

describe('thresholds', () => {
  const thresholds = (lines: string) => ({ servers: `real_server 10.0.0.2 80 {\n${lines}\n}` });

  it('are handed on', () => {
    const [server] = clean(thresholds('uthreshold 50\nlthreshold 40')).realServers;
    assert.equal(server?.upperThreshold, 50);
    assert.equal(server?.lowerThreshold, 40);
  });

  it('must be in order', () => {
    assert.deepEqual(messages(thresholds('uthreshold 50\nlthreshold 51')), [
      '9:12: error: lthreshold "51": expected at most uthreshold, which is 50',
    ]);
    assert.deepEqual(messages(thresholds('lthreshold 1')), [
      '8:12: error: lthreshold "1": expected at most uthreshold, which is not set',
    ]);
  });
});

describe('weights and inheritance of real servers', () => {
  it('a server has the weight of its service, or its own, or 1', () => {
    assert.equal(clean({}).realServers[0]?.weight, 1);
    const servers = 'real_server 10.0.0.2 80 { }\nreal_server 10.0.0.3 80 { weight 0 }';
    assert.deepEqual(
      clean({ lines: 'weight 7', servers }).realServers.map(({ weight }) => weight),
      [7, 0],
    );
  });

  it('a weight has the limits of keepalived', () => {
    const server = (weight: string) => ({ servers: `real_server 10.0.0.2 80 { weight ${weight} }` });
    assert.equal(clean(server('2147483647')).realServers[0]?.weight, 2_147_483_647);
    assert.match(
      messages(server('2147483648')).join(),
      /error: weight "2147483648": expected a number between 0 and/,
    );
    assert.match(messages(server('-1')).join(), /error: weight "-1"/);
    assert.match(messages(server('1zyx')).join(), /error: weight "1zyx": expected a whole number/);
    assert.match(messages({ lines: 'weight 0' }).join(), /error: weight "0": expected a number between 1/);
  });

  it('inhibit_on_failure comes from the service, and a server may turn it off', () => {
    const servers = 'real_server 10.0.0.2 80 { }\nreal_server 10.0.0.3 80 { inhibit_on_failure off }';
    const inhibited = clean({ lines: 'inhibit_on_failure', servers }).realServers;
    assert.deepEqual(
      inhibited.map(({ inhibitOnFailure }) => inhibitOnFailure),
      [true, false],
    );
  });

  it('a flag with an argument is in force, with a warning', () => {
    const { virtualServer, messages: said } = warned({ lines: 'inhibit_on_failure off' });
    assert.equal(virtualServer.realServers[0]?.inhibitOnFailure, true);
    assert.match(
      said.join('\n'),
      /^6:20: warning: inhibit_on_failure "off": ignored: the keyword takes no argument/,
    );
  });

  it('a second keyword on a line is an argument of the first, with a warning', () => {
    const { messages: said } = warned({
      servers: 'real_server 10.0.0.2 80 {\nweight 3 inhibit_on_failure\n}',
    });
    assert.match(said.join('\n'), /^8:10: warning: weight "inhibit_on_failure": ignored: one keyword a line/);
  });

  it('a keyword given twice counts the last time, with a warning', () => {
    const { virtualServer, messages: said } = warned({
      servers: 'real_server 10.0.0.2 80 {\nweight 3\nweight 4\n}',
    });
    assert.equal(virtualServer.realServers[0]?.weight, 4);
    assert.deepEqual(said, ['9:1: warning: weight is given twice: this one counts']);
  });
});

describe('quorum', () => {
  const four = [2, 3, 4, 5].map((n) => `real_server 10.0.0.${n} 80 { }`).join('\n');
  const quorum = (lines: string, servers = four) => ({ lines, servers });

  it('is 1 with no hysteresis when not said', () => {
    const { quorum: needed, hysteresis } = clean(quorum(''));
    assert.deepEqual([needed, hysteresis], [1, 0]);
  });

  it('is as said with its hysteresis', () => {
    const { quorum: needed, hysteresis } = clean(quorum('quorum 3\nhysteresis 1'));
    assert.deepEqual([needed, hysteresis], [3, 1]);
  });

  it('counts weights, not servers', () => {
    const servers = 'real_server 10.0.0.2 80 { weight 10 }';
    assert.equal(clean(quorum('quorum 8\nhysteresis 2', servers)).quorum, 8);
  });

  it('above the sum of weights is lowered to it, with a warning', () => {
    const { virtualServer, messages: said } = warned(quorum('quorum 9'));
    assert.equal(virtualServer.quorum, 4);
    assert.deepEqual(said, ['6:1: warning: quorum 9: lowered to 4, the sum of the weights']);
  });

  it('has a hysteresis below it, with a warning', () => {
    const { virtualServer, messages: said } = warned(quorum('quorum 2\nhysteresis 2'));
    assert.equal(virtualServer.hysteresis, 1);
    assert.deepEqual(said, ['7:1: warning: hysteresis 2: lowered to 1, it must be below the quorum of 2']);
  });

  it('that with its hysteresis could never be regained is refused, with the numbers', () => {
    assert.deepEqual(messages(quorum('quorum 4\nhysteresis 1')), [
      '7:12: error: hysteresis "1": quorum 4 + hysteresis 1 = 5 is more than all the weights together, 4: a lost quorum would never come back',
    ]);
  });

  it('that was lowered and then could never be regained is refused too', () => {
    const said = messages(quorum('quorum 9\nhysteresis 2'));
    assert.match(said.join('\n'), /warning: quorum 9: lowered to 4/);
    assert.match(said.join('\n'), /error: hysteresis "2": quorum 4 \+ hysteresis 2 = 6 is more than/);
  });

  it('of servers without weight stays, with a warning', () => {
    const { virtualServer, messages: said } = warned(
      quorum('hysteresis 3', 'real_server 10.0.0.2 80 { weight 0 }'),
    );
    assert.deepEqual([virtualServer.quorum, virtualServer.hysteresis], [1, 0]);
    assert.match(said.join('\n'), /^2:1: warning: virtual_server: the weights of all its real servers are 0/);
  });

  it('is not held against servers that could not be read', () => {
    const said = messages(quorum('quorum 2', 'real_server 10.0.0.2 80 { }\nreal_server 10.0.0.300 80 { }'));
    assert.equal(said.length, 1);
  });

  it('refuses 0 and what is no number', () => {
    assert.match(messages(quorum('quorum 0')).join(), /6:8: error: quorum "0": expected a number between 1/);
    assert.match(messages(quorum('quorum 1.5')).join(), /6:8: error: quorum "1.5": expected a whole number/);
  });
});

describe('sorry_server', () => {
  it('has the forwarding of the service and is no inhibited one, unless said', () => {
    assert.deepEqual(clean({ lines: 'sorry_server 10.0.0.9 81' }).sorryServers[0], {
      id: 'sorry 10.0.0.9:81',
      weight: 1,
      checkers: [],
      family: 'ipv4',
      address: '10.0.0.9',
      port: 81,
      forwarding: { method: 'nat' },
      inhibit: false,
    });
    const own = clean({
      lines: 'sorry_server 10.0.0.9 80\nsorry_server_inhibit\nsorry_server_lvs_method DR',
    });
    assert.equal(own.sorryServers[0]?.inhibit, true);
    assert.deepEqual(own.sorryServers[0]?.forwarding, { method: 'dr' });
  });

  it('comes before what is said of it', () => {
    assert.deepEqual(
      messages({ lines: 'sorry_server_inhibit\nsorry_server_lvs_method DR\nsorry_server 10.0.0.9 80' }),
      [
        '6:1: error: sorry_server_inhibit: expected after sorry_server',
        '7:1: error: sorry_server_lvs_method: expected after sorry_server',
      ],
    );
    assert.deepEqual(messages({ lines: 'sorry_server_inhibit' }), [
      '6:1: error: sorry_server_inhibit: expected after sorry_server',
    ]);
  });

  it('is the last of several', () => {
    const { virtualServer, messages: said } = warned({
      lines: 'sorry_server 10.0.0.8 80\nsorry_server 10.0.0.9 80',
    });
    assert.equal(virtualServer.sorryServers[0]?.address, '10.0.0.9');
    assert.deepEqual(said, [
      '7:1: warning: sorry_server is given twice: this one counts; for several, give them blocks: sorry_server ADDRESS PORT { }',
    ]);
  });

  it('that is a real server too is inhibited as that one', () => {
    const { virtualServer, messages: said } = warned({
      lines: 'sorry_server 10.0.0.2 80',
      servers: 'real_server 10.0.0.2 80 { inhibit_on_failure }',
    });
    assert.equal(virtualServer.sorryServers[0]?.inhibit, true);
    assert.match(
      said.join('\n'),
      /^6:1: warning: sorry_server: it is a real server too, whose inhibit_on_failure on counts/,
    );
  });
});

describe('virtual_server_group', () => {
  const group = (lines: string, text = 'GRP') => `virtual_server_group ${text} {\n${lines}\n}\n`;
  const of = (lines: string, parts: Parts = {}) =>
    load(service({ head: 'group GRP', before: group(lines), ...parts }));
  const keys = (lines: string, parts: Parts = {}) => {
    const { config, messages: said } = of(lines, parts);
    assert.deepEqual(said, []);
    return config?.virtualServers[0]?.services.map((key) => {
      return key.kind === 'fwmark'
        ? `fwmark ${key.fwmark} ${key.family}`
        : `${key.protocol} ${key.address} ${key.port}`;
    });
  };

  const cases: readonly (readonly [string, string, readonly string[]])[] = [
    ['single addresses', '10.0.0.1 80\n10.0.0.2 81', ['tcp 10.0.0.1 80', 'tcp 10.0.0.2 81']],
    ['a range of last bytes', '10.0.0.3-5 80', ['tcp 10.0.0.3 80', 'tcp 10.0.0.4 80', 'tcp 10.0.0.5 80']],
    [
      'a range over a byte',
      '10.0.0.255-10.0.1.1 80',
      ['tcp 10.0.0.255 80', 'tcp 10.0.1.0 80', 'tcp 10.0.1.1 80'],
    ],
    [
      'a prefix',
      '10.0.0.8/30 80',
      ['tcp 10.0.0.8 80', 'tcp 10.0.0.9 80', 'tcp 10.0.0.10 80', 'tcp 10.0.0.11 80'],
    ],
    [
      'marks among them',
      '10.0.0.1 80\nfwmark 3\nfwmark 4 inet',
      ['tcp 10.0.0.1 80', 'fwmark 3 ipv4', 'fwmark 4 ipv4'],
    ],
  ];
  for (const [claim, lines, expected] of cases) {
    it(`stands for ${claim}`, () => assert.deepEqual(keys(lines), expected));
  }

  it('stands for ranges of IPv6 addresses, counted in hexadecimal', () => {
    const servers = 'real_server ae00::100 80 { }';
    assert.deepEqual(keys('ae00::9-b 80', { servers }), [
      'tcp ae00::9 80',
      'tcp ae00::a 80',
      'tcp ae00::b 80',
    ]);
    assert.deepEqual(keys('ae00::/127 80', { servers }), ['tcp ae00:: 80', 'tcp ae00::1 80']);
  });

  it('gives its servers the port of each service', () => {
    const { config, messages: said } = of('10.0.0.1 80\n10.0.0.1 443', {
      servers: 'real_server 10.0.0.2 { PING_CHECK { } }',
    });
    assert.deepEqual(said, []);
    assert.equal(config?.virtualServers[0]?.realServers[0]?.port, 0);
    assert.equal(config?.virtualServers[0]?.id, 'group GRP tcp');
  });

  it('may stand after what uses it', () => {
    const text = service({ head: 'group GRP' }) + group('10.0.0.1 80');
    assert.equal(loadClean(text).virtualServers.length, 1);
  });

  it('may serve two protocols', () => {
    const text =
      service({ head: 'group GRP', before: group('10.0.0.1 80') }) +
      service({ head: 'group GRP' }).replace('TCP', 'UDP');
    assert.deepEqual(
      loadClean(text).virtualServers.map(({ id }) => id),
      ['group GRP tcp', 'group GRP udp'],
    );
  });

  const faults: readonly (readonly [string, string, RegExp])[] = [
    [
      'bits after a prefix',
      '10.0.0.9/30 80',
      /^2:1: error: address "10\.0\.0\.9\/30": expected a prefix length with no bits/,
    ],
    [
      'a range backwards',
      '10.0.0.9-3 80',
      /^2:1: error: address "10\.0\.0\.9-3": the range ends before it starts/,
    ],
    ['a range end above 255', '10.0.0.9-256 80', /^2:1: error: .*end of the range/],
    ['a range over families', '10.0.0.9-::1 80', /^2:1: error: .*end of the range/],
    ['too large a range', '10.0.0.0/8 80', /^2:1: error: .*16777216 addresses: expected at most 65536/],
    ['too large an IPv6 range', '8000::/1 80', /^2:1: error: .* addresses: expected at most 65536/],
    ['a host name', 'example.com 80', /^2:1: error: address "example\.com": expected an address/],
    [
      'a port out of range',
      '10.0.0.1 65536',
      /^2:10: error: port "65536": expected a number between 0 and 65535/,
    ],
    ['a mark of 0', 'fwmark 0', /^2:8: error: fwmark "0"/],
    ['a mark of another family', 'fwmark 1 ipv6', /^2:10: error: fwmark "ipv6": expected inet or inet6/],
  ];
  for (const [claim, lines, expected] of faults) {
    it(`refuses ${claim}`, () => assert.match(of(lines).messages.join('\n'), expected));
  }

  it('that is missing or empty is an error where it is used', () => {
    assert.deepEqual(load(service({ head: 'group NONE' })).messages, [
      '2:1: error: virtual_server group "NONE": there is no virtual_server_group of that name with anything in it',
    ]);
    const { messages: said } = of('');
    assert.match(said.join('\n'), /^1:1: warning: virtual_server_group GRP: it is empty/);
    assert.match(said.join('\n'), /error: virtual_server group "GRP"/);
  });

  it('with a name twice is an error', () => {
    assert.match(
      load(group('10.0.0.1 80') + group('10.0.0.2 80')).messages.join(),
      /4:1: error: .*the name is taken/,
    );
  });

  it('with an address twice warns, with one of another virtual server is refused', () => {
    assert.match(
      of('10.0.0.1 80\n10.0.0.1 80').messages.join(),
      /warning: virtual_server: the service tcp 10\.0\.0\.1:80 is twice/,
    );
    const both = load(service({ head: 'group GRP', before: group('10.0.0.0-9 80') }) + service({}));
    assert.match(both.messages.join(), /error: .*tcp 10\.0\.0\.1:80 is in another virtual_server/);
  });

  it('cannot be used without bound', () => {
    const text = [0, 1, 2, 3, 4]
      .map((n) => group(`10.${n}.0.0/16 80`, `G${n}`) + service({ head: `group G${n}` }))
      .join('');
    const { messages: said } = load(text);
    assert.match(said.join('\n'), /error: virtual_server: \d+ services so far: expected at most 200000/);
  });
});
