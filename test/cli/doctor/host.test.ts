import assert from 'node:assert/strict';
import { type HostFacts, hostFindings } from '../../../src/cli/doctor/host.js';
import { type ProcessFacts, processFindings } from '../../../src/cli/doctor/processes.js';
import { type StateDirFacts, stateDirFindings } from '../../../src/cli/doctor/state-dir.js';
import { loadClean } from '../../support/config.js';
import { brief, instance, service } from '../../support/doctor.js';

const FACTS: HostFacts = {
  capabilities: (1n << 12n) | (1n << 13n),
  openFiles: 1024,
  availableBytes: 1 << 30,
  realTime: undefined,
  clockSource: 'tsc',
  year: 2026,
};

describe('doctor: rights and limits', () => {
  const found = (text: string, more: Partial<HostFacts>) =>
    brief(hostFindings(loadClean(text), { ...FACTS, ...more })).map((line) => line.replace(/ → .*/, ''));

  it('that suffice are not told of', () => {
    assert.deepEqual(found(`${service()}${instance()}`, {}), []);
  });

  it('CAP_NET_ADMIN for either, CAP_NET_RAW for VRRP', () => {
    const none = { capabilities: 0n };
    assert.deepEqual(found(service(), none), ['warning rights: this user has no CAP_NET_ADMIN']);
    assert.deepEqual(found(instance(), none), [
      'warning rights: this user has no CAP_NET_ADMIN and no CAP_NET_RAW',
    ]);
    assert.deepEqual(found(instance(), { capabilities: 1n << 12n }), [
      'warning rights: this user has no CAP_NET_RAW',
    ]);
  });

  it('a file for each check, and those lvsd has besides', () => {
    const one = service({ server: 'TCP_CHECK {\n}' });
    assert.deepEqual(found(one, { openFiles: 257 }), []);
    assert.deepEqual(found(one, { openFiles: 256 }), [
      'warning open files: 1 checks, and at most 256 open files',
    ]);
  });

  it('memory for the processes and each server', () => {
    assert.deepEqual(found(service(), { availableBytes: 91 << 20 }), []);
    assert.deepEqual(found(service(), { availableBytes: 89 << 20 }), [
      'warning memory: 89 MB of memory are free, and lvsd takes up to 90 MB',
    ]);
  });

  it('real-time priority, for VRRP alone', () => {
    const refused = { realTime: 'set real-time priority "50": EPERM: operation not permitted' };
    assert.deepEqual(found(service(), refused), []);
    assert.deepEqual(found(instance(), refused), [`warning real-time priority: ${refused.realTime}`]);
  });

  it('a clock that is quick and right', () => {
    assert.deepEqual(found(service(), { clockSource: 'hpet', year: 1970 }), [
      'warning clock source: the kernel reads the time from hpet',
      'warning clock: the clock says it is 1970',
    ]);
    assert.deepEqual(found(service(), { clockSource: undefined }), []);
  });
});

describe('doctor: the state directory', () => {
  const found = (more: Partial<StateDirFacts>) =>
    brief(
      stateDirFindings({
        path: '/run/lvsd',
        kind: 'folder',
        writable: true,
        mode: 0o755,
        socket: false,
        answers: false,
        ...more,
      }),
    ).map((line) => line.replace(/^(\w+) state directory: /, '$1: '));

  it('is right, or will be made', () => {
    assert.deepEqual(found({}), []);
    assert.deepEqual(found({ kind: 'absent', mode: 0 }), []);
    assert.deepEqual(found({ socket: true, answers: true }), []);
  });

  it('is something else', () => {
    assert.deepEqual(found({ kind: 'other', writable: false }), [
      'error: /run/lvsd is no directory → rm /run/lvsd',
    ]);
  });

  it('is not this user’s to write', () => {
    assert.match(found({ writable: false })[0] ?? '', /^warning: \/run\/lvsd cannot be written by this user/);
    assert.match(
      found({ kind: 'absent', writable: false, mode: 0 })[0] ?? '',
      /^warning: .* cannot be made by/,
    );
  });

  it('is others’ to write', () => {
    for (const mode of [0o775, 0o757, 0o1777]) {
      assert.deepEqual(
        found({ mode }),
        ['error: others may write to /run/lvsd → chmod go-w /run/lvsd'],
        mode.toString(8),
      );
    }
  });

  it('has a socket with nobody behind it', () => {
    assert.deepEqual(found({ socket: true }), [
      'warning socket: nobody answers at /run/lvsd/lvsd.sock → systemctl restart lvsd',
    ]);
  });
});

describe('doctor: other directors', () => {
  const found = (processes: readonly string[], own: readonly number[] = [], seen = true) => {
    const facts: ProcessFacts = {
      processes: processes.map((name, index) => ({ pid: index + 1, name, here: seen ? true : undefined })),
      own: new Set(own),
    };
    return brief(processFindings(facts));
  };

  it('are none', () => {
    assert.deepEqual(found([]), []);
    assert.deepEqual(found(['lvsd', 'lvsd-lvs', 'lvsd-vrrp'], [1, 2, 3]), []);
  });

  it('keepalived', () => {
    assert.deepEqual(found(['keepalived', 'keepalived']), [
      'error keepalived: keepalived runs here (process 1, 2) → systemctl disable --now keepalived',
    ]);
  });

  it('somewhere, as far as this user may see', () => {
    assert.deepEqual(found(['keepalived'], [], false), [
      'warning keepalived: keepalived runs here (process 1), unless in a network namespace that this user may not see → systemctl disable --now keepalived',
    ]);
  });

  it('another lvsd', () => {
    assert.deepEqual(found(['lvsd', 'lvsd-lvs', 'lvsd', 'lvsd-lvs'], [1, 2]), [
      'error lvsd: another lvsd, of another state directory, runs here (process 3) → lvsd doctor --state-dir DIR, with that of process 3; if it should not run: kill 3',
    ]);
  });

  it('its own children, whose supervisor was killed', () => {
    assert.deepEqual(found(['lvsd-lvs', 'lvsd-vrrp'], [1, 2]), [
      'warning supervisor: lvsd-lvs and lvsd-vrrp outlived the supervisor → systemctl restart lvsd',
    ]);
  });
});
