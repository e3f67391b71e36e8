/** Blocks of lines: several words in a line, and several blocks of one kind, as keepalived has them. */
import assert from 'node:assert/strict';
import type { Config } from '../../src/config/config.js';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { load, loadClean } from '../support/config.js';
import { cleanInstance, instanceText, saidInstance } from '../support/vrrp-text.js';

const MEMBERS = instanceText('', { name: 'VI_1' }) + instanceText('', { name: 'VI_2', id: 52 });
const MAIL = (blocks: string) => `global_defs {\nsmtp_server mx\n${blocks}\n}\n`;
const GARP = (blocks: string) =>
  `garp_group {\n${blocks}\n}\nstatic_rules { from 10.0.0.0/8 table 1 pref 9 }\n`;

const members = ({ vrrp }: Config) => vrrp?.syncGroups[0]?.instances;
const recipients = ({ global }: Config) => global.mail?.to;
const interfaces = ({ vrrp }: Config) => vrrp?.garpGroups[0]?.interfaces;

describe('a block of words', () => {
  for (const [name, text, found, expected] of [
    ['group', `${MEMBERS}vrrp_sync_group G { group { VI_1 VI_2 } }`, members, ['VI_1', 'VI_2']],
    ['group', `${MEMBERS}vrrp_sync_group G {\ngroup\n{\nVI_2\n"VI_1"\n}\n}`, members, ['VI_2', 'VI_1']],
    ['notification_email', MAIL('notification_email { a@b c@d\ne@f }'), recipients, ['a@b', 'c@d', 'e@f']],
    ['garp_group', GARP('interfaces { eth0 eth1\neth2 }'), interfaces, ['eth0', 'eth1', 'eth2']],
  ] as const) {
    it(`${name}: each word of each line counts`, () => {
      assert.deepEqual(found(loadClean(text)), expected);
    });
  }

  it('has its errors at the word', () => {
    assert.deepEqual(load(MAIL('notification_email { a@b c,d }')).messages, [
      '3:26: error: notification_email "c,d": expected NAME@HOST',
    ]);
    assert.deepEqual(load(`${MEMBERS}vrrp_sync_group G { group { VI_1 VI_3 } }`).messages, [
      '11:34: warning: group: there is no vrrp_instance "VI_3"',
    ]);
  });
});

describe('blocks of lines given twice', () => {
  const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
  const hosts = (list: readonly { readonly address: string }[]) => list.map(({ address }) => address);

  for (const [keyword, first, second, found, expected] of [
    [
      'virtual_ipaddress',
      '10.0.0.101',
      '10.0.0.102',
      (i) => hosts(i.virtualAddresses),
      ['10.0.0.100', '10.0.0.101', '10.0.0.102'],
    ],
    [
      'virtual_ipaddress_excluded',
      '10.1.0.1',
      '10.1.0.2',
      (i) => hosts(i.excludedAddresses),
      ['10.1.0.1', '10.1.0.2'],
    ],
    [
      'virtual_routes',
      '10.2.0.0/16 dev eth0',
      '10.3.0.0/16 dev eth0',
      (i) => hosts(i.virtualRoutes.map(({ to }) => to)),
      ['10.2.0.0', '10.3.0.0'],
    ],
    [
      'virtual_rules',
      'to 10.2.0.0/16 table 2 pref 2',
      'to 10.2.0.0/16 table 3 pref 3',
      (i) => i.virtualRules.map(({ priority }) => priority),
      [2, 3],
    ],
    ['track_interface', 'eth1', 'eth2', (i) => names(i.track.interfaces), ['eth1', 'eth2']],
    [
      'unicast_peer',
      '10.0.0.8',
      '10.0.0.9',
      (i) => i.transport.kind === 'unicast' && hosts(i.transport.peers),
      ['10.0.0.8', '10.0.0.9'],
    ],
  ] as readonly (readonly [
    string,
    string,
    string,
    (instance: InstanceConfig) => unknown,
    readonly unknown[],
  ])[]) {
    it(`${keyword}: both count`, () => {
      const text = `${keyword} { ${first} }\ninterface eth0\n${keyword} { ${second} }`;
      assert.deepEqual(found(cleanInstance(text)), expected);
    });
  }

  for (const [keyword, block, line] of [
    ['track_script', 'vrrp_script', 'script /bin/true'],
    ['track_file', 'track_file', 'file /f'],
    ['track_process', 'vrrp_track_process', 'process p'],
  ] as const) {
    it(`${keyword}: both count, in a group too`, () => {
      const things = ['A', 'B'].map((name) => `${block} ${name} {\n${line}\n}\n`).join('');
      const twice = `${keyword} { A }\n${keyword} { B }`;
      const group = `vrrp_sync_group G {\ngroup { VI }\nsync_group_tracking_weight\n${twice}\n}\n`;
      const { vrrp } = loadClean(`${things}${instanceText(twice)}${group}`);
      for (const one of [vrrp?.instances[0], vrrp?.syncGroups[0]]) {
        const { scripts = [], files = [], processes = [] } = one?.track ?? {};
        assert.deepEqual(names([...scripts, ...files, ...processes]), ['A', 'B']);
      }
    });
  }

  it('notification_email: both count, also of two global_defs', () => {
    const twice = 'notification_email { a@b }\nnotification_email { c@d }';
    assert.deepEqual(recipients(loadClean(MAIL(twice))), ['a@b', 'c@d']);
    const apart = `${MAIL('notification_email { a@b }')}global_defs {\nnotification_email { c@d }\n}`;
    assert.deepEqual(recipients(loadClean(apart)), ['a@b', 'c@d']);
  });

  it('garp_group: all its interfaces count', () => {
    const text = GARP('interface eth0\ninterfaces { eth2 }\ninterface eth1\ninterfaces { eth3 }');
    assert.deepEqual(interfaces(loadClean(text)), ['eth0', 'eth1', 'eth2', 'eth3']);
  });

  it('static blocks: both count', () => {
    const text = [
      'static_ipaddress { 10.1.0.1 }',
      'static_routes { 10.2.0.0/16 dev eth0 }',
      'static_rules { table 1 pref 1 }',
      'interface_up_down_delays { eth0 1 }',
    ].join('\n');
    const { vrrp } = loadClean(`${text}\n${text}`);
    const counts = [vrrp?.staticAddresses, vrrp?.staticRoutes, vrrp?.staticRules, vrrp?.interfaceDelays];
    assert.deepEqual(
      counts.map((list) => list?.length),
      [2, 2, 2, 2],
    );
  });

  it('group: the first one counts, as keepalived has it, and that is said', () => {
    const { config, messages } = load(`${MEMBERS}vrrp_sync_group G {\ngroup { VI_2 }\ngroup { VI_1 }\n}`);
    assert.deepEqual(config?.vrrp?.syncGroups[0]?.instances, ['VI_2']);
    assert.deepEqual(messages, ['13:1: warning: group is given twice: the one of line 12 counts']);
  });

  it('one with an error in it is said once, and nothing follows from it', () => {
    const { messages } = saidInstance('unicast_peer { 10.0.0.300 }\nunicast_peer { }');
    assert.deepEqual(messages, [
      '4:16: error: unicast_peer "10.0.0.300": expected a numeric IPv4 or IPv6 address',
    ]);
  });
});
