/** Notify scripts that come faster than they end: which of them run all the same. */
import assert from 'node:assert/strict';
import type { NotifyConfig } from '../../../src/vrrp/config.js';
import type { NoticeState } from '../../../src/vrrp/notify/notice.js';
import { createNotifier } from '../../../src/vrrp/notify/notifier.js';
import { createFakeClock, settle } from '../../support/fake-clock.js';

const config: NotifyConfig = {
  master: { argv: ['master'] },
  backup: { argv: ['backup'] },
  masterRxLowerPri: { argv: ['lower'] },
  any: { argv: ['any'] },
  sendDeleted: false,
  priorityChanges: false,
  smtpAlert: false,
  noEmailFaults: false,
};

describe('vrrp/notify: more scripts than can run', () => {
  function make() {
    const begun: string[] = [];
    const warned: string[] = [];
    let end = () => {};
    const notifier = createNotifier({
      clock: createFakeClock(),
      log: { debug: () => {}, warn: (_, text) => void warned.push(text) },
      runScript: ({ argv: [program = '', , , state = ''] }) => {
        begun.push(`${program} ${state}`.trim());
        return new Promise((resolve) => {
          end = () => resolve({ outcome: { kind: 'exited', code: 0 }, output: '', durationMs: 0 });
        });
      },
      sendMail: () => {},
    });
    const tell = (state: NoticeState) =>
      notifier.notify({ of: 'INSTANCE', name: 'VI_1', state, priority: 100 }, config);
    /** Lets every script end that waits, one after another. */
    const runAll = async () => {
      for (let count = 0; count < begun.length; count += 1) {
        end();
        await settle();
      }
      return begun;
    };
    return { tell, runAll, warned };
  }

  it('a lower master that adverts on and on pushes out no state', async () => {
    const { tell, runAll, warned } = make();
    tell('MASTER');
    for (let second = 0; second < 60; second += 1) tell('MASTER_RX_LOWER_PRI');
    tell('BACKUP');
    const begun = await runAll();
    const states = begun.filter((line) => !line.includes('lower') && !line.includes('LOWER'));
    assert.deepEqual(states, ['master', 'any MASTER', 'backup', 'any BACKUP']);
    assert.ok(begun.includes('lower'), 'and is told of');
    const dropped = warned.filter((text) => !text.startsWith('notify MASTER_RX_LOWER_PRI script'));
    assert.deepEqual(dropped, []);
  });

  it('of states alone the oldest are dropped, and the last is run', async () => {
    const { tell, runAll } = make();
    for (let i = 0; i < 10; i += 1) tell(i % 2 === 0 ? 'MASTER' : 'BACKUP');
    tell('MASTER_RX_LOWER_PRI');
    const begun = await runAll();
    assert.deepEqual(begun, [
      'master',
      ...['master', 'any MASTER', 'backup', 'any BACKUP'],
      ...['master', 'any MASTER', 'backup', 'any BACKUP'],
    ]);
  });
});
