/** Members that come to a sync group by a reload, and that leave one after another at a stop. */
import assert from 'node:assert/strict';
import type { InstanceConfig, VrrpConfig } from '../../../src/vrrp/config.js';
import { createDirector } from '../../../src/vrrp/director.js';
import { groupOrders, groupState } from '../../../src/vrrp/election/group.js';
import { initialState, step } from '../../../src/vrrp/election/machine.js';
import type { Event, State } from '../../../src/vrrp/election/state.js';
import { fifoLine } from '../../../src/vrrp/notify/notice.js';
import { createFakeClock, type FakeClock } from '../../support/fake-clock.js';
import { FakeUnderlay, FakeWire } from '../../support/fake-underlay.js';
import { instance, vrrpConfig } from '../../support/instances.js';
import { router } from '../../support/routers.js';

const nothing = { sendDeleted: false, priorityChanges: false, smtpAlert: false, noEmailFaults: false };

const inner = (priority: number) => instance({ name: 'in', priority, virtualRouterId: 1 });
const outer = (priority: number, change: Partial<InstanceConfig> = {}) =>
  instance({
    name: 'out',
    priority,
    interface: 'eth1',
    virtualRouterId: 2,
    addresses: ['192.0.2.9'],
    ...change,
  });

/** These instances in a sync group. */
function grouped(...instances: readonly InstanceConfig[]): VrrpConfig {
  const track = { interfaces: [], scripts: [], files: [], processes: [], pools: [] };
  const names = instances.map(({ name }) => name);
  const group = { name: 'VG', instances: names, track, trackingWeight: false, notify: nothing };
  return vrrpConfig(instances, { syncGroups: [group] });
}

describe('vrrp/group: a member that has just started', () => {
  const node = router({ grouped: true });
  /** The state after these, 4 s one after another. */
  const played = (...events: readonly Event[]) =>
    events.reduce<State>((state, event, i) => step(node, state, event, i * 4000).state, initialState(node));
  const startup: Event = { kind: 'startup' };
  const master = played(startup, { kind: 'timeout' }, { kind: 'promote' });
  const advert = (priority: number): Event => ({
    kind: 'advert',
    priority,
    source: '10.0.0.2',
    maxAdverIntMs: 1000,
  });

  /** What is said to the members, and what the group is. */
  function said(member: State): readonly (string | undefined)[] {
    const members = new Map([
      ['old', master],
      ['new', member],
    ]);
    const orders = groupOrders(members).map(({ instance: who, event }) => `${who} ${event.kind}`);
    return [...orders, groupState(members)];
  }

  it('forbids nothing, nor does a master that it will preempt', () => {
    assert.deepEqual(said(played(startup)), ['MASTER']);
    assert.deepEqual(said(played(startup, advert(50))), ['MASTER']);
    assert.deepEqual(said(played(startup, advert(0))), ['MASTER']);
  });

  it('forbids what a master does that it puts up with', () => {
    assert.deepEqual(said(played(startup, advert(200))), ['old demote', 'BACKUP']);
  });

  it('forbids it when it comes back from a fault: the whole group begins anew', () => {
    const fitness = { priority: 100 };
    const fault = { kind: 'link', reason: 'interface eth1 is down' } as const;
    const faulty: Event = { kind: 'fitness', fitness: { ...fitness, fault } };
    assert.deepEqual(said(played(startup, faulty, { kind: 'fitness', fitness })), ['old demote', 'BACKUP']);
  });
});

describe('vrrp/director: changes of a sync group', () => {
  let clock: FakeClock;
  let wire: FakeWire;
  beforeEach(() => {
    clock = createFakeClock();
    wire = new FakeWire(clock);
  });

  function host(name: string, address: string) {
    const notices: string[] = [];
    const underlay = new FakeUnderlay(wire, name, address);
    const director = createDirector({
      clock,
      log: { info: () => {}, warn: () => {} },
      underlay,
      read: () => undefined,
      notify: (notice) => void notices.push(fifoLine(notice).trim()),
      onChange: () => {},
      onStage: () => {},
      onLate: () => {},
      bootNow: () => clock.now(),
    });
    const states = () => director.instances().map(({ name: each, state }) => `${each} ${state}`);
    return { director, underlay, notices, states };
  }

  /** The longest wait of a new member: Master_Down_Interval of priority 100. */
  const MDI = 3610;

  it('a new member becomes master beside the old one, which stays it without a word', () => {
    const a = host('a', '10.0.0.1');
    a.director.configure(grouped(inner(100)));
    clock.advance(10_000);
    a.notices.length = 0;
    wire.trace.length = 0;
    a.director.configure(grouped(inner(100), outer(100)));
    assert.deepEqual(a.states(), ['in MASTER', 'out BACKUP']);
    clock.advance(MDI);
    assert.deepEqual(a.states(), ['in MASTER', 'out MASTER']);
    assert.deepEqual(a.notices, ['INSTANCE "out" BACKUP 100', 'INSTANCE "out" MASTER 100']);
    assert.ok(!wire.trace.some((line) => /releases|advert 0/.test(line)), wire.trace.join('\n'));
  });

  it('nothing moves between two directors, whichever is reloaded first', () => {
    for (const first of ['master', 'backup']) {
      const [a, b] = [host('a', '10.0.0.1'), host('b', '10.0.0.2')];
      a.director.configure(grouped(inner(150)));
      b.director.configure(grouped(inner(100)));
      clock.advance(10_000);
      a.notices.length = b.notices.length = 0;
      const reloads = [
        () => a.director.configure(grouped(inner(150), outer(150))),
        () => b.director.configure(grouped(inner(100), outer(100))),
      ];
      for (const reload of first === 'master' ? reloads : reloads.reverse()) {
        reload();
        clock.advance(10_000);
      }
      assert.deepEqual(
        [...a.states(), ...b.states()],
        ['in MASTER', 'out MASTER', 'in BACKUP', 'out BACKUP'],
      );
      assert.deepEqual(
        [...a.notices, ...b.notices],
        ['INSTANCE "out" BACKUP 150', 'INSTANCE "out" MASTER 150', 'INSTANCE "out" BACKUP 100'],
      );
      for (const { director } of [a, b]) director.leave();
    }
  });

  it('a new member whose master is another one takes the group along', () => {
    const [a, c] = [host('a', '10.0.0.1'), host('c', '10.0.0.3')];
    a.director.configure(grouped(inner(150)));
    c.director.configure(vrrpConfig([outer(200)]));
    clock.advance(10_000);
    a.director.configure(grouped(inner(150), outer(150)));
    clock.advance(1001);
    assert.deepEqual(a.states(), ['in HANDOVER', 'out BACKUP'], 'within one advert of the other one');
  });

  it('a group that is stopped is MASTER until its last member has ended, and then STOP', async () => {
    const [a, b] = [host('a', '10.0.0.1'), host('b', '10.0.0.2')];
    a.director.configure(grouped(inner(150), outer(150)));
    b.director.configure(grouped(inner(100), outer(100)));
    clock.advance(10_000);
    a.notices.length = 0;
    const stopped = a.director.shutdown();
    clock.advance(5000);
    await stopped;
    assert.deepEqual(a.notices, ['INSTANCE "in" STOP 150', 'INSTANCE "out" STOP 150', 'GROUP "VG" STOP 0']);
  });
});
