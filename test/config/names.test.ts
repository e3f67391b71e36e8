/** Tables, protocols, scopes and the TOS field by the names that iproute2's files have. */
import assert from 'node:assert/strict';
import { loadFiles } from '../support/config.js';
import { instanceText } from '../support/vrrp-text.js';

const TABLES = `#
# reserved values
#
255\tlocal
0	unspec
  200  isp1   # the first of them
0xc9 isp2 #the other
300 isp3#a comment
x isp4
301 isp5 and more
1000000 many\n`;

/** The tables of the first rules or routes, or what is said. */
function read(text: string, files: Readonly<Record<string, string>>) {
  const { config, messages } = loadFiles({ 't.conf': text, ...files });
  return config === undefined ? messages : config.vrrp;
}

function tableOf(name: string, files: Readonly<Record<string, string>>): unknown {
  const said = read(`static_rules {\ntable ${name} priority 9\n}`, files);
  return said !== undefined && 'staticRules' in said ? said.staticRules.map(({ action }) => action) : said;
}

const lookup = (table: number) => [{ kind: 'lookup', table }];
const missing = (name: string, file = '/etc/iproute2/rt_tables') => [
  `2:7: error: table "${name}": expected a number between 0 and 4294967295, default, main, local, or a name that is in ${file}`,
];

describe('a table by name', () => {
  const ETC = { '/etc/iproute2/rt_tables': TABLES };
  for (const [name, table] of [
    ['isp1', 200],
    ['isp2', 201],
    ['isp3', 300],
    ['isp5', 301],
    ['many', 1_000_000],
    ['main', 254],
    ['unspec', 0],
    ['0x10', 16],
  ] as const)
    it(`${name} is ${table}`, () => assert.deepEqual(tableOf(name, ETC), lookup(table)));

  for (const name of ['isp4', 'comment', 'constructor', 'reserved', '7x'])
    it(`${name} is an error that names the file`, () => assert.deepEqual(tableOf(name, ETC), missing(name)));

  it('is told of where no file is there at all', () =>
    assert.deepEqual(tableOf('isp1', {}), missing('isp1')));

  it("counts in routes and in an instance's lines too", () => {
    const lines =
      'virtual_routes {\n10.8.0.0/16 dev eth0 table isp1\n}\nvirtual_rules {\nto 10.8.0.0/16 lookup isp2 priority 1\n}';
    const vrrp = read(instanceText(lines), ETC);
    const { virtualRoutes, virtualRules } =
      (vrrp !== undefined && 'instances' in vrrp && vrrp.instances[0]) || assert.fail(String(vrrp));
    assert.deepEqual([virtualRoutes[0]?.table, virtualRules[0]?.action], [200, ...lookup(201)]);
  });
});

describe("where names come from: the machine's own file, else the usual one, and those beside them", () => {
  const own = { '/etc/iproute2/rt_tables': '200 isp1' };
  const usual = { '/usr/share/iproute2/rt_tables': '201 isp1\n202 isp2' };
  for (const [name, files, expected] of [
    ['isp1', { ...own, ...usual }, lookup(200)],
    ['isp2', { ...own, ...usual }, missing('isp2')],
    ['isp2', usual, lookup(202)],
    ['isp3', usual, missing('isp3', '/usr/share/iproute2/rt_tables')],
    ['a', { ...own, '/etc/iproute2/rt_tables.d/x.conf': '7 a' }, lookup(7)],
    ['a', { '/usr/share/iproute2/rt_tables.d/x.conf': '8 a' }, lookup(8)],
    [
      'a',
      { '/usr/share/iproute2/rt_tables.d/x.conf': '8 a', '/etc/iproute2/rt_tables.d/x.conf': '7 a' },
      lookup(7),
    ],
    ['a', { ...own, '/etc/iproute2/rt_tables.d/README': '7 a' }, missing('a')],
  ] as const)
    it(`${name} of ${JSON.stringify(files)}`, () => assert.deepEqual(tableOf(name, files), expected));
});

describe('other names', () => {
  const FILES = {
    '/etc/iproute2/rt_protos': '186 bgp\n300 wide',
    '/etc/iproute2/rt_scopes': '201 office',
    '/etc/iproute2/rt_dsfield': '0x28 AF11',
  };

  it('of protocols, scopes and the TOS field', () => {
    const text = `static_routes {
10.8.0.0/16 dev eth0 protocol bgp scope office tos AF11
10.9.0.0/16 dev eth0 protocol boot scope link tos 0x10
}
static_rules {
dsfield AF11 table 1 priority 1
}
static_ipaddress {
10.1.0.1 dev eth0 scope office
}`;
    const vrrp = read(text, FILES);
    assert.ok(vrrp !== undefined && 'instances' in vrrp, String(vrrp));
    assert.deepEqual(
      vrrp.staticRoutes.map(({ protocol, scope, tos }) => [protocol, scope, tos]),
      [
        [186, 201, 0x28],
        [3, 253, 0x10],
      ],
    );
    assert.deepEqual([vrrp.staticRules[0]?.tos, vrrp.staticAddresses[0]?.scope], [0x28, 201]);
  });

  it('that are not there, or of a number that is too large, are errors', () => {
    const said = (words: string) => read(`static_routes {\n10.8.0.0/16 dev eth0 ${words}\n}`, FILES);
    const usual = 'redirect, kernel, boot, static, ra, keepalived';
    for (const name of ['wide', 'rip'])
      assert.deepEqual(said(`protocol ${name}`), [
        `2:31: error: protocol "${name}": expected a number between 0 and 255, ${usual}, or a name that is in /etc/iproute2/rt_protos`,
      ]);
    assert.deepEqual(said('tos EF'), [
      '2:26: error: tos "EF": expected a number between 0 and 255, or a name that is in /etc/iproute2/rt_dsfield',
    ]);
  });
});
