import assert from 'node:assert/strict';
import { conntrackFindings, reversePathFindings, settingFindings } from '../../../src/cli/doctor/settings.js';
import { loadClean } from '../../support/config.js';
import { brief, instance, service } from '../../support/doctor.js';

type Case = readonly [
  claim: string,
  config: string,
  settings: Readonly<Record<string, string>>,
  found: readonly string[],
];

const SYNC = (words: string) => `global_defs {\n lvs_sync_daemon ${words}\n}\n`;
const [FORWARD, FORWARD_6] = ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding'];

const CASES: readonly Case[] = [
  [
    'NAT needs forwarding',
    service(),
    { [FORWARD]: '0' },
    [`error ${FORWARD}: ${FORWARD} is 0 → sysctl -w ${FORWARD}=1`],
  ],
  ['forwarding is there', service(), { [FORWARD]: '1' }, []],
  ['DR needs no forwarding', service({ kind: 'DR' }), { [FORWARD]: '0' }, []],
  [
    'a NAT sorry server needs it too',
    service({ kind: 'DR', more: 'sorry_server 10.0.0.20 80\nsorry_server_lvs_method NAT' }),
    { [FORWARD]: '0' },
    [`error ${FORWARD}: ${FORWARD} is 0 → sysctl -w ${FORWARD}=1`],
  ],
  ['IPv4 asks nothing of IPv6', service(), { [FORWARD_6]: '0', 'net.ipv6.conf.all.disable_ipv6': '1' }, []],
  [
    'IPv6 by NAT needs its own',
    service({ head: 'fd00::64 80' }),
    { [FORWARD]: '0', [FORWARD_6]: '0', 'net.ipv6.conf.all.disable_ipv6': '1' },
    [
      `error ${FORWARD_6}: ${FORWARD_6} is 0 → sysctl -w ${FORWARD_6}=1`,
      'error net.ipv6.conf.all.disable_ipv6: net.ipv6.conf.all.disable_ipv6 is 1 → sysctl -w net.ipv6.conf.all.disable_ipv6=0',
    ],
  ],
  [
    'an IPv6 address of VRRP needs IPv6',
    instance({ addresses: 'fd00::64/64' }),
    { 'net.ipv6.conf.all.disable_ipv6': '1' },
    [
      'error net.ipv6.conf.all.disable_ipv6: net.ipv6.conf.all.disable_ipv6 is 1 → sysctl -w net.ipv6.conf.all.disable_ipv6=0',
    ],
  ],
  [
    'persistence holds clients at a server of weight 0',
    service({ more: 'persistence_timeout 30' }),
    { 'net.ipv4.vs.expire_quiescent_template': '0', 'net.ipv4.vs.expire_nodest_conn': '0' },
    [
      'warning net.ipv4.vs.expire_quiescent_template: net.ipv4.vs.expire_quiescent_template is 0 → sysctl -w net.ipv4.vs.expire_quiescent_template=1',
    ],
  ],
  [
    'without persistence nothing holds them',
    service(),
    { 'net.ipv4.vs.expire_quiescent_template': '0', 'net.ipv4.vs.expire_nodest_conn': '0' },
    [],
  ],
  [
    'UDP clients stay with a server that is gone',
    service({ protocol: 'UDP' }),
    { 'net.ipv4.vs.expire_nodest_conn': '0' },
    [
      'warning net.ipv4.vs.expire_nodest_conn: net.ipv4.vs.expire_nodest_conn is 0 → sysctl -w net.ipv4.vs.expire_nodest_conn=1',
    ],
  ],
  [
    'a client that has got a place may come from the port it was turned away with',
    service({ more: 'persistence_timeout 30\noverflow sessions 10\nsorry_server 10.0.0.20 80' }),
    { 'net.ipv4.vs.expire_quiescent_template': '1', 'net.ipv4.vs.expire_nodest_conn': '0' },
    [
      'warning net.ipv4.vs.expire_nodest_conn: net.ipv4.vs.expire_nodest_conn is 0 → sysctl -w net.ipv4.vs.expire_nodest_conn=1',
    ],
  ],
  [
    'a synchronised director may not go deaf while it listens',
    `${SYNC('eth0 web')}${instance()}`,
    { 'net.ipv4.vs.backup_only': '1', 'net.ipv4.vs.sync_threshold': '10 50' },
    [
      'warning net.ipv4.vs.backup_only: net.ipv4.vs.backup_only is 1 → sysctl -w net.ipv4.vs.backup_only=0',
      'warning net.ipv4.vs.sync_threshold: net.ipv4.vs.sync_threshold is 10 50 → sysctl -w net.ipv4.vs.sync_threshold="3 50"',
    ],
  ],
  [
    'one that always listens would never balance',
    `${SYNC('eth0')}${instance()}`,
    { 'net.ipv4.vs.backup_only': '1', 'net.ipv4.vs.sync_threshold': '3 50' },
    ['error net.ipv4.vs.backup_only: net.ipv4.vs.backup_only is 1 → sysctl -w net.ipv4.vs.backup_only=0'],
  ],
  ['without synchronisation it is nobody’s concern', instance(), { 'net.ipv4.vs.backup_only': '1' }, []],
  [
    'throwing connections away always is no defence',
    service(),
    { 'net.ipv4.vs.drop_entry': '3', 'net.ipv4.vs.drop_packet': '1' },
    ['warning net.ipv4.vs.drop_entry: net.ipv4.vs.drop_entry is 3 → sysctl -w net.ipv4.vs.drop_entry=0'],
  ],
  ['a kernel without a setting is not told to set it', service({ more: 'persistence_timeout 30' }), {}, []],
];

