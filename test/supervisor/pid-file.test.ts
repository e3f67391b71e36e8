import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endOrphan, livingPid, readPid, writePid } from '../../src/supervisor/pid-file.js';

describe('pid files', () => {
  let directory = '';
  const children: ChildProcess[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'lvsd-test-'));
  });
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  });

  /** A process with the title of an lvs child; resolves once the title is set. */
  async function orphan(onTerm: string): Promise<number> {
    const code = `process.title = 'lvsd-lvs'; process.on('SIGTERM', () => { ${onTerm} });
      setInterval(() => {}, 1000); console.log('up');`;
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    if (child.stdout !== null) await once(child.stdout, 'data');
    return child.pid ?? 0;
  }

  it('finds a living process by its name', async () => {
    const pid = await orphan('');
    writePid(directory, 'lvsd-lvs', pid);
    assert.equal(livingPid(directory, 'lvsd-lvs'), pid);
  });

  it('does not take another program for ours when the kernel has used the number again', () => {
    writePid(directory, 'lvsd-lvs', process.pid);
    assert.equal(livingPid(directory, 'lvsd-lvs'), undefined);
  });

  it('does not take one for running that has ended, though its parent has not asked about it', async () => {
    // The shell becomes a program that never waits for its child.
    const node = `process.title = 'lvsd-lvs'; console.log(process.pid); setTimeout(() => {}, 60_000)`;
    const script = `"$0" -e "${node}" & exec sleep 60`;
    const parent = spawn('sh', ['-c', script, process.execPath], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(parent);
    const [said] = await once(parent.stdout ?? assert.fail(), 'data');
    const pid = Number(said);
    writePid(directory, 'lvsd-lvs', pid);
    assert.equal(livingPid(directory, 'lvsd-lvs'), pid);
    process.kill(pid);
    const isZombie = () => /^\d+ \(lvsd-lvs\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    while (!isZombie()) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(livingPid(directory, 'lvsd-lvs'), undefined);
  });

  it('is whole for whoever reads while it is written: an empty one would be taken for 0', () => {
    writePid(directory, 'lvsd-lvs', 111);
    const file = openSync(join(directory, 'lvsd-lvs.pid'), 'r');
    writePid(directory, 'lvsd-lvs', 222);
    assert.equal(readFileSync(file, 'utf8'), '111\n');
    closeSync(file);
    assert.equal(readPid(directory, 'lvsd-lvs'), 222);
    assert.deepEqual(readdirSync(directory), ['lvsd-lvs.pid']);
  });

  it('finds nothing in a torn, an empty or an absent file', () => {
    for (const text of ['', 'x\n', '-1\n', '0\n']) {
      writeFileSync(join(directory, 'lvsd-lvs.pid'), text);
      assert.equal(readPid(directory, 'lvsd-lvs'), undefined);
      assert.equal(livingPid(directory, 'lvsd-lvs'), undefined);
    }
    writePid(directory, 'lvsd-lvs', undefined);
    assert.equal(livingPid(directory, 'lvsd-lvs'), undefined);
  });

  it('ends an orphan politely, and one that does not listen by force', async () => {
    for (const [onTerm, deadlineMs, end] of [
      ['process.exit(0)', 15_000, [0, null]],
      ['', 200, [null, 'SIGKILL']],
    ] as const) {
      const pid = await orphan(onTerm);
      const gone = once(children.at(-1) ?? assert.fail(), 'exit');
      await endOrphan('lvsd-lvs', pid, { signal: 'SIGTERM', deadlineMs });
      assert.deepEqual(await gone, end);
    }
  });

  it('leaves a stranger alone that has the number now', async () => {
    const pid = await orphan('process.exit(0)');
    await endOrphan('lvsd-vrrp', pid, { signal: 'SIGTERM', deadlineMs: 50 });
    assert.equal(children.at(-1)?.exitCode, null);
  });
});
