import assert from 'node:assert/strict';
import type { CheckerConfig, HttpGetConfig } from '../../src/checkers/config.js';
import { load, loadClean } from '../support/config.js';

type Parts = {
  readonly global?: string;
  readonly service?: string;
  readonly server?: string;
  readonly check: string;
};

/** A server with a check; the check starts at line 8. */
function text({ global = '', service = '', server = '', check }: Parts): string {
  return `global_defs { ${global} }
virtual_server 10.0.0.1 80 {
lb_algo rr
lb_kind NAT
protocol TCP
${service}
real_server 10.0.0.2 8080 { ${server}
${check}
}
}
`;
}

function check(parts: Parts): CheckerConfig {
  const [checker] = loadClean(text(parts)).checkers;
  assert.ok(checker);
  return checker;
}

function http(parts: Parts): HttpGetConfig {
  const checker = check(parts);
  assert.ok(checker.type === 'HTTP_GET' || checker.type === 'SSL_GET');
  return checker;
}

const messages = (parts: Parts) => load(text(parts)).messages;
const block = (type: string, lines = '') =>
  `${type} {\n${type.endsWith('GET') ? 'url {\npath /\n}\n' : ''}${lines}\n}`;
const TYPES = ['TCP_CHECK', 'HTTP_GET', 'SSL_GET', 'PING_CHECK'] as const;