describe('doctor: kernel settings', () => {
  for (const [claim, config, settings, found] of CASES) {
    it(claim, () => {
      assert.deepEqual(brief(settingFindings(loadClean(config), (name) => settings[name])), found);
    });
  }

  describe('connection tracking', () => {
    const found = (settings: Readonly<Record<string, string>>) =>
      brief(conntrackFindings(loadClean(service()), (name) => settings[name]));
    const table = { 'net.netfilter.nf_conntrack_count': '810', 'net.netfilter.nf_conntrack_max': '1000' };

    it('is told of when its table is nearly full', () => {
      assert.deepEqual(found({ ...table, 'net.ipv4.vs.conntrack': '1' }), [
        'warning conntrack: the table of tracked connections has 810 of 1000, and net.ipv4.vs.conntrack is 1 → sysctl -w net.netfilter.nf_conntrack_max=4000',
      ]);
    });

    it('is not when IPVS does not use it, there is room, or there is none', () => {
      assert.deepEqual(found({ ...table, 'net.ipv4.vs.conntrack': '0' }), []);
      assert.deepEqual(
        found({ ...table, 'net.ipv4.vs.conntrack': '1', 'net.netfilter.nf_conntrack_count': '800' }),
        [],
      );
      assert.deepEqual(found({ 'net.ipv4.vs.conntrack': '1' }), []);
    });
  });

  describe('the strict reverse path filter', () => {
    const strict = { strict: ['eth1'], interfaces: 2 };
    const found = (config: string, facts: Parameters<typeof reversePathFindings>[1]) =>
      reversePathFindings(loadClean(config), facts).map(({ what, meaning }) => [
        what,
        /With (.*?) a/.exec(meaning)?.[1],
      ]);

    it('matters to firewall marks and to tunnels, where packets may come by another way', () => {
      assert.deepEqual(found(service({ head: 'fwmark 5' }), strict), [
        ['rp_filter is strict on eth1', 'services by firewall mark'],
      ]);
      assert.deepEqual(found(service({ kind: 'TUN' }), strict), [
        ['rp_filter is strict on eth1', 'lb_kind TUN'],
      ]);
    });

    it('does not otherwise, nor where there is one way or the filter is loose', () => {
      assert.deepEqual(found(service(), strict), []);
      assert.deepEqual(found(service({ kind: 'TUN' }), { ...strict, interfaces: 1 }), []);
      assert.deepEqual(found(service({ kind: 'TUN' }), { ...strict, strict: [] }), []);
    });

    it('does not for the marks of overflow sessions, which are set after it', () => {
      const sessions = service({
        more: 'persistence_timeout 30\noverflow sessions 10\nsorry_server 10.0.0.20 80',
      });
      assert.deepEqual(found(sessions, strict), []);
    });
  });
});
