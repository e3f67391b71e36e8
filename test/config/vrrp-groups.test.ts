/** What sync groups and the synchronisation of connections say for, or without, instances. */
import assert from 'node:assert/strict';
import { load, loadClean } from '../support/config.js';
import { instanceText } from '../support/vrrp-text.js';

describe('notify_priority_changes', () => {
  const tells = (own: string, group: string, globals: string) => {
    const text = `global_defs {\n${globals}\n}\n${instanceText(own)}vrrp_sync_group G { group { VI }\n${group}\n}`;
    return loadClean(text).vrrp?.instances[0]?.notify.priorityChanges;
  };
  const line = 'notify_priority_changes';

  for (const [own, group, globals, expected] of [
    ['', '', '', false],
    ['', '', `vrrp_${line}`, true],
    ['', line, '', true],
    ['', `${line} off`, `vrrp_${line}`, false],
    [line, `${line} off`, '', true],
    [`${line} off`, line, `vrrp_${line}`, false],
  ] as const) {
    const words = [own || 'nothing', group || 'nothing', globals || 'nothing'].join(', ');
    it(`of the instance, its group and global_defs: ${words}: ${expected ? 'told' : 'not told'}`, () =>
      assert.equal(tells(own, group, globals), expected));
  }

  it('of a group is not for instances outside it', () => {
    const text = `${instanceText()}${instanceText('', { name: 'V2', id: 52 })}vrrp_sync_group G { group { V2 }\n${line}\n}`;
    assert.deepEqual(
      loadClean(text).vrrp?.instances.map(({ notify }) => notify.priorityChanges),
      [false, true],
    );
  });
});

describe('lvs_sync_daemon', () => {
  it('without an instance needs no block of VRRP', () => {
    const { vrrp } = loadClean('global_defs {\nlvs_sync_daemon eth0 id 7\n}');
    assert.deepEqual(vrrp?.process.lvsSyncDaemon, { interface: 'eth0', syncId: 7 });
    assert.deepEqual(vrrp?.instances, []);
  });

  it('with an instance that is not there is refused', () =>
    assert.deepEqual(load('global_defs {\nlvs_sync_daemon eth0 VI\n}').messages, [
      '2:1: error: lvs_sync_daemon: there is no vrrp_instance "VI"',
    ]));

  const OWN = 'lvs_sync_daemon_interface eth1';
  const daemon = (text: string) => {
    const { config, messages } = load(text);
    return { daemon: config?.vrrp?.process.lvsSyncDaemon, messages };
  };
  const global = (line: string) => `global_defs {\nlvs_sync_daemon ${line}\n}\n`;
  const second = (line: string) => instanceText(line, { name: 'VI_2', id: 52 });

  it('lvs_sync_daemon_interface of an instance is the same, with that instance', () => {
    const expected = { interface: 'eth1', instance: 'VI', syncId: 51 };
    assert.deepEqual(daemon(instanceText(OWN)), { daemon: expected, messages: [] });
    assert.deepEqual(daemon(global('eth1 VI') + instanceText(OWN)), { daemon: expected, messages: [] });
  });

  it('one that adds nothing is ignored, with a warning', () => {
    const expected = { interface: 'eth1', instance: 'VI', syncId: 51 };
    assert.deepEqual(daemon(instanceText(OWN) + second(OWN)), {
      daemon: expected,
      messages: ['9:1: warning: lvs_sync_daemon_interface: ignored: line 4 has eth1 for "VI"'],
    });
    assert.deepEqual(daemon(global('eth1 id 9') + instanceText(OWN)), {
      daemon: { interface: 'eth1', syncId: 9 },
      messages: ['7:1: warning: lvs_sync_daemon_interface: ignored: line 2 has eth1 for all instances'],
    });
  });

  it('one of another interface is an error', () => {
    assert.deepEqual(daemon(instanceText(OWN) + second('lvs_sync_daemon_interface eth0')).messages, [
      '9:1: error: lvs_sync_daemon_interface "eth0": line 4 has eth1 for "VI": expected one interface',
    ]);
    assert.deepEqual(daemon(global('eth0 VI') + instanceText(OWN)).messages, [
      '7:1: error: lvs_sync_daemon_interface "eth1": line 2 has eth0 for "VI": expected one interface',
    ]);
  });
});

describe('track_bfd', () => {
  it('is an error by name, in an instance and in a group', () => {
    const line = 'track_bfd { B weight 0 }';
    const text = `${instanceText(line)}vrrp_sync_group G {\ngroup { VI }\n${line}\n}`;
    const said =
      'track_bfd is not supported by lvsd: a session that is down would be no fault and cost no priority';
    assert.deepEqual(load(text).messages, [`4:1: error: ${said}`, `8:1: error: ${said}`]);
  });
});