describe('checkers', () => {
  it('have the defaults of their type', () => {
    const delays = TYPES.map((type) => {
      const { retry, delayBeforeRetryMs, delayLoopMs, warmupMs, connection } = check({ check: block(type) });
      return [type, retry, delayBeforeRetryMs, delayLoopMs, warmupMs, connection.timeoutMs];
    });
    assert.deepEqual(delays, [
      ['TCP_CHECK', 1, 1000, 60_000, 60_000, 5000],
      ['HTTP_GET', 1, 3000, 60_000, 60_000, 5000],
      ['SSL_GET', 1, 3000, 60_000, 60_000, 5000],
      ['PING_CHECK', 1, 1000, 60_000, 60_000, 5000],
    ]);
  });

  it('an agent has the times of its server, never tries again and is waited for by nobody', () => {
    const agent = check({
      server: 'alpha\nretry 5\ndelay_loop 7\nwarmup 1',
      check: 'AGENT_CHECK {\nhost 10.0.0.9\nport 9707\nagent_send hello\n}',
    });
    assert.ok(agent.type === 'AGENT_CHECK');
    const { send, retry, delayLoopMs, warmupMs, alpha, connection } = agent;
    assert.deepEqual([send, retry, delayLoopMs, warmupMs, alpha], ['hello', 0, 7000, 1000, false]);
    assert.deepEqual([connection.address, connection.port, connection.timeoutMs], ['10.0.0.9', 9707, 5000]);
    assert.equal(check({ check: 'AGENT_CHECK {\ninterval 0.5\nport 1\n}' }).delayLoopMs, 500);
  });

  it('an agent is known to its server as one, beside other checks, and keeps its name when only times change', () => {
    const both = (agent: string) => loadClean(text({ check: `TCP_CHECK {\n}\nAGENT_CHECK {\n${agent}\n}` }));
    const [server] = both('port 1').virtualServers[0]?.realServers ?? [];
    assert.deepEqual(
      server?.checkers.map(({ agent }) => agent),
      [undefined, true],
    );
    const name = (agent: string) => both(agent).checkers[1]?.id;
    assert.equal(name('port 1\ninterval 3'), name('port 1'));
    assert.notEqual(name('port 1\nagent_send x'), name('port 1'));
    assert.match(name('port 1') ?? '', /AGENT_CHECK@/);
  });

  const inherited: readonly (readonly [
    keyword: string,
    field: keyof CheckerConfig | 'timeoutMs',
    unit: number,
  ])[] = [
    ['retry', 'retry', 1],
    ['delay_before_retry', 'delayBeforeRetryMs', 1000],
    ['warmup', 'warmupMs', 1000],
    ['delay_loop', 'delayLoopMs', 1000],
    ['connect_timeout', 'timeoutMs', 1000],
  ];
  for (const [keyword, field, unit] of inherited) {
    it(`take ${keyword} from their server, that from its service`, () => {
      const value = (parts: Omit<Parts, 'check'>, own = '') => {
        const checker = check({ ...parts, check: block('TCP_CHECK', own) });
        return field === 'timeoutMs' ? checker.connection.timeoutMs : checker[field];
      };
      const service = `${keyword} 7`;
      assert.equal(value({ service }), 7 * unit);
      assert.equal(value({ service, server: `${keyword} 8` }), 8 * unit);
      assert.equal(value({ service, server: `${keyword} 8` }, `${keyword} 9`), 9 * unit);
    });
  }

  it('warm up within their own delay_loop when nothing is said', () => {
    assert.equal(
      check({ service: 'delay_loop 9', check: block('TCP_CHECK', 'delay_loop 2') }).warmupMs,
      2000,
    );
    assert.equal(check({ check: block('TCP_CHECK', 'warmup 0') }).warmupMs, 0);
  });

  it('take times to the microsecond', () => {
    assert.equal(check({ check: block('TCP_CHECK', 'delay_loop 1.5') }).delayLoopMs, 1500);
    assert.equal(check({ check: block('TCP_CHECK', 'delay_loop .0000015') }).delayLoopMs, 0.002);
    assert.match(
      messages({ check: block('TCP_CHECK', 'delay_loop 0') }).join(),
      /9:12: error: delay_loop "0": expected seconds/,
    );
    assert.match(
      messages({ check: block('TCP_CHECK', 'delay_loop 100zyx') }).join(),
      /9:12: error: delay_loop "100zyx"/,
    );
    assert.match(
      messages({ check: block('TCP_CHECK', 'delay_loop -1') }).join(),
      /9:12: error: delay_loop "-1"/,
    );
  });

  it('may have retry 0, servers and services may not', () => {
    assert.equal(check({ check: block('TCP_CHECK', 'retry 0') }).retry, 0);
    assert.match(
      messages({ service: 'retry 0', check: '' }).join(),
      /6:7: error: retry "0": expected a number between 1/,
    );
    assert.match(
      messages({ server: 'retry 0', check: '' }).join(),
      /7:35: error: retry "0": expected a number between 1/,
    );
  });

  it('start down by alpha of their own, their server or service', () => {
    const alpha = (parts: Omit<Parts, 'check'>, own = '') =>
      check({ ...parts, check: block('TCP_CHECK', own) }).alpha;
    assert.equal(alpha({}), false);
    assert.equal(alpha({ service: 'alpha' }), true);
    assert.equal(alpha({ service: 'alpha', server: 'alpha no' }), false);
    assert.equal(alpha({ service: 'alpha', server: 'alpha no' }, 'alpha yes'), true);
  });

  it('log all failures when told, or when all are', () => {
    const all = { global: 'checker_log_all_failures' };
    assert.equal(check({ ...all, check: block('TCP_CHECK') }).logAllFailures, true);
    assert.equal(check({ ...all, check: block('TCP_CHECK', 'log_all_failures off') }).logAllFailures, false);
    assert.equal(check({ check: block('TCP_CHECK', 'log_all_failures') }).logAllFailures, true);
  });

  it('connect to their server, or where they are told, from where they are told', () => {
    assert.deepEqual(check({ check: block('TCP_CHECK') }).connection, {
      family: 'ipv4',
      address: '10.0.0.2',
      port: 8080,
      fwmark: 0,
      timeoutMs: 5000,
    });
    const lines =
      'connect_ip ::3\nconnect_port 81\nbindto ::4\nbind_port 4000\nbind_if eth1\nfwmark 5\nconnect_timeout 0.5';
    for (const type of TYPES) {
      assert.deepEqual(check({ check: block(type, lines) }).connection, {
        family: 'ipv6',
        address: '::3',
        port: type === 'PING_CHECK' ? 0 : 81,
        bindAddress: '::4',
        bindPort: 4000,
        bindInterface: 'eth1',
        fwmark: 5,
        timeoutMs: 500,
      });
    }
  });

  const faults: readonly (readonly [string, string, string])[] = [
    ['a source of another family', 'bindto ::4', '9:8: error: bindto "::4": expected the family of 10.0.0.2'],
    [
      'a link-local address without interface',
      'connect_ip fe80::1',
      '8:1: error: TCP_CHECK: the link-local address fe80::1 needs bind_if',
    ],
    ['port 0', 'connect_port 0', '9:14: error: connect_port "0": expected a number between 1 and 65535'],
    [
      'a host name',
      'connect_ip localhost',
      '9:12: error: connect_ip "localhost": expected a numeric IPv4 or IPv6 address',
    ],
    [
      'no time at all',
      'connect_timeout 0',
      '9:17: error: connect_timeout "0": expected seconds of 0.000001 or more',
    ],
    ['a bool that is none', 'alpha On', '9:7: error: alpha "On": expected on, off, true, false, yes or no'],
  ];
  for (const [claim, lines, expected] of faults) {
    it(`refuse ${claim}`, () => assert.deepEqual(messages({ check: block('TCP_CHECK', lines) }), [expected]));
  }

  it('of one server are in the order of the file, and its server knows them', () => {
    const { checkers, virtualServers } = loadClean(
      text({ check: [block('SSL_GET'), block('TCP_CHECK', 'alpha'), block('HTTP_GET')].join('\n') }),
    );
    assert.deepEqual(
      checkers.map(({ type }) => type),
      ['SSL_GET', 'TCP_CHECK', 'HTTP_GET'],
    );
    assert.deepEqual(
      virtualServers[0]?.realServers[0]?.checkers,
      checkers.map(({ id, alpha }) => ({ id, alpha })),
    );
  });

  it('that are not supported yet are errors, since their server would count as always up', () => {
    for (const type of ['SMTP_CHECK', 'DNS_CHECK', 'UDP_CHECK', 'MISC_CHECK', 'FILE_CHECK', 'BFD_CHECK']) {
      const { config, messages: said } = load(text({ check: `${type} {\n}` }));
      assert.equal(config, undefined);
      assert.deepEqual(said, [
        `8:1: error: ${type} is not supported by lvsd: without it the server would count as always up`,
      ]);
    }
  });
});

