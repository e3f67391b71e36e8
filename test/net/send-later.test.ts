/** What the thread pool sends is still there when its turn comes, however long that takes. */
import assert from 'node:assert/strict';
import { closeSync, constants, mkdtempSync, open, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { mkfifo, sendLater } from '../../src/net/libc.js';
import { settle } from '../support/fake-clock.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
setFlagsFromString('--no-expose-gc');

const POOL_THREADS = Number(process.env.UV_THREADPOOL_SIZE ?? 4);

describe('net/libc sendLater', () => {
  it('keeps bytes that nobody else holds until they are sent', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lvsd-send-'));
    const fifo = join(folder, 'fifo');
    assert.equal(mkfifo(fifo, 0o600), 0);
    // Each keeps a thread until somebody writes.
    const readers = Array.from({ length: POOL_THREADS }, () => promisify(open)(fifo, 'r'));
    const sent = { data: new WeakRef(new Uint8Array(0)), result: 0 };
    const done = new Promise<void>((resolve) => {
      const data = new Uint8Array(1000);
      sent.data = new WeakRef(data);
      sendLater(-1, data, (result) => {
        sent.result = result;
        resolve();
      });
    });
    await settle();
    collectGarbage();
    const midway = [sent.result, sent.data.deref()?.length];
    const writer = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    await done;
    for (const fd of [writer, ...(await Promise.all(readers))]) closeSync(fd);
    rmSync(folder, { recursive: true });
    assert.deepEqual(midway, [0, 1000]);
    assert.equal(sent.result, -1);
    collectGarbage();
    await settle();
    collectGarbage();
    assert.equal(sent.data.deref(), undefined, 'kept for ever');
  });
});
