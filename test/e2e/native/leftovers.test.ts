/** What tests that are ended or killed leave on this machine. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { eventually } from '../../support/namespaces.js';
import { sweepNamespaces } from '../../support/owned-namespaces.js';
import { endProcess, isAlive } from '../../support/scripts.js';

const SUPPORT = new URL('../../support/', import.meta.url).href;

/** A run of its own that has a namespace, and in it a process that no supervisor knows of: says its number. */
const RUN = `
  import { execFileSync } from 'node:child_process';
  import { withNetwork } from '${SUPPORT}namespaces.js';
  await withNetwork(['a'], async ({ host }) => {
    const shell = ['sh', '-c', 'sleep 1000 >/dev/null 2>&1 & echo $!'];
    console.log(execFileSync('ip', ['netns', 'exec', host('a').namespace, ...shell], { encoding: 'utf8' }).trim());
    await new Promise((resolve) => setTimeout(resolve, 1000_000));
  });`;

function namespacesOf({ pid }: ChildProcess): readonly string[] {
  return readdirSync('/var/run/netns').filter((name) => name.startsWith(`lvsd-test-${pid}-`));
}

describe('tests that do not come to their end', () => {
  let run: ChildProcess;
  let inside = Number.NaN;

  beforeEach(async () => {
    run = spawn(process.execPath, ['--input-type=module', '-e', RUN], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    run.stdout?.on('data', (data: Buffer) => {
      said += data.toString();
    });
    await eventually('it has begun', () => said.includes('\n'));
    inside = Number(said);
    assert.ok(isAlive(inside));
    assert.equal(namespacesOf(run).length, 2);
  });
  afterEach(() => {
    run.kill('SIGKILL');
    endProcess(inside);
  });

  it('told to end, they take their namespaces with them, and what runs there', async () => {
    run.kill('SIGTERM');
    await once(run, 'exit');
    assert.deepEqual([namespacesOf(run), isAlive(inside)], [[], false]);
  });

  it('killed, they leave them to the next run; those of a run that goes on are not touched', async () => {
    sweepNamespaces();
    assert.equal(namespacesOf(run).length, 2);
    run.kill('SIGKILL');
    await once(run, 'exit');
    sweepNamespaces();
    assert.deepEqual(namespacesOf(run), []);
    await eventually('the process in there has ended', () => !isAlive(inside));
  });
});