describe('HTTP_GET and SSL_GET', () => {
  it('ask for each url in order', () => {
    const second = 'url {\npath /b?x=1\nstatus_code 200-204 301 404-404\n}';
    const { urls, httpProtocol, fastRecovery, tls } = http({
      check: `HTTP_GET {\nurl { path /a }\n${second}\n}`,
    });
    assert.deepEqual(urls, [
      { path: '/a', statusCodes: [{ from: 200, to: 299 }] },
      {
        path: '/b?x=1',
        statusCodes: [
          { from: 200, to: 204 },
          { from: 301, to: 301 },
          { from: 404, to: 404 },
        ],
      },
    ]);
    assert.deepEqual([httpProtocol, fastRecovery, tls], ['1.0', false, undefined]);
  });

  it('take the Host header from the nearest virtualhost', () => {
    const hosts = (parts: Omit<Parts, 'check'>, own = '', url = '') => {
      return http({ ...parts, check: `HTTP_GET { ${own}\nurl { path /\n${url}\n}\n}` }).urls[0]?.virtualhost;
    };
    const service = 'virtualhost vs.example';
    const server = 'virtualhost rs.example';
    assert.equal(hosts({}), undefined);
    assert.equal(hosts({ service }), 'vs.example');
    assert.equal(hosts({ service, server }), 'rs.example');
    assert.equal(hosts({ service, server }, 'virtualhost c.example'), 'c.example');
    assert.equal(hosts({ service, server }, 'virtualhost c.example', 'virtualhost u.example'), 'u.example');
  });

  it('speak each version of HTTP', () => {
    for (const version of ['1.0', '1.0C', '1.0c', '1.1']) {
      assert.equal(http({ check: block('HTTP_GET', `http_protocol ${version}`) }).httpProtocol, version);
    }
    assert.match(
      messages({ check: block('HTTP_GET', 'http_protocol 2') }).join(),
      /expected one of 1\.0, 1\.0C, 1\.0c, 1\.1/,
    );
  });

  it('take digests in lower case', () => {
    const digest = 'FF20AD2481F97B1754EF3E12ECD3A9CC';
    const [url] = http({ check: `HTTP_GET { url { path /\ndigest ${digest}\n} }` }).urls;
    assert.equal(url?.digest, digest.toLowerCase());
  });

  it('know the old name of retry', () => {
    const { config, messages: said } = load(text({ check: block('HTTP_GET', 'nb_get_retry 4') }));
    assert.equal(config?.checkers[0]?.retry, 4);
    assert.deepEqual(said, ['12:1: warning: nb_get_retry is an old name: write retry']);
  });

  it('of SSL have options of their own', () => {
    const { tls } = http({ check: block('SSL_GET') });
    assert.deepEqual(tls, { enableSni: false, tlsCompliant: false, verify: false });
    const own = http({ check: block('SSL_GET', 'enable_sni\ntls_compliant\ntls_verify on') });
    assert.deepEqual(own.tls, { enableSni: true, tlsCompliant: true, verify: true });
    assert.deepEqual(http({ check: block('SSL_GET', 'sni_name a.example') }).tls, {
      enableSni: true,
      sniName: 'a.example',
      tlsCompliant: false,
      verify: false,
    });
    const [url] = http({ check: 'SSL_GET { url { path /\ntls_compliant\n} }' }).urls;
    assert.equal(url?.tlsCompliant, true);
  });

  it('of SSL present what the SSL block names', () => {
    const ssl = 'SSL {\npassword s3cret\nca /ca.pem\ncertificate /c.pem\nkey /k.pem\n}\n';
    const [checker] = loadClean(ssl + text({ check: block('SSL_GET') })).checkers;
    assert.deepEqual((checker as HttpGetConfig).tls, {
      enableSni: false,
      tlsCompliant: false,
      verify: false,
      caFile: '/ca.pem',
      certificateFile: '/c.pem',
      keyFile: '/k.pem',
      password: 's3cret',
    });
  });

  it('say nothing secret in messages', () => {
    const { messages: said } = load(
      'SSL {\npassword s3cret extra\npassword s3cret\n}\nvrrp_instance A {\nauthentication {\nauth_pass s3cret extra\n}\n}',
    );
    assert.equal(said.length, 4);
    assert.doesNotMatch(said.join('\n'), /s3cret|extra/);
  });

  const faults: readonly (readonly [string, string, string])[] = [
    ['no url', 'HTTP_GET { }', '8:1: error: HTTP_GET: expected at least one url'],
    ['a url without path', 'HTTP_GET {\nurl { }\n}', '9:1: error: url: expected a path in it'],
    [
      'an empty path',
      'HTTP_GET {\nurl { path "" }\n}',
      '9:12: error: path "": expected a path without blanks and control characters',
    ],
    [
      'a path with a blank',
      'HTTP_GET {\nurl { path "/a b" }\n}',
      '9:12: error: path "/a b": expected a path without blanks and control characters',
    ],
    [
      'a code below 100',
      'HTTP_GET {\nurl { path /\nstatus_code 99\n}\n}',
      '10:13: error: status_code "99": expected a code or a range of codes between 100 and 599',
    ],
    [
      'a code above 599',
      'HTTP_GET {\nurl { path /\nstatus_code 200 500-600\n}\n}',
      '10:17: error: status_code "500-600": expected a code or a range of codes between 100 and 599',
    ],
    [
      'a range backwards',
      'HTTP_GET {\nurl { path /\nstatus_code 299-200\n}\n}',
      '10:13: error: status_code "299-200": expected a code or a range of codes between 100 and 599',
    ],
    [
      'a digest that is none',
      'HTTP_GET {\nurl { path /\ndigest 123\n}\n}',
      '10:8: error: digest "123": expected 32 hexadecimal digits',
    ],
  ];
  for (const [claim, lines, expected] of faults) {
    it(`refuse ${claim}`, () => assert.deepEqual(messages({ check: lines }), [expected]));
  }

  it('do not know the words of SSL_GET in HTTP_GET', () => {
    assert.deepEqual(messages({ check: block('HTTP_GET', 'enable_sni') }), [
      '12:1: warning: unknown keyword "enable_sni" in this place: it belongs in SSL_GET (ignored)',
    ]);
  });
});

