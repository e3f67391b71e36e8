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
});
