import assert from 'node:assert/strict';
import type { InstanceConfig, VrrpConfig } from '../../src/vrrp/config.js';
import { createDirector, type Director } from '../../src/vrrp/director.js';
import { fifoLine } from '../../src/vrrp/notify/notice.js';
import type { SavedVrrp } from '../../src/vrrp/saved.js';
import type { Reading } from '../../src/vrrp/track/fitness.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { FakeUnderlay, FakeWire } from '../support/fake-underlay.js';
import { instance, vrrpConfig } from '../support/instances.js';

type Host = {
  readonly director: Director;
  readonly underlay: FakeUnderlay;
  readonly notices: string[];
  readonly log: string[];
  readonly readings: Map<string, Reading>;
  readonly start: (config: VrrpConfig, saved?: SavedVrrp) => void;
};

const GROUP = {
  name: 'VG',
  instances: ['in', 'out'],
  track: { interfaces: [], scripts: [], files: [], processes: [], pools: [] },
  trackingWeight: false,
  notify: { sendDeleted: false, priorityChanges: false, smtpAlert: false, noEmailFaults: false },
};

describe('vrrp/director', () => {
  let clock: FakeClock;
  let wire: FakeWire;
  let a: Host;
  let b: Host;

  beforeEach(() => {
    clock = createFakeClock();
    wire = new FakeWire(clock);
    a = host('a', '10.0.0.1');
    b = host('b', '10.0.0.2');
  });

  function host(name: string, address: string, underlay = new FakeUnderlay(wire, name, address)): Host {
    const [notices, log]: [string[], string[]] = [[], []];
    const readings = new Map<string, Reading>();
    const say = (_fields: object, text: string) => void log.push(text);
    const director = createDirector({
      clock,
      log: { info: say, warn: say },
      underlay,
      read: (kind, tracker) => readings.get(`${kind} ${tracker}`),
      notify: (notice) => void notices.push(fifoLine(notice).trim()),
      onChange: () => {},
      onStage: () => {},
      onLate: () => {},
      bootNow: () => clock.now() + 1_000_000,
    });
    const start = (config: VrrpConfig, saved?: SavedVrrp) => director.configure(config, saved);
    return { director, underlay, notices, log, readings, start };
  }

  const states = ({ director }: Host) => director.instances().map(({ name, state }) => `${name} ${state}`);
  const holders = (name = 'VI_1') =>
    [a, b].filter(({ underlay }) => underlay.holds(name)).map(({ underlay }) => underlay.name);

  function pair(change: Partial<InstanceConfig> = {}): void {
    a.start(vrrpConfig([instance({ priority: 150, ...change })]));
    b.start(vrrpConfig([instance(change)]));
  }

  it('elects the higher priority, and the other knows its master', () => {
    pair();
    clock.advance(10_000);
    assert.deepEqual([states(a), states(b)], [['VI_1 MASTER'], ['VI_1 BACKUP']]);
    const [backup] = b.director.instances();
    assert.deepEqual(backup?.master, { self: false, address: '10.0.0.1', priority: 150, advertIntMs: 1000 });
    assert.deepEqual(a.notices, ['INSTANCE "VI_1" BACKUP 150', 'INSTANCE "VI_1" MASTER 150']);
  });

  it('a planned stop never leaves the addresses without a holder', async () => {
    pair();
    clock.advance(10_000);
    const stopped = a.director.shutdown();
    for (let ms = 0; ms < 2000; ms += 1) {
      clock.advance(1);
      assert.ok(holders().length >= 1, `nobody holds them ${ms} ms after the stop`);
    }
    await stopped;
    assert.deepEqual(holders(), ['b']);
    assert.deepEqual(a.notices.at(-1), 'INSTANCE "VI_1" STOP 150');
  });

  it('hands over, stays backup although higher, and comes back when told', async () => {
    pair();
    clock.advance(10_000);
    const handed = a.director.handover('VI_1');
    clock.advance(2000);
    const [result] = await handed;
    assert.deepEqual([result?.state, result?.text], ['BACKUP', '10.0.0.2 (priority 100) took over']);
    clock.advance(20_000);
    assert.deepEqual([states(a), states(b)], [['VI_1 BACKUP'], ['VI_1 MASTER']]);
    void a.director.resume();
    for (let ms = 0; ms < 5000; ms += 1) {
      clock.advance(1);
      assert.ok(holders().length >= 1);
    }
    assert.deepEqual([states(a), states(b)], [['VI_1 MASTER'], ['VI_1 BACKUP']]);
  });

  it('alone, it stays master of what it was told to hand over, and says so', async () => {
    a.start(vrrpConfig([instance()]));
    clock.advance(10_000);
    const handed = a.director.handover();
    clock.advance(5000);
    const [result] = await handed;
    assert.deepEqual([result?.state, result?.text], ['MASTER', 'no peer took over']);
    assert.deepEqual(
      a.notices.slice(-1),
      ['INSTANCE "VI_1" MASTER 100'],
      'nobody is told of a return to what was',
    );
    assert.equal(a.notices.length, 2);
  });

  it('names the instances there are when told of one there is not', async () => {
    a.start(vrrpConfig([instance()]));
    await assert.rejects(a.director.handover('VI_2'), /no vrrp_instance "VI_2": there are VI_1/);
  });

  it('a process that is started again goes on as master where it was: nobody else becomes one', () => {
    pair();
    clock.advance(10_000);
    const saved = a.director.saved();
    assert.deepEqual(saved.masters, ['VI_1']);
    a.director.leave();
    clock.advance(500);
    const again = host('a', '10.0.0.1', a.underlay);
    again.start(vrrpConfig([instance({ priority: 150 })]), saved);
    assert.deepEqual(states(again), ['VI_1 MASTER']);
    clock.advance(10_000);
    assert.deepEqual(states(b), ['VI_1 BACKUP']);
    assert.deepEqual(again.log, ['VI_1: INIT → MASTER: still holds the addresses of its last run']);
  });

  it('is not adopted when the kernel has let the addresses go', () => {
    a.start(vrrpConfig([instance({ preempt: false })]), {
      aliveAt: 1_000_000,
      masters: ['VI_1'],
      yielded: [],
    });
    assert.deepEqual(states(a), ['VI_1 BACKUP']);
  });

  it('a link that dies is a fault with its reason, and the peer takes over', () => {
    pair();
    clock.advance(10_000);
    a.underlay.setLink('eth0', false);
    const [status] = a.director.instances();
    assert.deepEqual([status?.state, status?.fault], ['FAULT', 'interface eth0 is down']);
    clock.advance(5000);
    assert.deepEqual(states(b), ['VI_1 MASTER']);
    a.underlay.setLink('eth0', true);
    clock.advance(5000);
    assert.deepEqual([states(a), states(b)], [['VI_1 MASTER'], ['VI_1 BACKUP']]);
    assert.match(a.notices.join(), /FAULT 150/);
  });

  it('a tracker lowers the priority, and is named in status', () => {
    const track = { ...GROUP.track, scripts: [{ name: 'web', weight: -60, reverse: false }] };
    a.readings.set('script web', true);
    a.start(vrrpConfig([instance({ priority: 150, track })]));
    b.start(vrrpConfig([instance()]));
    clock.advance(10_000);
    a.readings.set('script web', false);
    a.director.assess();
    const [status] = a.director.instances();
    assert.deepEqual(status?.priority, { effective: 90, configured: 150 });
    assert.deepEqual(status?.trackersDown, ['script web is down: 60 less']);
    clock.advance(5000);
    assert.deepEqual([states(a), states(b)], [['VI_1 BACKUP'], ['VI_1 MASTER']]);
  });

  it('waits for a tracker whose failure would be a fault before it takes part', () => {
    const track = { ...GROUP.track, scripts: [{ name: 'web', weight: 0, reverse: false }] };
    a.start(vrrpConfig([instance({ track })]));
    clock.advance(10_000);
    assert.deepEqual(states(a), ['VI_1 INIT']);
    assert.deepEqual(a.director.instances()[0]?.waitingFor, ['script web not known yet']);
    a.readings.set('script web', true);
    a.director.assess();
    assert.deepEqual(states(a), ['VI_1 BACKUP']);
  });

  it('vrrp_startup_delay is waited out', () => {
    const { process } = vrrpConfig([]);
    a.start(vrrpConfig([instance()], { process: { ...process, startupDelayMs: 3000 } }));
    clock.advance(2999);
    assert.deepEqual(states(a), ['VI_1 INIT']);
    clock.advance(1);
    assert.deepEqual(states(a), ['VI_1 BACKUP']);
  });

  it('adverts of many instances leave together, none of them a twentieth late', () => {
    const many = Array.from({ length: 40 }, (_, i) =>
      instance({ name: `VI_${i}`, virtualRouterId: i + 1, priority: 100 + i, advertIntMs: 100 }),
    );
    a.start(vrrpConfig(many));
    clock.advance(2000);
    wire.trace.length = 0;
    clock.advance(1000);
    const times = wire.trace
      .filter((line) => line.includes('VI_7 advert'))
      .map((line) => Number(line.split(' ')[0]));
    assert.equal(times.length, 10);
    for (const [i, at] of times.slice(1).entries()) assert.ok(at - (times[i] ?? 0) <= 105, `${times}`);
    const moments = new Set(
      wire.trace.filter((line) => line.includes('advert')).map((line) => line.split(' ')[0]),
    );
    assert.ok(moments.size <= 200, `${moments.size} wake-ups`);
  });

  describe('a sync group', () => {
    const grouped = (priority: number) =>
      vrrpConfig(
        [
          instance({ name: 'in', priority, interface: 'eth0', virtualRouterId: 1 }),
          instance({
            name: 'out',
            priority,
            interface: 'eth1',
            virtualRouterId: 2,
            addresses: ['192.0.2.9'],
          }),
        ],
        { syncGroups: [GROUP] },
      );

    beforeEach(() => {
      a.start(grouped(150));
      b.start(grouped(100));
      clock.advance(10_000);
    });

    it('moves as a whole when one of its links dies', () => {
      assert.deepEqual(states(a), ['in MASTER', 'out MASTER']);
      assert.deepEqual(a.director.groups(), [{ name: 'VG', state: 'MASTER', instances: ['in', 'out'] }]);
      a.underlay.setLink('eth1', false);
      clock.advance(10_000);
      assert.deepEqual(states(a), ['in FAULT', 'out FAULT']);
      assert.deepEqual(states(b), ['in MASTER', 'out MASTER']);
      assert.match(a.director.instances()[0]?.fault ?? '', /sync group VG: out: interface eth1 is down/);
    });

    it('is told of as a group, with priority 0', () => {
      assert.deepEqual(
        a.notices.filter((line) => line.startsWith('GROUP')),
        ['GROUP "VG" BACKUP 0', 'GROUP "VG" MASTER 0'],
      );
    });

    it('is handed over as a whole by any of its names', async () => {
      const handed = a.director.handover('in');
      clock.advance(10_000);
      await handed;
      assert.deepEqual(states(b), ['in MASTER', 'out MASTER']);
      assert.deepEqual(states(a), ['in BACKUP', 'out BACKUP']);
    });
  });

  describe('a reload', () => {
    beforeEach(() => {
      pair();
      clock.advance(10_000);
      wire.trace.length = 0;
    });

    it('keeps a master, which adverts at once', () => {
      a.start(vrrpConfig([instance({ priority: 200 })]));
      clock.advance(1);
      assert.deepEqual(states(a), ['VI_1 MASTER']);
      assert.match(wire.trace.join('\n'), /VI_1 advert 200/);
      assert.ok(!wire.trace.some((line) => /release/.test(line)));
    });

    it('announces what it adds to a master, for that may have been another host’s; one that adds nothing is quiet', () => {
      const announced = () => wire.trace.filter((line) => line.endsWith('a VI_1 announces')).length;
      const of = (...addresses: string[]) => vrrpConfig([instance({ priority: 150, addresses })]);
      a.start(of('192.0.2.100'));
      assert.equal(announced(), 0);
      a.start(of('192.0.2.100', '192.0.2.101'));
      b.start(vrrpConfig([instance({ addresses: ['192.0.2.100', '192.0.2.101'] })]));
      assert.equal(announced(), 1);
      a.start(of('192.0.2.101'));
      assert.equal(announced(), 1);
      assert.ok(!wire.trace.some((line) => line.endsWith('b VI_1 announces')));
    });

    it('an instance that is gone hands over first', () => {
      a.start(vrrpConfig([]));
      for (let ms = 0; ms < 3000; ms += 1) {
        clock.advance(1);
        assert.ok(holders().length >= 1);
      }
      assert.deepEqual(holders(), ['b']);
      assert.equal(a.notices.at(-1), 'INSTANCE "VI_1" FAULT 150');
      assert.deepEqual(a.director.instances(), []);
    });

    const done = () => wire.trace.map((line) => line.replace(/^\S+ /, ''));
    const another = instance({ priority: 150, virtualRouterId: 52 });

    it('another VRID is another virtual router: a master goes on as that, and lets go of nothing', () => {
      a.start(vrrpConfig([another]));
      assert.deepEqual(done(), ['a VI_1 announces', 'a VI_1 advert 150']);
      assert.deepEqual(states(a), ['VI_1 MASTER']);
      assert.match(a.log.at(-1) ?? '', /INIT → MASTER: goes on for the virtual router it was/);
      // The peer has 3.6 s to be reloaded as well before it misses the old virtual router.
      clock.advance(1500);
      b.start(vrrpConfig([instance({ virtualRouterId: 52 })]));
      clock.advance(10_000);
      assert.deepEqual([states(a), states(b), holders()], [['VI_1 MASTER'], ['VI_1 BACKUP'], ['a']]);
      assert.ok(!done().some((what) => what.includes('release')), done().join('\n'));
    });

    it('a backup of another VRID waits for its master', () => {
      b.start(vrrpConfig([instance({ virtualRouterId: 52 })]));
      assert.deepEqual(states(b), ['VI_1 BACKUP']);
    });

    it('an instance of another name is the same virtual router', () => {
      a.start(vrrpConfig([instance({ priority: 150, name: 'web' })]));
      clock.advance(10_000);
      assert.deepEqual([states(a), states(b)], [['web MASTER'], ['VI_1 BACKUP']]);
      assert.deepEqual(done().slice(0, 3), ['a web holds', 'a web announces', 'a web advert 150']);
      assert.deepEqual([holders('web'), holders()], [['a'], []]);
      assert.deepEqual(a.notices.slice(-2), ['INSTANCE "web" MASTER 150', 'INSTANCE "VI_1" FAULT 150']);
    });

    it('on a link that is down it hands over to its peer first', () => {
      a.underlay.downInterfaces.add('eth1');
      a.start(vrrpConfig([instance({ priority: 150, interface: 'eth1' })]));
      for (let ms = 0; ms < 3000; ms += 1) {
        clock.advance(1);
        assert.ok(holders().length >= 1, `nobody holds them ${ms} ms after the reload`);
      }
      assert.deepEqual([states(a), states(b), holders()], [['VI_1 FAULT'], ['VI_1 MASTER'], ['b']]);
    });
  });

  it('a hand-over outlives the process', async () => {
    pair();
    clock.advance(10_000);
    const handed = a.director.handover();
    clock.advance(2000);
    await handed;
    const saved = a.director.saved();
    assert.deepEqual(saved.yielded, ['VI_1']);
    a.director.leave();
    clock.advance(300);
    const again = host('a', '10.0.0.1', a.underlay);
    again.start(vrrpConfig([instance({ priority: 150, initialState: 'MASTER' })]), saved);
    clock.advance(20_000);
    assert.deepEqual([states(again), states(b)], [['VI_1 BACKUP'], ['VI_1 MASTER']]);
    void again.director.resume();
    assert.deepEqual(again.director.saved().yielded, []);
    clock.advance(5000);
    assert.deepEqual(states(again), ['VI_1 MASTER']);
  });

  it('a hand-over outlives a fault', async () => {
    pair();
    clock.advance(10_000);
    const handed = a.director.handover();
    clock.advance(2000);
    await handed;
    a.underlay.setLink('eth0', false);
    a.underlay.setLink('eth0', true);
    clock.advance(20_000);
    assert.deepEqual(states(a), ['VI_1 BACKUP']);
  });
});