describe('regex of a url', () => {
  const url = (lines: string) => `HTTP_GET {\nurl {\npath /\n${lines}\n}\n}`;

  it('is translated with its options', () => {
    assert.deepEqual(
      http({ check: url('regex "^OK \\\\d+$"\nregex_options caseless\nregex_no_match') }).urls[0]?.regex,
      {
        pattern: '^OK \\d+(?=\\n?(?![\\s\\S]))',
        flags: 'i',
        noMatch: true,
        minOffset: 0,
      },
    );
  });

  it('has offsets, both included', () => {
    const offsets = http({ check: url('regex a\nregex_min_offset 5\nregex_max_offset 5') }).urls[0]?.regex;
    assert.deepEqual([offsets?.minOffset, offsets?.maxOffset], [5, 5]);
    assert.equal(http({ check: url('regex a\nregex_max_offset 0') }).urls[0]?.regex?.maxOffset, 0);
  });

  const said: readonly (readonly [string, string, string])[] = [
    ['one that does not compile', 'regex "a(b"', '11:7: error: regex "a(b": Unterminated group'],
    [
      'what JavaScript cannot say',
      'regex a++',
      '11:7: error: regex "a++": the possessive quantifier "++" has no equal in JavaScript',
    ],
    [
      'an option JavaScript has not',
      'regex a\nregex_options caseless ucp',
      '12:24: error: regex_options "ucp": this option has no equal in JavaScript',
    ],
    [
      'an option PCRE2 has not',
      'regex a\nregex_options caseles',
      '12:15: error: regex_options "caseles": expected one of allow_empty_class, ',
    ],
    ['two expressions', 'regex a b', '11:9: error: regex "b": expected one expression: put blanks in quotes'],
    ['none', 'regex', '11:6: error: regex: its argument is missing: expected an expression'],
    [
      'offsets in the wrong order',
      'regex a\nregex_min_offset 9\nregex_max_offset 8',
      '13:18: error: regex_max_offset "8": expected at least regex_min_offset, which is 9',
    ],
    ['options of nothing', 'regex_no_match', '11:1: warning: regex_no_match: ignored without regex'],
    [
      'memory for a compiler',
      'regex a\nregex_stack 1 2',
      '12:1: warning: regex_stack is not supported by lvsd: ignored',
    ],
  ];
  for (const [claim, lines, expected] of said) {
    it(`says what is wrong with ${claim}`, () => {
      const all = messages({ check: url(lines) });
      assert.equal(all.length, 1, all.join('\n'));
      assert.ok(all[0]?.startsWith(expected), all[0]);
    });
  }
});

