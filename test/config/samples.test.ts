/** The samples Debian's keepalived package ships: each is read to its end, and messages stand at the right lines. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { formatDiagnostic, loadConfig } from '../../src/config/load.js';

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
