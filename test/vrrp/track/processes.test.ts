import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
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
    [false, { args: ['10'] }],
    [true, { args: ['10', '20'] }],
    [false, { args: [], paramMatch: 'exact' }],
    [true, { args: ['10'], paramMatch: 'initial' }],
    [false, { args: ['1'], paramMatch: 'initial' }],
    [true, { args: ['1'], paramMatch: 'partial' }],
    [true, { args: ['10', '2'], paramMatch: 'partial' }],
    [false, { args: ['1', '20'], paramMatch: 'partial' }],
    [false, { args: ['10', '20', ''], paramMatch: 'partial' }],
  ];
  for (const [expected, change] of cases) {
    it(`${JSON.stringify(change)}: ${expected}`, () => {
      assert.equal(matchesProcess(wanted(change), info), expected);
    });
  }

  it('the kernel keeps 15 bytes of a name', () => {
    const long = { name: 'a-very-long-nam', argv: ['/opt/a-very-long-name'] };
    assert.ok(matchesProcess(wanted({ command: '/opt/a-very-long-name' }), long));
  });
});

describe('vrrp/track/processes', () => {
  let child: ChildProcess | undefined;
  afterEach(() => child?.kill('SIGKILL'));

  it('sees a process begin and end', async () => {
    const argument = `${1000 + process.pid}.5`;
    const tracker = createProcessTracker({
      clock: systemClock,
      log: { info: () => {}, warn: () => {} },
      onChange: () => {},
    });
    tracker.configure([wanted({ args: [argument] })]);
    await eventually('down', () => tracker.read('p') === false);
    child = spawn('sleep', [argument]);
    await eventually('up', () => tracker.read('p') === true);
    child.kill('SIGKILL');
    await eventually('down again', () => tracker.read('p') === false);
    tracker.stop();
  });
});
