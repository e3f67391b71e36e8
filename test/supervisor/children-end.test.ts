/** Orders of commands and signals around the end of children: each is ended once, in its turn, and none is revived. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { systemClock } from '../../src/clock.js';
import type { Config } from '../../src/config/config.js';
import type { Log } from '../../src/log.js';
import type { ChildName } from '../../src/processes/messages.js';
import { Children } from '../../src/supervisor/children.js';
import { ChildPrograms } from '../support/child-programs.js';
import { loadClean } from '../support/config.js';
import { isAlive, until } from '../support/scripts.js';

const quiet = { info: () => {}, warn: () => {}, error: () => {} } as unknown as Log;

const CHECKS = `
  virtual_server 10.0.0.1 80 {
    lb_algo rr
    lb_kind NAT
    protocol TCP
    real_server 10.0.0.2 80 {
    }
  }`;
const WITHOUT_VRRP = loadClean(CHECKS);
const WITH_VRRP = loadClean(`${CHECKS}
  vrrp_instance VI {
    interface eth0
    virtual_router_id 1
    virtual_ipaddress { 10.0.0.1 }
  }`);

describe('supervisor/children: their end', () => {
  let programs: ChildPrograms;
  let children: Children;
  let pids: Map<ChildName, number>;
  let orphansAsked: ChildName[];
  let ready: number;

  let orphan: number | undefined;
  let left: boolean;
  let made: ChildName[];

  beforeEach(() => {
    programs = new ChildPrograms();
    pids = new Map();
    orphansAsked = [];
    orphan = undefined;
    left = false;
    made = [];
    ready = 0;
    begin(WITH_VRRP);
  });

  function begin(config: Config): void {
    children = new Children(
      {
        settings: { stateDir: programs.folder, dryRun: false, logLevel: 'info', logFormat: 'text' },
        scope: 'all',
        clock: systemClock,
        log: quiet,
        orphan: (name) => {
          orphansAsked.push(name);
          return name === 'lvsd-vrrp' ? orphan : undefined;
        },
        onPid: (name, pid) => (pid === undefined ? pids.delete(name) : pids.set(name, pid)),
        hasLeft: () => left,
        onFatal: assert.fail,
        onReload: () => {},
        onAllReady: () => {
          ready += 1;
        },
        keep: (options) => {
          made.push(options.name);
          return programs.keep(options);
        },
      },
      config,
    );
  }
  afterEach(async () => {
    for (const name of ['lvsd-lvs', 'lvsd-vrrp'] as const) programs.letGo(name);
    await children.end('stop');
    programs.remove();
  });

  const kinds = (name: ChildName) => programs.heard(name).map(({ kind }) => kind);
  const isReady = () => until(() => ready > 0);
  const isTold = (name: ChildName, kind: 'start' | 'stop', times = 1) =>
    until(() => programs.told(name, kind).length === times);

  it('a reload in the middle of a stop starts nobody and tells nobody', async () => {
    await isReady();
    programs.hold('lvsd-vrrp');
    const end = children.end('stop');
    await isTold('lvsd-vrrp', 'stop');
    children.configure(WITH_VRRP, 0);
    programs.letGo('lvsd-vrrp');
    await end;
    assert.equal(programs.told('lvsd-vrrp', 'start').length, 1);
    assert.deepEqual(programs.told('lvsd-lvs', 'configure'), []);
    assert.equal(kinds('lvsd-lvs').at(-1), 'stop');
  });

  it('a hand-over in the middle of a stop is refused, and status goes on', async () => {
    await isReady();
    programs.hold('lvsd-vrrp');
    const end = children.end('stop');
    await isTold('lvsd-vrrp', 'stop');
    for (const [id, what] of (['handover', 'resume', 'status'] as const).entries())
      programs.says('lvsd-lvs', { kind: 'request', id, request: { what } });
    await until(() => programs.told('lvsd-lvs', 'reply').length === 3);
    const replies = programs.told('lvsd-lvs', 'reply').map(({ reply }) => reply);
    assert.match(replies[0]?.kind === 'refused' ? replies[0].text : '', /is stopping/);
    assert.deepEqual(replies[1], replies[0]);
    assert.deepEqual(replies[2], { kind: 'absent' });
    programs.letGo('lvsd-vrrp');
    await end;
  });

  it('a reload that brings VRRP back before the one it took out has handed over waits for that', async () => {
    await isReady();
    programs.hold('lvsd-vrrp');
    children.configure(WITHOUT_VRRP, 0);
    await isTold('lvsd-vrrp', 'stop');
    orphansAsked = [];
    children.configure(WITH_VRRP, 0);
    children.configure(WITH_VRRP, 1);
    // Its successor is up.
    await until(() => kinds('lvsd-vrrp').at(-1) === 'configure');
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(programs.told('lvsd-vrrp', 'start').length, 1);
    programs.letGo('lvsd-vrrp');
    await isTold('lvsd-vrrp', 'start', 2);
    assert.deepEqual(orphansAsked, [], 'it is no orphan');
  });

  it('a stop waits for one that a reload has taken out: the servers behind are served until then', async () => {
    await isReady();
    programs.hold('lvsd-vrrp');
    const vrrp = pids.get('lvsd-vrrp') ?? assert.fail();
    children.configure(WITHOUT_VRRP, 0);
    await isTold('lvsd-vrrp', 'stop');
    const end = children.end('stop').then(() => isAlive(vrrp));
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(programs.told('lvsd-lvs', 'stop'), []);
    programs.letGo('lvsd-vrrp');
    assert.equal(await end, false);
    assert.equal(programs.told('lvsd-lvs', 'stop').length, 1);
  });

  it('a stop before they are ready has them take over what was left, and end; where nothing was, lvsd-vrrp does not begin', async () => {
    for (const [was, vrrp] of [
      [true, ['start', 'stop']],
      [false, ['leave']],
    ] as const) {
      left = was;
      await children.end('stop');
      assert.deepEqual(
        kinds('lvsd-lvs').filter((kind) => kind !== 'starts'),
        ['start', 'stop'],
      );
      assert.deepEqual(kinds('lvsd-vrrp'), vrrp);
      programs.remove();
      programs = new ChildPrograms();
      begin(WITH_VRRP);
    }
  });

  it('what is left for the next lvsd is not taken out, though lvsd-lvs is ready only then', async () => {
    await isReady();
    left = true;
    programs.hold('lvsd-lvs');
    const end = children.end('leave');
    await until(() => programs.told('lvsd-lvs', 'leave').length === 1);
    const before = ready;
    programs.says('lvsd-lvs', { kind: 'ready' });
    await until(() => ready > before);
    programs.letGo('lvsd-lvs');
    await end;
    assert.deepEqual(made, ['lvsd-lvs', 'lvsd-vrrp']);
  });

  it('to leave before it is ready begins nothing', async () => {
    await children.end('leave');
    assert.deepEqual(
      kinds('lvsd-vrrp').filter((kind) => kind !== 'starts'),
      ['leave'],
    );
    assert.equal(kinds('lvsd-lvs').at(-1), 'leave');
  });

  describe('with an lvsd-vrrp of before that nobody wants', () => {
    /** Takes its time when it is told to hand over. */
    const CODE = `process.title = 'lvsd-vrrp';
      process.on('SIGUSR2', () => setTimeout(() => process.exit(0), 500));
      setInterval(() => {}, 1000); console.log('up');`;

    let before = 0;
    beforeEach(async () => {
      await children.end('stop');
      before = kinds('lvsd-vrrp').length;
      const old = spawn(process.execPath, ['-e', CODE], { stdio: ['ignore', 'pipe', 'inherit'] });
      if (old.stdout !== null) await once(old.stdout, 'data');
      orphan = old.pid ?? assert.fail();
      ready = 0;
      begin(WITHOUT_VRRP);
    });

    const told = () => kinds('lvsd-vrrp').slice(before);
    const isGone = () => !isAlive(orphan ?? assert.fail());

    it('it is ended when the servers are served again', async () => {
      await isReady();
      await until(isGone);
      assert.deepEqual(told(), []);
    });

    it('what it leaves all the same is taken out by one that is started for that', async () => {
      left = true;
      await until(() => told().length > 0);
      assert.ok(isGone());
      left = false;
      await until(() => told().at(-1) === 'stop');
      assert.deepEqual(told(), ['start', 'stop']);
    });

    it('a stop before that waits for it: the servers behind are served until then', async () => {
      const [starts, stops] = [programs.told('lvsd-lvs', 'start'), programs.told('lvsd-lvs', 'stop')];
      const end = children.end('stop');
      await until(() => isGone() || programs.told('lvsd-lvs', 'stop').length > stops.length);
      assert.ok(isGone());
      await end;
      assert.equal(programs.told('lvsd-lvs', 'start').length, starts.length + 1);
    });

    it('one that a reload wants again follows it when it has handed over', async () => {
      await isReady();
      const starts = programs.told('lvsd-vrrp', 'start').length;
      children.configure(WITH_VRRP, 0);
      await until(() => isGone() || programs.told('lvsd-vrrp', 'start').length > starts);
      assert.ok(isGone());
      await isTold('lvsd-vrrp', 'start', starts + 1);
    });
  });
});
