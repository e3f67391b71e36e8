/** What the supervisor hands on between its children. They are programs of the test, which note what they are told. */
import assert from 'node:assert/strict';
import { systemClock } from '../../src/clock.js';
import type { Log } from '../../src/log.js';
import type { ChildName, FromChild, News, ToChild } from '../../src/processes/messages.js';
import { Children } from '../../src/supervisor/children.js';
import type { Scope } from '../../src/supervisor/scope.js';
import { ChildPrograms, type Of } from '../support/child-programs.js';
import { loadClean } from '../support/config.js';
import { until } from '../support/scripts.js';

const quiet = { info: () => {}, warn: () => {}, error: () => {} } as unknown as Log;

const CONFIG = loadClean(`
  vrrp_instance VI {
    virtual_router_id 1
    virtual_ipaddress { 10.0.0.1 }
    track_interface { eth1 }
    track_pool { 10.0.0.1 80 }
  }
  vrrp_sync_group VG {
    group { VI }
    track_pool { 10.0.0.1 80 }
  }
  virtual_server 10.0.0.1 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 10.0.0.2 80 {
    }
  }`);

describe('supervisor/children', () => {
  let programs: ChildPrograms;
  let children: Children;
  const pids = new Map<ChildName, number | undefined>();

  beforeEach(() => begin('all'));
  afterEach(end);

  async function begin(scope: Scope): Promise<void> {
    programs = new ChildPrograms();
    children = new Children(
      {
        settings: { stateDir: programs.folder, dryRun: false, logLevel: 'info', logFormat: 'text' },
        scope,
        clock: systemClock,
        log: quiet,
        orphan: () => undefined,
        onPid: (name, pid) => pids.set(name, pid),
        hasLeft: () => false,
        onFatal: assert.fail,
        onReload: () => {},
        onAllReady: () => {},
        keep: (options) => programs.keep(options),
      },
      CONFIG,
    );
    await until(() => told('lvsd-lvs', 'start').length === 1 && told('lvsd-vrrp', 'start').length === 1);
  }

  async function end(): Promise<void> {
    await children.end('stop');
    programs.remove();
  }

  function told<K extends ToChild['kind']>(name: ChildName, kind: K): Of<K>[] {
    return programs.told(name, kind);
  }

  /** What the process that runs now was told: before it did anything, and since. */
  function toldLately<K extends News['kind']>(name: ChildName, kind: K): Extract<News, { kind: K }>[] {
    const all = programs.heard(name);
    const [start, ...since] = all.slice(all.findLastIndex((message) => message.kind === 'start'));
    const before = start?.kind === 'start' ? start.news : assert.fail();
    return [...before, ...since].filter(
      (message): message is Extract<News, { kind: K }> => message.kind === kind,
    );
  }

  /** What it was told before it did anything. */
  function toldFirst(name: ChildName): readonly News[] {
    return told(name, 'start').at(-1)?.news ?? assert.fail();
  }

  function says(name: ChildName, message: FromChild): void {
    programs.says(name, message);
  }

  async function kill(name: ChildName): Promise<void> {
    const starts = told(name, 'start').length;
    process.kill(pids.get(name) ?? assert.fail(), 'SIGKILL');
    await until(() => told(name, 'start').length > starts);
  }

  const quorums = (name: ChildName) => told(name, 'pools').map(({ up }) => up);
  const [LOST, BACK] = [{ '10.0.0.1:80 tcp': false }, { '10.0.0.1:80 tcp': true }];

  it('each child gets the configuration', () => {
    for (const name of ['lvsd-lvs', 'lvsd-vrrp'] as const)
      assert.deepEqual(told(name, 'start')[0]?.config, JSON.parse(JSON.stringify(CONFIG)));
  });

  it('with VRRP alone nothing is checked, and no quorum is waited for', async () => {
    await end();
    await begin('vrrp');
    const { virtualServers, checkers, vrrp } = told('lvsd-vrrp', 'start')[0]?.config ?? assert.fail();
    assert.deepEqual([virtualServers, checkers], [[], []]);
    const tracks = [...(vrrp?.instances ?? []), ...(vrrp?.syncGroups ?? [])].map(({ track }) => track);
    assert.deepEqual(
      tracks.map(({ pools, interfaces }) => [pools.length, interfaces.length]),
      [
        [0, 1],
        [0, 0],
      ],
    );
  });

  it('quorums that lvsd-lvs tells of go to lvsd-vrrp, each change in order, and not back', async () => {
    says('lvsd-lvs', { kind: 'pools', up: LOST });
    says('lvsd-lvs', { kind: 'pools', up: BACK });
    await until(() => quorums('lvsd-vrrp').length === 2);
    assert.deepEqual(quorums('lvsd-vrrp'), [LOST, BACK]);
    assert.deepEqual(quorums('lvsd-lvs'), []);
  });

  it('an lvsd-vrrp that is started again is told the last of them before it does anything, and no more', async () => {
    says('lvsd-lvs', { kind: 'pools', up: BACK });
    says('lvsd-lvs', { kind: 'pools', up: LOST });
    await until(() => quorums('lvsd-vrrp').length === 2);
    await kill('lvsd-vrrp');
    assert.deepEqual(toldFirst('lvsd-vrrp'), [{ kind: 'pools', up: LOST }]);
    says('lvsd-lvs', { kind: 'pools', up: BACK });
    await until(() => quorums('lvsd-vrrp').length === 3);
    assert.deepEqual(
      toldLately('lvsd-vrrp', 'pools').map(({ up }) => up),
      [LOST, BACK],
    );
  });

  it('masters and stages that lvsd-vrrp tells of go to lvsd-lvs, and to one that is started again before it does anything', async () => {
    const masters = { kind: 'masters', names: ['VI'] } as const;
    const stage = { kind: 'stage', instance: 'VI', stage: { name: 'master' } } as const;
    says('lvsd-vrrp', masters);
    says('lvsd-vrrp', stage);
    await until(() => told('lvsd-lvs', 'stage').length === 1);
    assert.deepEqual(told('lvsd-lvs', 'masters'), [masters]);
    await kill('lvsd-lvs');
    const [starts, ...news] = toldFirst('lvsd-lvs');
    assert.deepEqual(starts, { kind: 'starts', counts: { 'lvsd-lvs': 2, 'lvsd-vrrp': 1 } });
    const [again, at] = news;
    assert.deepEqual(again, masters);
    assert.ok(at?.kind === 'stage' && (at.agoMs ?? 0) > 0);
    assert.deepEqual({ ...at, agoMs: 0 }, { ...stage, agoMs: 0 });
    assert.deepEqual(told('lvsd-vrrp', 'masters'), []);
  });

  it('an lvsd-lvs that dies again and again is told to lvsd-vrrp, and to one that is started again', async () => {
    const checks = () => toldLately('lvsd-vrrp', 'checks').map(({ run }) => run);
    for (let i = 0; i < 2; i += 1) await kill('lvsd-lvs');
    assert.deepEqual(checks(), []);
    await kill('lvsd-lvs');
    await until(() => checks().length > 0);
    await kill('lvsd-vrrp');
    await until(() => checks().length > 0);
    assert.ok(checks().every((run) => !run));
  });
});
