import assert from 'node:assert/strict';
import { load, loadClean } from '../support/config.js';

const globals = (lines: string) => `global_defs {\n${lines}\n}\n`;
const clean = (lines: string) => loadClean(globals(lines)).global;
const messages = (lines: string) => load(globals(lines)).messages;

describe('global_defs', () => {
  it('may be absent', () => {
    assert.deepEqual(loadClean('').global, {
      routerId: 'host',
      lvsFlush: false,
      lvsFlushOnStop: 'no',
      notifyFifos: { shared: [], lvs: [] },
      rsInitNotifies: false,
    });
  });

  it('sets what it says', () => {
    const lines =
      'router_id "d 1"\nlvs_timeouts tcp 7200 tcpfin 30 udp 60\nlvs_flush\nlvs_flush_on_stop\nrs_init_notifies';
    assert.deepEqual(clean(lines), {
      routerId: 'd 1',
      lvsTimeouts: { tcpS: 7200, tcpFinS: 30, udpS: 60 },
      lvsFlush: true,
      lvsFlushOnStop: 'all',
      notifyFifos: { shared: [], lvs: [] },
      rsInitNotifies: true,
    });
    assert.deepEqual(clean('lvs_timeouts udp 5').lvsTimeouts, { udpS: 5 });
    assert.equal(clean('lvs_flush_on_stop VS').lvsFlushOnStop, 'services');
  });

  it('may be given in several blocks, of which the later ones count', () => {
    const text = globals('router_id a\nlvs_flush') + globals('router_id b');
    assert.deepEqual([loadClean(text).global.routerId, loadClean(text).global.lvsFlush], ['b', true]);
  });

  const cases: readonly (readonly [string, string])[] = [
    ['router_id', '2:10: error: router_id: its argument is missing: expected TEXT'],
    ['router_id ""', '2:11: error: router_id "": expected TEXT, not an empty text'],
    ['lvs_timeouts', '2:13: error: lvs_timeouts: its argument is missing: expected tcp, tcpfin or udp'],
    ['lvs_timeouts tcp', '2:17: error: lvs_timeouts: expected seconds after tcp'],
    ['lvs_timeouts sctp 5', '2:14: error: lvs_timeouts "sctp": expected tcp, tcpfin or udp'],
    [
      'lvs_timeouts tcp 2678401',
      '2:18: error: lvs_timeouts "2678401": expected a number between 0 and 2678400',
    ],
    ['lvs_flush_on_stop RS', '2:19: error: lvs_flush_on_stop "RS": expected VS or nothing'],
    ['lvs_flush_onstop', '2:1: warning: lvs_flush_onstop is an old name: write lvs_flush_on_stop'],
    ['script_user', '2:12: error: script_user: its argument is missing: expected USER [GROUP]'],
    [
      'script_user a b c',
      '2:17: error: script_user "c": expected USER [GROUP] after the command: arguments belong in its quotes',
    ],
    ['smtp_server', '2:12: error: smtp_server: its argument is missing: expected HOST [PORT]'],
    ['smtp_server mx 70000', '2:16: error: smtp_server "70000": expected a number between 1 and 65535'],
    ['smtp_server mx', '2:1: warning: smtp_server: no mail is sent: expected notification_email { … } too'],
    ['notification_email_from "a b"', '2:25: error: notification_email_from "a b": expected NAME@HOST'],
    ['lvs_notify_fifo pipe', '2:17: error: lvs_notify_fifo "pipe": expected an absolute path'],
    ['enable_script_security', '2:1: warning: enable_script_security is not supported by lvsd: ignored'],
  ];
  for (const [line, expected] of cases)
    it(`says of "${line}"`, () => assert.deepEqual(messages(line), [expected]));

  it('says where a recipient is none', () => {
    assert.deepEqual(messages('notification_email {\na@b\n"c d"\n}\nsmtp_server mx'), [
      '4:1: error: notification_email "c d": expected NAME@HOST',
    ]);
    assert.deepEqual(messages('notification_email {\na@b\n}'), [
      '2:1: warning: notification_email: no mail is sent: expected smtp_server too',
    ]);
  });

  describe('mail', () => {
    const server = 'smtp_server mx 2525\nnotification_email {\na@b\nc@d\n}\n';

    it('needs a server and recipients; the rest has defaults', () => {
      assert.deepEqual(clean(server).mail, {
        server: { host: 'mx', port: 2525 },
        heloName: 'host',
        connectTimeoutMs: 30_000,
        from: 'root@host',
        to: ['a@b', 'c@d'],
      });
      const more = 'smtp_helo_name h\nsmtp_connect_timeout 2.5\nnotification_email_from lb@b';
      const { heloName, connectTimeoutMs, from } = clean(server + more).mail ?? {};
      assert.deepEqual([heloName, connectTimeoutMs, from], ['h', 2500, 'lb@b']);
    });

    /** smtp_alert of: a virtual server and its real server that say nothing; two of which both say on, off; an instance; a group. */
    const alerts = (lines: string) => {
      const virtualServer = (address: string, vs: string, rs: string) =>
        `virtual_server ${address} 80 {\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n${vs}\nreal_server 10.0.0.9 80 {\n${rs}\n}\n}\n`;
      const text =
        globals(lines) +
        virtualServer('10.0.0.1', '', '') +
        virtualServer('10.0.0.2', 'smtp_alert', 'smtp_alert off') +
        'vrrp_instance a {\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1\n}\n}\n' +
        'vrrp_instance b {\nvirtual_router_id 2\nsmtp_alert\nvirtual_ipaddress {\n10.0.0.2\n}\n}\n' +
        'vrrp_sync_group g {\ngroup {\na\n}\n}\n';
      const { virtualServers, vrrp } = loadClean(text);
      const servers = virtualServers.flatMap((each) => [each, ...each.realServers]);
      const instances = [...(vrrp?.instances ?? []), ...(vrrp?.syncGroups ?? [])];
      const said = [...servers, ...instances.map(({ notify }) => notify)].map(({ smtpAlert }) => smtpAlert);
      return said.map((alert) => (alert === true ? '1' : '0')).join('');
    };
    for (const [lines, expected, what] of [
      ['', '01' + '10' + '01' + '0', 'real servers alone'],
      ['smtp_alert\n', '11' + '10' + '11' + '1', 'all'],
      ['smtp_alert off\n', '00' + '10' + '01' + '0', 'none but those that say so'],
      ['smtp_alert\nsmtp_alert_vrrp off\n', '11' + '10' + '01' + '0', 'all servers'],
      ['smtp_alert_checker off\nsmtp_alert_vrrp\n', '00' + '10' + '11' + '1', 'all of VRRP'],
    ] as const)
      it(`tells of ${what} with "${lines.trim().replace('\n', ', ')}"`, () =>
        assert.equal(alerts(server + lines), expected));

    it('tells of no server where there is nobody to tell', () =>
      assert.equal(alerts('smtp_alert\n').slice(0, 4), '0000'));
  });

  it('has FIFOs for servers, for VRRP, and for both', () => {
    const { global, vrrp } = loadClean(
      `${globals('notify_fifo /run/all root\nnotify_fifo_script "/bin/r a"\nlvs_notify_fifo /run/lvs\nlvs_notify_fifo_script /bin/l\nvrrp_notify_fifo /run/vrrp')}vrrp_instance a {\nvirtual_router_id 1\nvirtual_ipaddress {\n10.0.0.1\n}\n}\n`,
    );
    const all = { path: '/run/all', user: 'root', script: { argv: ['/bin/r', 'a'] } };
    assert.deepEqual(global.notifyFifos, {
      shared: [all],
      lvs: [{ path: '/run/lvs', script: { argv: ['/bin/l'] } }],
    });
    assert.deepEqual(vrrp?.process.notifyFifos, [all, { path: '/run/vrrp' }]);
  });
});

describe('the root', () => {
  it('refuses to run in another namespace than the one meant', () => {
    assert.match(
      load('net_namespace red').messages.join(),
      /^1:1: error: net_namespace is not supported by lvsd: /,
    );
    assert.match(load('net_namespace_ipvs').messages.join(), /^1:1: error: /);
  });

  it('warns of what makes no difference', () => {
    for (const line of [
      'use_pid_dir',
      'instance a',
      'child_wait_time 3',
      'namespace_with_ipsets',
      'linkbeat_use_polling',
    ]) {
      assert.match(load(line).messages.join(), /^1:1: warning: \w+ is not supported by lvsd: ignored$/);
    }
  });
});
