import assert from 'node:assert/strict';
import type { NotifyConfig } from '../../../src/vrrp/config.js';
import { fifoLine, mailText, type Notice, noticeState, scriptsOf } from '../../../src/vrrp/notify/notice.js';

const config: NotifyConfig = {
  master: { argv: ['/m', 'x'], user: 'u' },
  any: { argv: ['/any', 'y'] },
  sendDeleted: false,
  priorityChanges: false,
  smtpAlert: true,
  noEmailFaults: true,
};
const notice: Notice = { of: 'INSTANCE', name: 'VI 1', state: 'MASTER', priority: 150 };

describe('vrrp/notify/notice', () => {
  it('FIFO lines are keepalived’s, byte for byte', () => {
    assert.equal(fifoLine(notice), 'INSTANCE "VI 1" MASTER 150\n');
    assert.equal(fifoLine({ of: 'GROUP', name: 'G', state: 'FAULT', priority: 0 }), 'GROUP "G" FAULT 0\n');
  });

  it('the script of the state comes first with its own arguments alone, then notify with four more', () => {
    assert.deepEqual(scriptsOf(notice, config), [
      { argv: ['/m', 'x'], user: 'u' },
      { argv: ['/any', 'y', 'INSTANCE', 'VI 1', 'MASTER', '150'] },
    ]);
    assert.deepEqual(scriptsOf({ ...notice, state: 'BACKUP' }, config), [
      { argv: ['/any', 'y', 'INSTANCE', 'VI 1', 'BACKUP', '150'] },
    ]);
  });

  it('nobody is told of a hand-over before it has ended', () => {
    assert.equal(noticeState('HANDOVER'), undefined);
    assert.equal(noticeState('INIT'), 'STOP');
  });

  it('mails name the instance and its new state; no_email_faults keeps faults back', () => {
    assert.equal(mailText(notice, config)?.subject, 'VRRP Instance VI 1 - Entering MASTER state');
    assert.equal(mailText({ ...notice, state: 'FAULT' }, config), undefined);
    assert.equal(mailText(notice, { ...config, smtpAlert: false }), undefined);
  });
});
