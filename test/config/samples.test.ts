/** The samples Debian's keepalived package ships: each is read to its end, and messages stand at the right lines. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatDiagnostic, loadConfig } from '../../src/config/load.js';
import { load } from '../support/config.js';

const FOLDER = '/usr/share/doc/keepalived/samples';

const errors: Readonly<Record<string, readonly string[]>> = {
  conditional_conf: ['3:7: error: net_namespace is not supported by lvsd'],
  IPv6: ['24:9: error: SMTP_CHECK is not supported'],
  SMTP_CHECK: [
    '39:9: error: SMTP_CHECK is not supported',
    '58:9: error: SMTP_CHECK is not supported',
    '89:9: error: SMTP_CHECK is not supported',
  ],
  SSL_GET: ['20:9: error: auth_type AH: not supported'],
  UDP_CHECK: ['23:9: error: UDP_CHECK is not supported'],
  misc_check: ['23:9: error: MISC_CHECK is not supported'],
  misc_check_arg: ['22:9: error: MISC_CHECK is not supported'],
  'vrrp.rules': [
    '11:8: error: to "192.168.100./24": expected an address',
    '26:12: error: to "192.168.200./24": expected an address',
  ],
};

const warnings: Readonly<Record<string, readonly string[]>> = {
  fwmark: ['12:3: warning: protocol: ignored, a fwmark service'],
  'vrrp.lvs_syncd': ['4:3: warning: unknown keyword "VI_2"', '5:3: warning: unknown keyword "VI_3"'],
};

/** How many virtual servers and checkers the good ones give. */
const built: Readonly<Record<string, readonly [number, number]>> = {
  'HTTP_GET.port': [1, 1],
  PING_CHECK: [1, 1],
  fwmark: [1, 2],
  inhibit: [1, 1],
  quorum: [1, 10],
  sample: [1, 1],
  status_code: [1, 1],
  virtual_server_group: [1, 2],
  virtualhost: [1, 1],
};

function read(sample: string) {
  const file = join(FOLDER, `keepalived.conf.${sample}`);
  const { config, diagnostics } = loadConfig(file, { configId: 'high' });
  return { config, messages: diagnostics.map((one) => formatDiagnostic(one).slice(file.length + 1)) };
}

describe("keepalived's own samples", () => {
  const installed = existsSync(FOLDER);
  if (!installed) {
    it('are not here: install the Debian package keepalived to read them');
    return;
  }
  const samples = readdirSync(FOLDER)
    .filter((name) => name.startsWith('keepalived.conf.'))
    .map((name) => name.replace('keepalived.conf.', ''));

  for (const sample of samples) {
    it(`${sample} has the errors it should have, at their lines, and no others`, () => {
      const { config, messages } = read(sample);
      const expected = errors[sample] ?? [];
      const said = messages.filter((message) => message.includes(': error: '));
      assert.equal(said.length, expected.length, said.join('\n'));
      for (const [index, start] of expected.entries()) assert.ok(said[index]?.startsWith(start), said[index]);
      assert.equal(config === undefined, expected.length > 0);
    });
  }

  for (const [sample, expected] of Object.entries(warnings)) {
    it(`${sample} has its warnings`, () => {
      const { messages } = read(sample);
      for (const start of expected)
        assert.ok(
          messages.some((message) => message.startsWith(start)),
          start,
        );
    });
  }

  for (const [sample, [virtualServers, checkers]] of Object.entries(built)) {
    it(`${sample} gives its services and checks`, () => {
      const { config } = read(sample);
      assert.deepEqual([config?.virtualServers.length, config?.checkers.length], [virtualServers, checkers]);
    });
  }

  it('status_code has both ranges and codes, up to the comment', () => {
    const [checker] = read('status_code').config?.checkers ?? [];
    assert.ok(checker?.type === 'SSL_GET');
    assert.deepEqual(checker.urls[0]?.statusCodes, [
      { from: 200, to: 299 },
      { from: 400, to: 499 },
      { from: 503, to: 503 },
      { from: 505, to: 505 },
    ]);
  });

  it('virtual_server_group stands for thirteen services', () => {
    const [virtualServer] = read('virtual_server_group').config?.virtualServers ?? [];
    assert.equal(virtualServer?.services.length, 13);
  });

  it('no message is about unknown keywords but for the two names that never had a group around them', () => {
    const unknown = samples.flatMap((sample) =>
      read(sample).messages.filter((message) => /unknown keyword/.test(message)),
    );
    assert.equal(unknown.length, 2, unknown.join('\n'));
  });
});

describe('the file that comes with keepalived', () => {
  // Of its kind, in words of our own: what is in it runs with keepalived.
  const FILE = `! The first file of many.
global_defs {
   notification_email {
     one@example.net
     two@example.net
   }
   notification_email_from lb@example.net
   smtp_server 192.0.2.25
   smtp_connect_timeout 30
   router_id FIRST
   vrrp_skip_check_adv_addr
   vrrp_strict
   vrrp_garp_interval 0
   vrrp_gna_interval 0
}
vrrp_instance FIRST {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass 1234
    }
    virtual_ipaddress {
        192.0.2.16
        192.0.2.17
    }
}
virtual_server 192.0.2.100 443 {
    delay_loop 6
    lb_algo rr
    lb_kind NAT
    persistence_timeout 50
    protocol TCP
    sorry_server 192.0.2.200 443
    real_server 198.51.100.1 443 {
        weight 1
        SSL_GET {
            url {
              path /
              digest 0123456789abcdef0123456789abcdef
            }
            connect_timeout 3
            retry 3
            delay_before_retry 3
        }
    }
}\n`;

  it('runs, with a warning of each thing that keepalived ignores in it', () => {
    const { config, messages } = load(FILE);
    assert.deepEqual(messages, [
      '17:5: warning: state: ignored in strict mode: MASTER has priority 255, and who has it is MASTER',
      '22:5: warning: authentication: ignored in strict mode: the RFCs have taken it back',
    ]);
    const [instance] = config?.vrrp?.instances ?? [];
    const { initialState, priority, authentication, accept } = instance ?? {};
    assert.deepEqual([initialState, priority, authentication, accept], ['BACKUP', 100, undefined, false]);
    assert.deepEqual([config?.checkers.length, config?.global.mail?.to.length], [1, 2]);
  });
});
