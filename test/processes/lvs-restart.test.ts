/** What the kernel and lvsd-vrrp are told, and in which order, as one lvsd-lvs follows another. */
import assert from 'node:assert/strict';
import type { News } from '../../src/processes/messages.js';
import type { Stage } from '../../src/vrrp/election/stage.js';
import { loadClean } from '../support/config.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { LvsMachine } from '../support/lvs-process.js';

const services = ['80', '81'].map(
  (port) => `virtual_server 192.0.2.100 ${port} {
    lb_algo rr
    lb_kind DR
    protocol TCP
    real_server 192.0.2.1 ${port} { }
  }`,
);
const configure = (sync: string) =>
  loadClean(`global_defs {
    ${sync}
  }
  vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 51
    virtual_ipaddress { 192.0.2.100 }
  }
  ${services.join('\n')}`);
const config = configure('lvs_sync_daemon eth0 VI_1');

const MASTER: News = { kind: 'masters', names: ['VI_1'] };
const BACKUP: News = { kind: 'masters', names: [] };
const was = (stage: Stage, agoMs: number): News => ({ kind: 'stage', instance: 'VI_1', stage, agoMs });

describe('processes/lvs: the next lvsd-lvs', () => {
  let clock: FakeClock;
  let machine: LvsMachine;

  beforeEach(() => {
    clock = createFakeClock(1000);
    machine = new LvsMachine(clock);
  });
  afterEach(async () => {
    await machine.dispose();
    assert.deepEqual(machine.kernel.sockets(), 0);
  });

  /** One has run, and has left what is right for this. */
  async function followUpon(news: News): Promise<void> {
    await machine.start(config, [news]);
    await machine.end('leave');
    machine.switched.length = 0;
    machine.told.length = 0;
    machine.nft.length = 0;
  }

  for (const [role, news] of [
    ['master', MASTER],
    ['backup', BACKUP],
  ] as const) {
    it(`leaves the ${role} daemon alone, when it is told of the masters with its start`, async () => {
      await followUpon(news);
      await machine.start(config, [news]);
      await machine.pass(60_000);
      assert.deepEqual([machine.running, machine.switched], [[role], []]);
    });

    it(`leaves the ${role} daemon alone until it is told of the masters, and then`, async () => {
      await followUpon(news);
      await machine.start(config);
      await machine.pass(9000);
      await machine.hears(news);
      await machine.pass(60_000);
      assert.deepEqual([machine.running, machine.switched], [[role], []]);
    });
  }

  it('switches the daemon, once, where it is master no more', async () => {
    await followUpon(MASTER);
    await machine.start(config);
    await machine.hears(BACKUP);
    assert.deepEqual(machine.switched, ['stop master', 'start backup']);
  });

  it('does as a backup, and says so, when nobody tells it of the masters within ten seconds', async () => {
    await followUpon(MASTER);
    await machine.start(config);
    await machine.pass(9999);
    assert.deepEqual([machine.switched, machine.log], [[], []]);
    await machine.pass(1);
    assert.deepEqual(machine.switched, ['stop master', 'start backup']);
    assert.match(machine.log.join(), /^lvs_sync_daemon: lvsd-vrrp has not told within 10 s who is MASTER/);
    await machine.hears(MASTER);
    assert.deepEqual(machine.switched.slice(2), ['stop backup', 'start master']);
    assert.equal(machine.log.length, 1);
  });

  const overflow = loadClean(`virtual_server 192.0.2.100 80 {
    lb_algo sed
    lb_kind DR
    protocol TCP
    overflow connections
    sorry_server 192.0.2.9 80
    real_server 192.0.2.1 80 {
      uthreshold 50
    }
  }`);
  for (const [what, table] of [
    ['it has been given', config],
    ['it is read before', overflow],
  ] as const) {
    it(`is ready when the kernel has the table that ${what}, and not before`, async () => {
      const { kernel, told } = machine;
      const { refuse } = kernel;
      const readyBefore: boolean[] = [];
      kernel.refuse = (command, body) => {
        if (command.startsWith('NEW_')) readyBefore.push(told.some(({ kind }) => kind === 'ready'));
        return refuse?.(command, body);
      };
      await machine.start(table);
      await machine.pass(10);
      assert.ok(readyBefore.length >= 2, 'a service and a destination');
      assert.ok(!readyBefore.includes(true));
      assert.ok(told.some(({ kind }) => kind === 'ready'));
    });
  }

  it('at a first start too ends in the right daemon', async () => {
    await machine.start(config);
    await machine.pass(9999);
    assert.deepEqual(machine.switched, []);
    await machine.pass(1);
    assert.deepEqual(machine.switched, ['start backup']);
  });

  it('counts the ten seconds from the start, not from a reload', async () => {
    await machine.start(config);
    await machine.pass(9000);
    await machine.hears({ kind: 'configure', config, at: 0 });
    await machine.pass(1000);
    assert.deepEqual(machine.running, ['backup']);
  });

  it('waits for nobody where both daemons run whoever is master', async () => {
    await machine.start(configure('lvs_sync_daemon eth0'));
    assert.deepEqual(machine.switched, ['start master', 'start backup']);
    await machine.pass(60_000);
    assert.deepEqual(machine.log, []);
  });

  it('runs none after a reload without them, nor looks for masters any more', async () => {
    await machine.start(config);
    await machine.hears({ kind: 'configure', config: configure(''), at: 0 });
    await machine.pass(60_000);
    assert.deepEqual([machine.switched, machine.log], [[], []]);
  });

  it('stops what a predecessor left, although it is stopped before it knows the masters', async () => {
    await followUpon(MASTER);
    await machine.start(config);
    await machine.end('stop');
    assert.deepEqual([machine.running, machine.switched], [[], ['stop master']]);
    clock.advance(60_000);
    assert.deepEqual(machine.log, []);
  });

  it('goes on with a takeover in which its predecessor was killed: what is held stays held, and it takes in what it is told', async () => {
    await machine.start(config, [BACKUP]);
    await machine.hears({
      kind: 'stage',
      instance: 'VI_1',
      stage: { name: 'taking-over', inMs: 600 },
    });
    await machine.pass(600);
    await machine.hears(MASTER);
    await machine.hears({ kind: 'stage', instance: 'VI_1', stage: { name: 'master' } });
    // As a kill would: a process that leaves lets go first.
    assert.deepEqual([...machine.running].sort(), ['backup', 'master']);

    const successor = new LvsMachine(clock);
    for (const [state, attrs] of machine.kernel.table.daemons)
      successor.kernel.table.daemons.set(state, attrs);
    const stages = [was({ name: 'taking-over', inMs: 600 }, 1000), was({ name: 'master' }, 400)];
    await successor.start(config, [MASTER, ...stages]);
    assert.deepEqual([successor.switched, successor.nft], [[], ['hold']]);
    await successor.pass(1599);
    assert.deepEqual([successor.switched, successor.nft], [[], ['hold']]);
    await successor.pass(1);
    assert.deepEqual([successor.switched, successor.nft], [['stop backup'], ['hold', 'release']]);
    await successor.dispose();
  });

  it('sweeps away a hold that is over', async () => {
    await followUpon(MASTER);
    await machine.start(config, [MASTER, was({ name: 'backup' }, 9000), was({ name: 'master' }, 5000)]);
    assert.deepEqual(machine.nft, ['release']);
  });

  it('in a dry run beside another lvsd touches neither its daemons nor its hold', async () => {
    await machine.start(config, [], { dryRun: true });
    await machine.hears(MASTER);
    await machine.end('stop');
    assert.deepEqual([machine.switched, machine.nft, machine.kernel.commands], [[], [], []]);
  });

  it('tells of all quorums at once: whoever hears of some knows nothing of the others', async () => {
    await machine.start(config);
    const up = { '192.0.2.100:80 tcp': true, '192.0.2.100:81 tcp': true };
    const pools = machine.told.filter(({ kind }) => kind === 'pools');
    assert.deepEqual(pools, [{ kind: 'pools', up }]);
  });
});
