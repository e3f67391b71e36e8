/** A master whose thread pool hangs, as it does when files or processes cannot be read: the addresses stay. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, withNetwork } from '../../../support/namespaces.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

/** As many as the pool has threads. */
const FILES = ['one', 'two', 'three', 'four'];

describe('a master whose thread pool hangs', () => {
  it('renews its addresses all the same', () =>
    withNetwork(['a'], async ({ host }) => {
      const folder = mkdtempSync(join(tmpdir(), 'lvsd-pool-'));
      const a = new VrrpProcess(host('a'));
      const path = (name: string) => join(folder, name);
      try {
        const names = [...FILES, 'five'];
        for (const name of names) writeFileSync(path(name), '0\n');
        const trackFiles = names.map((name) => ({ name, path: path(name) }));
        await a.start(
          vrrpConfig([instance({ advertIntMs: 100, addresses: ['10.77.0.100'] })], { trackFiles }),
        );
        await a.until('MASTER');
        writeFileSync(path('five'), '1\n');
        await eventually('files are read', () => a.log.includes('file five says 1'));
        for (const name of FILES) {
          // Whoever reads a FIFO waits until somebody writes.
          execFileSync('mkfifo', [path(`${name}.fifo`)]);
          renameSync(path(`${name}.fifo`), path(name));
        }
        // Three lifetimes of two seconds.
        for (let i = 0; i < 60; i += 1) {
          await sleep(100);
          assert.match(a.host.run('ip addr show dev eth0'), /10\.77\.0\.100\/32/);
        }
        writeFileSync(path('five'), '2\n');
        await sleep(500);
        assert.doesNotMatch(a.log, /file five says 2/, 'the thread pool does hang');
        assert.doesNotMatch(a.log, /taken away/);
        assert.equal((await a.instance()).state, 'MASTER');
      } finally {
        await a.dispose();
        rmSync(folder, { recursive: true });
      }
    }));
});
