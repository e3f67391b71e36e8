/** Who is told of what befalls a director, when, and in which order: whole directors in simulated time. */
import assert from 'node:assert/strict';
import type { InstanceConfig, NotifyConfig, SyncGroupConfig } from '../../src/vrrp/config.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { createFakeDirector, type FakeDirector, tellAll } from '../support/fake-directors.js';
import { FakeWire } from '../support/fake-underlay.js';
import { instance, vrrpConfig } from '../support/instances.js';

const NO_TRACKERS = { interfaces: [], scripts: [], files: [], processes: [], pools: [] };

/** What is told of a state by line, scripts and mail. */
const full = (name: string, state: 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP', priority: number) => [
  `INSTANCE "${name}" ${state} ${priority}`,
  `run ${state.toLowerCase()}`,
  `run any INSTANCE ${name} ${state} ${priority}`,
  `mail VRRP Instance ${name} - ${state === 'STOP' ? 'Stopping' : `Entering ${state} state`}`,
];

describe('vrrp notices', () => {
  let clock: FakeClock;
  let a: FakeDirector;
  let b: FakeDirector;

  beforeEach(() => {
    clock = createFakeClock();
    const lan = { clock, wire: new FakeWire(clock) };
    a = createFakeDirector(lan, 'a', '10.0.0.1');
    b = createFakeDirector(lan, 'b', '10.0.0.2');
  });

  const start = ({ director }: FakeDirector, change: Partial<InstanceConfig> = {}) =>
    director.configure(vrrpConfig([instance({ notify: tellAll(), ...change })]));

  /** `a` of priority 150 is master, `b` of 100 is backup, and nothing has been told. */
  function settled(change: Partial<InstanceConfig> = {}): void {
    start(a, { priority: 150, ...change });
    start(b, change);
    clock.advance(10_000);
    assert.deepEqual([a.states(), b.states()], [['VI_1 MASTER'], ['VI_1 BACKUP']]);
    a.news();
    b.news();
  }

  /** Until `b` has told something; its advert is on the way still. */
  function untilTaken(): void {
    for (let i = 0; i < 50_000 && b.told.length === 0; i += 1) clock.advance(0.1);
  }

  it('each state is told when it begins, once, and by nothing else than is its own', async () => {
    start(a);
    assert.deepEqual(a.news(), full('VI_1', 'BACKUP', 100));
    clock.advance(3600);
    assert.deepEqual(a.news(), [], 'nothing before Master_Down_Interval is over: 3 s and 156/256 s of skew');
    clock.advance(10);
    assert.deepEqual(a.news(), full('VI_1', 'MASTER', 100));
    clock.advance(10_000);
    assert.deepEqual(a.news(), []);
    a.underlay.setLink('eth0', false);
    assert.deepEqual(a.news(), full('VI_1', 'FAULT', 100));
    a.underlay.setLink('eth0', true);
    assert.deepEqual(a.news(), full('VI_1', 'BACKUP', 100));
    const stopped = a.director.shutdown();
    assert.deepEqual(a.news(), full('VI_1', 'STOP', 100));
    await stopped;
  });

  it('a stop of a master is told when another one has its addresses, not before', async () => {
    settled();
    const stopped = a.director.shutdown();
    assert.deepEqual(a.news(), []);
    untilTaken();
    assert.deepEqual([a.news(), b.news()], [[], full('VI_1', 'MASTER', 100)]);
    clock.advance(1);
    assert.deepEqual(a.news(), full('VI_1', 'STOP', 150));
    await stopped;
  });

  describe('an instance that a reload takes out', () => {
    const takeOut = ({ director }: FakeDirector) => director.configure(vrrpConfig([]));
    const deleted = (priority: number) => [
      `INSTANCE "VI_1" DELETED ${priority}`,
      'run deleted',
      `run any INSTANCE VI_1 DELETED ${priority}`,
      'mail VRRP Instance VI_1 - Deleted',
    ];

    it('is DELETED with notify_deleted, once it has handed over, and runs no stop script', () => {
      settled();
      takeOut(a);
      assert.deepEqual(a.news(), []);
      untilTaken();
      assert.deepEqual([a.news(), b.news()], [[], full('VI_1', 'MASTER', 100)]);
      clock.advance(1);
      assert.deepEqual(a.news(), deleted(150));
      clock.advance(10_000);
      assert.deepEqual(a.news(), []);
    });

    it('is DELETED at once where it was backup', () => {
      settled();
      takeOut(b);
      assert.deepEqual(b.news(), deleted(100));
    });

    it('is in FAULT without notify_deleted, and runs neither the fault nor the stop script', () => {
      const { deleted: _, ...notify } = tellAll();
      settled({ notify: { ...notify, sendDeleted: false } });
      takeOut(b);
      assert.deepEqual(
        b.news(),
        full('VI_1', 'FAULT', 100).filter((line) => line !== 'run fault'),
      );
    });
  });

  it('a master that meets a lower one tells of it and of no state; the lower one is backup again', () => {
    settled();
    a.underlay.cut = true;
    clock.advance(10_000);
    assert.deepEqual(b.news(), full('VI_1', 'MASTER', 100));
    a.underlay.cut = false;
    clock.advance(1500);
    assert.deepEqual(a.news(), ['INSTANCE "VI_1" MASTER_RX_LOWER_PRI 150', 'run lower']);
    assert.deepEqual(b.news(), full('VI_1', 'BACKUP', 100));
    clock.advance(10_000);
    assert.deepEqual([a.news(), b.news()], [[], []]);
  });

  describe('a tracker that changes the priority', () => {
    const track = { ...NO_TRACKERS, scripts: [{ name: 'web', weight: -60, reverse: false }] };

    function tracked(notify: NotifyConfig): void {
      for (const { readings } of [a, b]) readings.set('script web', true);
      settled({ track, notify });
    }

    const say = ({ director, readings }: FakeDirector, well: boolean) => {
      readings.set('script web', well);
      director.assess();
    };

    it('is told with notify_priority_changes, of master and backup, on the FIFOs alone and at once', () => {
      tracked(tellAll());
      say(b, false);
      assert.deepEqual(b.news(), ['INSTANCE "VI_1" BACKUP_PRIORITY 40']);
      say(a, false);
      assert.deepEqual(a.news(), ['INSTANCE "VI_1" MASTER_PRIORITY 90']);
      say(a, true);
      assert.deepEqual(a.news(), ['INSTANCE "VI_1" MASTER_PRIORITY 150']);
      say(a, true);
      assert.deepEqual(a.news(), [], 'no change is no news');
    });

    it('is told before what follows from it', () => {
      tracked(tellAll());
      say(a, false);
      clock.advance(10_000);
      assert.deepEqual(a.news(), ['INSTANCE "VI_1" MASTER_PRIORITY 90', ...full('VI_1', 'BACKUP', 90)]);
    });

    it('is not told without it', () => {
      tracked({ ...tellAll(), priorityChanges: false });
      say(b, false);
      say(a, false);
      assert.deepEqual([a.news(), b.news()], [[], []]);
    });
  });

  describe('a sync group', () => {
    const VG: SyncGroupConfig = {
      name: 'VG',
      instances: ['in', 'out'],
      track: NO_TRACKERS,
      trackingWeight: false,
      notify: tellAll('group-'),
    };
    const quiet: NotifyConfig = {
      sendDeleted: false,
      priorityChanges: false,
      smtpAlert: false,
      noEmailFaults: false,
    };

    const grouped = (priority: number) => {
      const one = { priority, notify: quiet };
      return vrrpConfig(
        [
          instance({ ...one, name: 'in', virtualRouterId: 1 }),
          instance({ ...one, name: 'out', virtualRouterId: 2, interface: 'eth1', addresses: ['192.0.2.9'] }),
        ],
        { syncGroups: [VG] },
      );
    };
    const both = (state: string, priority: number) => [
      `INSTANCE "in" ${state} ${priority}`,
      `INSTANCE "out" ${state} ${priority}`,
    ];
    const group = (state: 'MASTER' | 'BACKUP' | 'FAULT' | 'STOP') => [
      `GROUP "VG" ${state} 0`,
      `run group-${state.toLowerCase()}`,
      `run group-any GROUP VG ${state} 0`,
      `mail VRRP Group VG - ${state === 'STOP' ? 'Stopping' : `Entering ${state} state`}`,
    ];

    it('is told of after its instances, once, by its own scripts and mails', () => {
      a.director.configure(grouped(150));
      assert.deepEqual(a.news(), [...both('BACKUP', 150), ...group('BACKUP')]);
      clock.advance(10_000);
      assert.deepEqual(a.news(), [...both('MASTER', 150), ...group('MASTER')]);
      a.underlay.setLink('eth1', false);
      assert.deepEqual(a.news(), ['INSTANCE "out" FAULT 150']);
      clock.advance(10_000);
      assert.deepEqual(a.news(), ['INSTANCE "in" FAULT 150', ...group('FAULT')], 'having looked for a peer');
      a.underlay.setLink('eth1', true);
      assert.deepEqual(a.news(), [...both('BACKUP', 150), ...group('BACKUP')]);
    });

    it('with a dead link is MASTER until the member that still answers has a successor, and FAULT then', () => {
      a.director.configure(grouped(150));
      b.director.configure(grouped(100));
      clock.advance(10_000);
      a.news();
      b.news();
      a.underlay.setLink('eth1', false);
      assert.deepEqual(a.news(), ['INSTANCE "out" FAULT 150']);
      untilTaken();
      assert.deepEqual([a.news(), b.news()], [[], [...both('MASTER', 100), ...group('MASTER')]]);
      clock.advance(1);
      assert.deepEqual(a.news(), ['INSTANCE "in" FAULT 150', ...group('FAULT')]);
    });

    it('whose link is back before that was in no fault', () => {
      a.director.configure(grouped(150));
      clock.advance(10_000);
      a.news();
      a.underlay.setLink('eth1', false);
      clock.advance(500);
      a.underlay.setLink('eth1', true);
      assert.deepEqual(a.news(), ['INSTANCE "out" FAULT 150', 'INSTANCE "out" BACKUP 150']);
      clock.advance(3000);
      assert.deepEqual([a.news(), a.states()], [[], ['in HANDOVER', 'out BACKUP']]);
      clock.advance(2000);
      assert.deepEqual(a.news(), ['INSTANCE "in" BACKUP 150', ...group('BACKUP')]);
    });

    it('that hands over at a stop is MASTER until all of it has ended, and then STOP', async () => {
      a.director.configure(grouped(150));
      b.director.configure(grouped(100));
      clock.advance(10_000);
      a.news();
      b.news();
      const stopped = a.director.shutdown();
      assert.deepEqual(a.news(), []);
      clock.advance(3000);
      await stopped;
      assert.deepEqual(a.news(), [...both('STOP', 150), ...group('STOP')]);
      assert.deepEqual(b.news(), [...both('MASTER', 100), ...group('MASTER')]);
    });

    it('that is handed over by command is BACKUP after its instances are', async () => {
      a.director.configure(grouped(150));
      b.director.configure(grouped(100));
      clock.advance(10_000);
      a.news();
      const handed = a.director.handover('in');
      assert.deepEqual(a.news(), []);
      clock.advance(3000);
      await handed;
      assert.deepEqual(a.news(), [...both('BACKUP', 150), ...group('BACKUP')]);
    });
  });
});
