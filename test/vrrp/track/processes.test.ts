import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/clock.js';
import type { TrackProcessConfig } from '../../../src/vrrp/track/config.js';
import { matchesProcess } from '../../../src/vrrp/track/process-match.js';
import { createProcessTracker } from '../../../src/vrrp/track/processes.js';
import { eventually } from '../../support/namespaces.js';

const wanted = (change: Partial<TrackProcessConfig>): TrackProcessConfig => ({
  name: 'p',
  command: '/usr/bin/sleep',
  args: [],
  fullCommand: false,
  quorum: 1,
  forkDelayMs: 0,
  terminateDelayMs: 0,
  ...change,
});

describe('vrrp/track/process-match', () => {
  const info = { name: 'sleep', argv: ['/bin/sleep', '10', '20'] };
  const cases: readonly (readonly [boolean, Partial<TrackProcessConfig>])[] = [
    [true, {}],
    [true, { command: 'sleep' }],
    [false, { command: 'sleeper' }],
    [false, { fullCommand: true }],
    [true, { fullCommand: true, command: '/bin/sleep' }],
    [false, { command: '/bin/sleep', args: ['10'] }],
    [true, { command: '/bin/sleep', args: ['10', '20'] }],
    [false, { command: '/usr/bin/sleep', args: ['10', '20'] }],
    [false, { command: 'sleep', args: ['10', '20'] }],
    [false, { command: '/bin/sleep', args: [], paramMatch: 'exact' }],
    [true, { command: '/bin/sleep', args: [], paramMatch: 'initial' }],
    [false, { command: '/usr/bin/sleep', args: [], paramMatch: 'initial' }],
    [true, { command: '/bin/sleep', args: ['10'], paramMatch: 'initial' }],
    [false, { command: '/bin/sleep', args: ['1'], paramMatch: 'initial' }],
    [true, { command: '/bin/sleep', args: ['1'], paramMatch: 'partial' }],
    [true, { command: '/bin/sleep', args: ['10', '2'], paramMatch: 'partial' }],
    [false, { command: '/bin/sleep', args: ['1', '20'], paramMatch: 'partial' }],
    [false, { command: '/bin/sleep', args: ['10', '20', ''], paramMatch: 'partial' }],
  ];
  for (const [expected, change] of cases) {
    it(`${JSON.stringify(change)}: ${expected}`, () => {
      assert.equal(matchesProcess(wanted(change), info), expected);
    });
  }

  const unread = [
    [true, {}],
    [false, { command: 'sleeper' }],
    [false, { command: 'sleeper', args: ['10'] }],
    ['perhaps', { args: ['10'] }],
    ['perhaps', { args: [], paramMatch: 'exact' }],
    ['perhaps', { fullCommand: true }],
  ] as const;
  for (const [expected, change] of unread) {
    it(`${JSON.stringify(change)} of one whose command line is not to be had: ${expected}`, () => {
      assert.equal(matchesProcess(wanted(change), { name: 'sleep' }), expected);
    });
  }

  it('the kernel keeps 15 bytes of a name', () => {
    const long = { name: 'a-very-long-nam', argv: ['/opt/a-very-long-name'] };
    assert.ok(matchesProcess(wanted({ command: '/opt/a-very-long-name' }), long));
  });

  it('a script is known by the command line of its interpreter where arguments are given, by its name where none are', () => {
    const script = { name: 'served', argv: ['/bin/sh', '/usr/bin/served', 'run'] };
    assert.ok(matchesProcess(wanted({ command: '/bin/sh', args: ['/usr/bin/served', 'run'] }), script));
    assert.ok(matchesProcess(wanted({ command: '/usr/bin/served' }), script));
    assert.ok(!matchesProcess(wanted({ command: '/usr/bin/served', args: ['run'] }), script));
  });
});

describe('vrrp/track/processes', () => {
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill('SIGKILL'));

  it('sees a process begin and end: a script with its arguments', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'lvsd-processes-'));
    const script = join(directory, 'served');
    writeFileSync(script, '#!/bin/sh\nread line\n', { mode: 0o755 });
    const tracker = createProcessTracker({
      clock: systemClock,
      log: { info: () => {}, warn: () => {} },
      onChange: () => {},
    });
    tracker.configure([wanted({ command: '/bin/sh', args: [script, 'run'] })]);
    await eventually('down', () => tracker.read('p') === false);
    child = spawn(script, ['run'], { stdio: ['pipe', 'ignore', 'ignore'] });
    await eventually('up', () => tracker.read('p') === true);
    child.kill('SIGKILL');
    await eventually('down again', () => tracker.read('p') === false);
    tracker.stop();
    rmSync(directory, { recursive: true });
  });
});
