/** Who is told of an instance and of a group, as the file says it: each keyword fills its own place. */
import assert from 'node:assert/strict';
import { scriptsOf } from '../../src/vrrp/notify/notice.js';
import { load, loadClean } from '../support/config.js';

const KEYWORDS = {
  notify_master: 'master',
  notify_backup: 'backup',
  notify_fault: 'fault',
  notify_stop: 'stop',
  notify: 'any',
  notify_deleted: 'deleted',
  notify_master_rx_lower_pri: 'masterRxLowerPri',
} as const;

const lines = (of: string, keywords: readonly string[]) =>
  keywords.map((keyword) => `${keyword} "/bin/${of} ${keyword}" user_${keyword} staff`).join('\n');

const instance = (more: string) =>
  `vrrp_instance VI {\nvirtual_router_id 51\nvirtual_ipaddress { 10.0.0.100 }\n${more}\n}\n`;

const notifyOf = (text: string) => loadClean(text).vrrp?.instances[0]?.notify ?? assert.fail('no instance');

/** The scripts of a group are read by the same keywords, but for those that only an instance has. */
const ofGroup = Object.keys(KEYWORDS).slice(0, 5);

describe('notify keywords', () => {
  const written = (of: string, keywords: readonly string[]) =>
    Object.fromEntries(
      Object.entries(KEYWORDS)
        .filter(([keyword]) => keywords.includes(keyword))
        .map(([keyword, place]) => [
          place,
          { argv: [`/bin/${of}`, keyword], user: `user_${keyword}`, group: 'staff' },
        ]),
    );
  const rest = { sendDeleted: false, priorityChanges: false, smtpAlert: false, noEmailFaults: false };

  it('of an instance: seven scripts, each in its place with its own arguments, user and group', () => {
    const all = Object.keys(KEYWORDS);
    assert.deepEqual(notifyOf(instance(lines('vi', all))), {
      ...written('vi', all),
      ...rest,
      sendDeleted: true,
    });
  });

  for (const keyword of Object.keys(KEYWORDS))
    it(`${keyword} alone fills one place`, () =>
      assert.deepEqual(notifyOf(instance(lines('vi', [keyword]))), {
        ...written('vi', [keyword]),
        ...rest,
        sendDeleted: keyword === 'notify_deleted',
      }));

  it('notify_deleted without a script tells of it all the same', () =>
    assert.deepEqual(notifyOf(instance('notify_deleted')), { ...rest, sendDeleted: true }));

  it('of two scripts for the same the first counts, as in keepalived, and is named', () => {
    const { config, messages } = load(instance('notify_stop /bin/one\nnotify_stop /bin/two'));
    assert.deepEqual(config?.vrrp?.instances[0]?.notify.stop, { argv: ['/bin/one'] });
    assert.deepEqual(messages, ['5:1: warning: notify_stop is given twice: the one of line 4 counts']);
  });

  it('of a group are its own, not those of its instances', () => {
    const { vrrp } = loadClean(
      `${instance(lines('vi', ofGroup))}vrrp_sync_group VG {\ngroup { VI }\n${lines('vg', ofGroup)}\n}`,
    );
    assert.deepEqual(vrrp?.syncGroups[0]?.notify, { ...written('vg', ofGroup), ...rest });
    assert.deepEqual(vrrp?.instances[0]?.notify, { ...written('vi', ofGroup), ...rest });
  });

  it('the words of the file reach the script: its own arguments, then those of notify', () => {
    const notify = notifyOf(instance('notify "/bin/tell -v \'two words\'"\nnotify_stop /bin/end'));
    const stop = { of: 'INSTANCE', name: 'VI', state: 'STOP', priority: 100 } as const;
    assert.deepEqual(
      scriptsOf(stop, notify).map(({ argv }) => argv),
      [['/bin/end'], ['/bin/tell', '-v', 'two words', 'INSTANCE', 'VI', 'STOP', '100']],
    );
  });

  for (const [globals, own, told] of [
    ['', '', false],
    ['vrrp_notify_priority_changes', '', true],
    ['vrrp_notify_priority_changes on', 'notify_priority_changes off', false],
    ['', 'notify_priority_changes', true],
    ['vrrp_notify_priority_changes off', 'notify_priority_changes on', true],
  ] as const)
    it(`"${globals}", and in the instance "${own}": changed priorities are ${told ? '' : 'not '}told`, () =>
      assert.equal(notifyOf(`global_defs {\n${globals}\n}\n${instance(own)}`).priorityChanges, told));
});