describe('ids of checkers', () => {
  const id = (lines: string, parts: Omit<Parts, 'check'> = {}, type = 'HTTP_GET') =>
    check({ ...parts, check: block(type, lines) }).id;

  it('name the servers and the type', () => {
    assert.match(id('', {}, 'TCP_CHECK'), /^10\.0\.0\.1:80 tcp\/10\.0\.0\.2:8080\/TCP_CHECK@[0-9a-f]{8}$/);
  });

  it('stay when times, retries and limits change', () => {
    const changed =
      'retry 9\ndelay_loop 9\ndelay_before_retry 9\nwarmup 9\nconnect_timeout 9\nalpha\nlog_all_failures\nfast_recovery';
    assert.equal(id(changed), id(''));
    assert.equal(id('', { server: 'weight 5' }), id(''));
  });

  it('change with what is connected to and asked for', () => {
    const lines = [
      '',
      'connect_ip 10.0.0.3',
      'connect_port 81',
      'bindto 10.0.0.4',
      'bind_if eth0',
      'fwmark 1',
      'virtualhost a',
      'http_protocol 1.1',
      'url { path /b }',
    ];
    assert.equal(new Set(lines.map((line) => id(line))).size, lines.length);
    assert.notEqual(id('', {}, 'SSL_GET'), id('tls_verify', {}, 'SSL_GET'));
  });

  it('are told apart when two checks are the same', () => {
    const { checkers } = loadClean(text({ check: `${block('TCP_CHECK')}\n${block('TCP_CHECK')}` }));
    const [first, second] = checkers;
    assert.equal(second?.id, `${first?.id}#2`);
  });
});
