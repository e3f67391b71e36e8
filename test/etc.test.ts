/** etc/lvsd.service: what it promises of the children of a supervisor that died. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EXIT } from '../src/supervisor/supervisor.js';
import { isAlive } from './support/scripts.js';

const unit = readFileSync(fileURLToPath(new URL('../../etc/lvsd.service', import.meta.url)), 'utf8');

/** The value of a setting that stands there once. */
function setting(name: string): string {
  const found = [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);
  assert.equal(found.length, 1, `${name} once`);
  return found[0] ?? '';
}

describe('etc/lvsd.service', () => {
  it('leaves the children to go on when the supervisor dies, or the kernel ends one for want of memory', () => {
    // systemd.kill(5): with control-group and with mixed all that is left would be killed.
    assert.equal(setting('KillMode'), 'process');
    assert.equal(setting('OOMPolicy'), 'continue');
    assert.equal(setting('Restart'), 'always');
    assert.equal(setting('StartLimitIntervalSec'), '0');
    assert.equal(setting('RuntimeDirectoryPreserve'), 'yes');
  });

  it('starts a supervisor that hangs again, and does not try a refused file again and again', () => {
    assert.match(setting('WatchdogSec'), /^\d+$/);
    assert.equal(setting('RestartPreventExitStatus'), `${EXIT.config}`);
  });

  it('runs by no means beside keepalived', () => {
    assert.equal(setting('Conflicts'), 'keepalived.service');
    assert.match(setting('After'), /keepalived\.service/);
  });

  it('ends children that a supervisor left behind which did not end in time, and at no other end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lvsd-unit-'));
    const children: ChildProcess[] = [];
    try {
      for (const name of ['lvsd-lvs', 'lvsd-vrrp']) {
        const child = spawn('sleep', ['60']);
        children.push(child);
        writeFileSync(join(folder, `${name}.pid`), `${child.pid}\n`);
      }
      const gone = children.map((child) => once(child, 'exit'));
      const stopped = (result: string) => {
        const [, script = ''] = /^-\/bin\/sh -c '(.*)'$/.exec(setting('ExecStopPost')) ?? [];
        // systemd.service(5): $$ is a dollar sign.
        const own = script.replaceAll('$$', '$').replaceAll('/run/lvsd', folder);
        execFileSync('/bin/sh', ['-c', own], { env: { ...process.env, SERVICE_RESULT: result } });
      };
      for (const result of ['success', 'signal', 'core-dump', 'exit-code', 'watchdog', 'oom-kill'])
        stopped(result);
      assert.ok(children.every(({ pid = 0 }) => isAlive(pid)));
      stopped('timeout');
      assert.deepEqual(await Promise.all(gone), [
        [null, 'SIGTERM'],
        [null, 'SIGTERM'],
      ]);
    } finally {
      for (const child of children) child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });
});
