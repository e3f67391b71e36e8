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
    ['smtp_alert', '2:1: warning: smtp_alert is not supported by lvsd: ignored'],
    ['enable_script_security', '2:1: warning: enable_script_security is not supported by lvsd: ignored'],
    ['vrrp_strict', '2:1: warning: vrrp_strict is not supported by lvsd: ignored'],
  ];
  for (const [line, expected] of cases)
    it(`says of "${line}"`, () => assert.deepEqual(messages(line), [expected]));

  it('says one thing of a block it does not support, whatever is in it', () => {
    assert.deepEqual(
      messages('notification_email {\na@b\n"c d" {\n}'),
      [
        '2:1: warning: notification_email is not supported by lvsd: ignored',
        "4:7: error: unexpected '{': c d has no block",
        "1:13: error: missing '}': global_defs is never closed",
      ].toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10)),
    );
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
