import assert from 'node:assert/strict';
import type { NotifyConfig } from '../../../src/vrrp/config.js';
import {
  fifoLine,
  mailText,
  type Notice,
  type NoticeState,
  noticeState,
  scriptsOf,
} from '../../../src/vrrp/notify/notice.js';

/** A script of its own for each keyword. */
const config: NotifyConfig = {
  master: { argv: ['/master', 'x'], user: 'u' },
  backup: { argv: ['/backup'] },
  fault: { argv: ['/fault'] },
  stop: { argv: ['/stop'] },
  any: { argv: ['/any', 'y'], group: 'g' },
  sendDeleted: true,
  deleted: { argv: ['/deleted'] },
  masterRxLowerPri: { argv: ['/lower', 'z'] },
  priorityChanges: true,
  smtpAlert: true,
  noEmailFaults: false,
};
const notice: Notice = { of: 'INSTANCE', name: 'VI 1', state: 'MASTER', priority: 150 };

type Told = {
  /** Programs with their arguments, in their order. */
  readonly run: readonly string[];
  readonly line: string;
  readonly mail?: string;
};

const TOLD: Readonly<Record<NoticeState, Told>> = {
  MASTER: {
    run: ['/master x', '/any y INSTANCE "VI 1" MASTER 150'],
    line: 'INSTANCE "VI 1" MASTER 150\n',
    mail: 'VRRP Instance VI 1 - Entering MASTER state',
  },
  BACKUP: {
    run: ['/backup', '/any y INSTANCE "VI 1" BACKUP 150'],
    line: 'INSTANCE "VI 1" BACKUP 150\n',
    mail: 'VRRP Instance VI 1 - Entering BACKUP state',
  },
  FAULT: {
    run: ['/fault', '/any y INSTANCE "VI 1" FAULT 150'],
    line: 'INSTANCE "VI 1" FAULT 150\n',
    mail: 'VRRP Instance VI 1 - Entering FAULT state',
  },
  STOP: {
    run: ['/stop', '/any y INSTANCE "VI 1" STOP 150'],
    line: 'INSTANCE "VI 1" STOP 150\n',
    mail: 'VRRP Instance VI 1 - Stopping',
  },
  DELETED: {
    run: ['/deleted', '/any y INSTANCE "VI 1" DELETED 150'],
    line: 'INSTANCE "VI 1" DELETED 150\n',
    mail: 'VRRP Instance VI 1 - Deleted',
  },
  MASTER_RX_LOWER_PRI: { run: ['/lower z'], line: 'INSTANCE "VI 1" MASTER_RX_LOWER_PRI 150\n' },
  MASTER_PRIORITY: { run: [], line: 'INSTANCE "VI 1" MASTER_PRIORITY 150\n' },
  BACKUP_PRIORITY: { run: [], line: 'INSTANCE "VI 1" BACKUP_PRIORITY 150\n' },
};

const asText = (argv: readonly string[]) =>
  argv.map((word) => (word.includes(' ') ? `"${word}"` : word)).join(' ');

describe('vrrp/notify/notice', () => {
  for (const [state, { run, line, mail }] of Object.entries(TOLD) as [NoticeState, Told][]) {
    it(`${state}: its own scripts, its line, and ${mail === undefined ? 'no mail' : 'its mail'}`, () => {
      const one = { ...notice, state };
      assert.deepEqual(
        scriptsOf(one, config).map(({ argv }) => asText(argv)),
        run,
      );
      assert.equal(fifoLine(one), line);
      assert.equal(mailText(one, config)?.subject, mail);
    });

    it(`${state}: nothing runs and no mail goes where the file says nothing`, () => {
      const silent = { sendDeleted: true, priorityChanges: true, smtpAlert: false, noEmailFaults: false };
      assert.deepEqual(scriptsOf({ ...notice, state }, silent), []);
      assert.equal(mailText({ ...notice, state }, silent), undefined);
    });
  }

  it('a group has its own word in line, arguments and mail, and priority 0', () => {
    const group: Notice = { of: 'GROUP', name: 'VG', state: 'FAULT', priority: 0 };
    assert.equal(fifoLine(group), 'GROUP "VG" FAULT 0\n');
    assert.deepEqual(
      scriptsOf(group, config).map(({ argv }) => asText(argv)),
      ['/fault', '/any y GROUP VG FAULT 0'],
    );
    assert.equal(mailText(group, config)?.subject, 'VRRP Group VG - Entering FAULT state');
  });

  it('FAULT of an instance that a reload took out: all of a fault but its script', () => {
    const removed: Notice = { ...notice, state: 'FAULT', removed: true };
    assert.deepEqual(
      scriptsOf(removed, config).map(({ argv }) => asText(argv)),
      ['/any y INSTANCE "VI 1" FAULT 150'],
    );
    assert.deepEqual(
      [fifoLine(removed), mailText(removed, config)?.subject],
      [TOLD.FAULT.line, TOLD.FAULT.mail],
    );
  });

  it('a script runs as the user and group of its line', () => {
    assert.deepEqual(
      scriptsOf(notice, config).map(({ user, group }) => [user, group]),
      [
        ['u', undefined],
        [undefined, 'g'],
      ],
    );
  });

  it('what a state is called: nobody is told of a hand-over before it has ended', () => {
    const states = ['INIT', 'FAULT', 'BACKUP', 'MASTER', 'HANDOVER'] as const;
    assert.deepEqual(states.map(noticeState), ['STOP', 'FAULT', 'BACKUP', 'MASTER', undefined]);
  });

  it('mails say who answers now; no_email_faults keeps those of faults back, and no others', () => {
    const withoutFaults = { ...config, noEmailFaults: true };
    const bodies = (['MASTER', 'BACKUP', 'FAULT', 'STOP', 'DELETED'] as const).map(
      (state) => mailText({ ...notice, state }, withoutFaults)?.body,
    );
    assert.deepEqual(bodies, [
      'This router answers for the virtual addresses now.',
      'Another router answers for the virtual addresses now.',
      undefined,
      'This router takes no part any more.',
      'This router has no such instance any more.',
    ]);
  });
});
