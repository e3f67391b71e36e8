import assert from 'node:assert/strict';
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FifoConfig } from '../../../src/fifo/config.js';
import type { runScript } from '../../../src/script/run.js';
import type { NotifyConfig } from '../../../src/vrrp/config.js';
import type { Notice } from '../../../src/vrrp/notify/notice.js';
import { createNotifier } from '../../../src/vrrp/notify/notifier.js';
import { createFakeClock, settle } from '../../support/fake-clock.js';
import { vrrpConfig } from '../../support/instances.js';

const nothing: NotifyConfig = {
  sendDeleted: false,
  priorityChanges: false,
  smtpAlert: false,
  noEmailFaults: false,
};
const notice = (state: Notice['state'], name = 'VI_1'): Notice => ({
  of: 'INSTANCE',
  name,
  state,
  priority: 100,
});

describe('vrrp/notify/notifier', () => {
  let folder = '';
  const warnings: string[] = [];
  const log = { debug: () => {}, warn: (_: object, text: string) => void warnings.push(text) };
  const { process: base } = vrrpConfig([]);
  const settings = (notifyFifos: readonly FifoConfig[], fifoWriteStatesOnReload = false) => ({
    ...base,
    notifyFifos,
    fifoWriteStatesOnReload,
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lvsd-notify-'));
    warnings.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const make = (run: typeof runScript = () => assert.fail('no script')) =>
    createNotifier({ clock: createFakeClock(), log, runScript: run, sendMail: () => assert.fail('no mail') });

  function read(path: string): string {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const buffer = Buffer.alloc(4096);
    try {
      return buffer.toString('utf8', 0, readSync(fd, buffer));
    } finally {
      closeSync(fd);
    }
  }

  it('makes the FIFO, writes without a reader, and takes it away at the end', async () => {
    const path = join(folder, 'fifo');
    const notifier = make();
    notifier.configure(settings([{ path }]));
    assert.ok(lstatSync(path).isFIFO());
    notifier.notify(notice('BACKUP'), nothing);
    notifier.notify(notice('MASTER'), nothing);
    assert.equal(read(path), 'INSTANCE "VI_1" BACKUP 100\nINSTANCE "VI_1" MASTER 100\n');
    await notifier.close(0);
    assert.ok(!existsSync(path));
  });

  it('a full pipe loses lines, and the daemon goes on', () => {
    const path = join(folder, 'fifo');
    const notifier = make();
    notifier.configure(settings([{ path }]));
    for (let i = 0; i < 5000; i += 1) notifier.notify(notice('MASTER'), nothing);
    assert.match(warnings[0] ?? '', /a line is lost/);
    void notifier.close(0);
  });

  it('a file of that name is left alone', () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'precious');
    const notifier = make();
    notifier.configure(settings([{ path }]));
    notifier.notify(notice('MASTER'), nothing);
    assert.match(warnings[0] ?? '', /there is something else of this name/);
    assert.ok(lstatSync(path).isFile());
  });

  it('fifo_write_vrrp_states_on_reload repeats the last state of each', () => {
    const path = join(folder, 'fifo');
    const notifier = make();
    notifier.configure(settings([{ path }], true));
    notifier.notify(notice('BACKUP'), nothing);
    notifier.notify(notice('MASTER', 'VI_2'), nothing);
    read(path);
    notifier.configure(settings([{ path }], true));
    assert.equal(read(path), 'INSTANCE "VI_1" BACKUP 100\nINSTANCE "VI_2" MASTER 100\n');
    void notifier.close(0);
  });

  it('what is repeated are states, with the priority told last; of an instance that is gone there is none', () => {
    const path = join(folder, 'fifo');
    const notifier = make();
    notifier.configure(settings([{ path }], true));
    for (const name of ['VI_1', 'VI_2', 'VI_3', 'VI_4', 'VI_5'])
      notifier.notify(notice('MASTER', name), nothing);
    notifier.notify(notice('MASTER_RX_LOWER_PRI'), nothing);
    notifier.notify({ ...notice('MASTER_PRIORITY', 'VI_2'), priority: 90 }, nothing);
    notifier.notify(notice('BACKUP', 'VI_3'), nothing);
    notifier.notify({ ...notice('BACKUP_PRIORITY', 'VI_3'), priority: 80 }, nothing);
    notifier.notify(notice('DELETED', 'VI_4'), nothing);
    notifier.notify({ ...notice('FAULT', 'VI_5'), removed: true }, nothing);
    read(path);
    notifier.configure(settings([{ path }], true));
    assert.equal(
      read(path),
      'INSTANCE "VI_1" MASTER 100\nINSTANCE "VI_2" MASTER 90\nINSTANCE "VI_3" BACKUP 80\n',
    );
    void notifier.close(0);
  });

  it('the reader of a FIFO gets its path as the last argument, and ends with it', async () => {
    const path = join(folder, 'fifo');
    const ran: { readonly argv: readonly string[]; readonly signal: AbortSignal | undefined }[] = [];
    const notifier = make(({ argv }, { signal }) => {
      ran.push({ argv, signal });
      return new Promise(() => {});
    });
    notifier.configure(settings([{ path, script: { argv: ['/reader', '-v'] } }]));
    assert.deepEqual(ran[0]?.argv, ['/reader', '-v', path]);
    assert.equal(ran[0]?.signal?.aborted, false);
    await notifier.close(0);
    assert.equal(ran[0]?.signal?.aborted, true);
  });

  it('scripts of one instance run one after the other', async () => {
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const notifier = make(({ argv }) => {
      begun.push(argv.join(' '));
      return new Promise((resolve) => {
        ends.push(() => resolve({ outcome: { kind: 'exited', code: 0 }, output: '', durationMs: 0 }));
      });
    });
    const config = { ...nothing, master: { argv: ['m'] }, any: { argv: ['any'] } };
    notifier.notify(notice('MASTER'), config);
    notifier.notify(notice('MASTER', 'VI_2'), config);
    assert.deepEqual(begun, ['m', 'm']);
    ends[0]?.();
    await settle();
    assert.deepEqual(begun, ['m', 'm', 'any INSTANCE VI_1 MASTER 100']);
  });
});
