/** What the operator tells a director to do, and what the command is answered: in simulated time. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { createFakeDirector, type FakeDirector } from '../support/fake-directors.js';
import { FakeWire } from '../support/fake-underlay.js';
import { instance, vrrpConfig } from '../support/instances.js';

describe('vrrp/commands', () => {
  let clock: FakeClock;
  let a: FakeDirector;
  let b: FakeDirector;
  beforeEach(() => {
    clock = createFakeClock();
    const lan = { clock, wire: new FakeWire(clock) };
    a = createFakeDirector(lan, 'a', '10.0.0.1');
    b = createFakeDirector(lan, 'b', '10.0.0.2');
  });

  const better = (change: Partial<InstanceConfig> = {}) =>
    vrrpConfig([instance({ priority: 150, ...change })]);
  const worse = (change: Partial<InstanceConfig> = {}) => vrrpConfig([instance(change)]);

  /** A command with what it was answered, as `INSTANCE STATE TEXT` of each; undefined until it is. */
  function told(command: Promise<readonly { instance: string; state: string; text: string }[]>) {
    const answer: { lines: readonly string[] | undefined } = { lines: undefined };
    void command.then((results) => {
      answer.lines = results.map(({ instance: name, state, text }) => `${name} ${state} ${text}`);
    });
    return answer;
  }

  /** Whoever was answered by now knows it. */
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  describe('a hand-over beside one that runs', () => {
    it('is answered with it, and that this director still has the addresses where nobody took them', async () => {
      a.director.configure(better());
      clock.advance(10_000);
      const first = told(a.director.handover());
      clock.advance(100);
      const second = told(a.director.handover());
      clock.advance(1000);
      await settled();
      assert.deepEqual([first.lines, second.lines], [undefined, undefined], 'neither has ended');
      clock.advance(5000);
      await settled();
      const stays = ['VI_1 MASTER no peer took over'];
      assert.deepEqual([first.lines, second.lines], [stays, stays]);
    });

    it('is answered with who took over', async () => {
      a.director.configure(better());
      b.director.configure(worse());
      clock.advance(10_000);
      const first = told(a.director.handover());
      clock.advance(100);
      const second = told(a.director.handover('VI_1'));
      clock.advance(2000);
      await settled();
      const moved = ['VI_1 BACKUP 10.0.0.2 (priority 100) took over'];
      assert.deepEqual([first.lines, second.lines], [moved, moved]);
    });

    it('counts although it was begun for another reason: no preemption afterwards', async () => {
      a.director.configure(better());
      b.director.configure(worse());
      clock.advance(10_000);
      a.director.setUnfit(true);
      const given = told(a.director.handover());
      clock.advance(2000);
      await settled();
      assert.deepEqual(given.lines, ['VI_1 BACKUP 10.0.0.2 (priority 100) took over']);
      a.director.setUnfit(false);
      clock.advance(20_000);
      assert.deepEqual([a.states(), b.states()], [['VI_1 BACKUP'], ['VI_1 MASTER']]);
      void a.director.resume();
      clock.advance(5000);
      assert.deepEqual(a.states(), ['VI_1 MASTER']);
    });
  });

  describe('a hand-over of what is not master', () => {
    /** Somebody is master, and this director has been there for so long when it is told. */
    function handOverAfter(ms: number, change: Partial<InstanceConfig> = {}): ReturnType<typeof told> {
      clock.advance(10_000);
      a.director.configure(better(change));
      clock.advance(ms);
      return told(a.director.handover());
    }

    for (const ms of [10, 1500, 3000, 3410])
      it(`preempts nobody, told ${ms} ms after the start, until it is taken back`, async () => {
        b.director.configure(worse());
        const given = handOverAfter(ms);
        await settled();
        assert.deepEqual(given.lines, [
          'VI_1 BACKUP was not master (startup): preempts nobody until lvsd handover --back',
        ]);
        assert.deepEqual(a.director.saved().yielded, ['VI_1'], 'for the next process too');
        clock.advance(20_000);
        assert.deepEqual([a.states(), b.states()], [['VI_1 BACKUP'], ['VI_1 MASTER']]);
        void a.director.resume();
        clock.advance(5000);
        assert.deepEqual([a.states(), b.states()], [['VI_1 MASTER'], ['VI_1 BACKUP']]);
      });

    it('waits for the next advert of a master of a longer interval, though it is later than its own would be', () => {
      b.director.configure(worse({ advertIntMs: 10_000 }));
      clock.advance(35_000);
      handOverAfter(1500);
      assert.equal(a.director.instances()[0]?.master?.advertIntMs, 10_000, 'it has heard it');
      clock.advance(20_000);
      assert.deepEqual([a.states(), b.states()], [['VI_1 BACKUP'], ['VI_1 MASTER']]);
    });

    it('of one that is to start as MASTER waits for the whole silence of a master not heard yet', () => {
      b.director.configure(worse());
      clock.advance(10_000);
      b.underlay.cut = true;
      handOverAfter(10, { initialState: 'MASTER' });
      clock.advance(600);
      b.underlay.cut = false;
      clock.advance(20_000);
      assert.deepEqual([a.states(), b.states()], [['VI_1 BACKUP'], ['VI_1 MASTER']]);
    });

    it('takes over all the same when there is no other master, and that is the end of it', () => {
      handOverAfter(1500);
      clock.advance(2500);
      assert.deepEqual([a.states(), a.director.saved().yielded], [['VI_1 MASTER'], []]);
    });

    it('takes over when the master falls silent', () => {
      b.director.configure(worse());
      handOverAfter(1500);
      clock.advance(20_000);
      b.underlay.cut = true;
      clock.advance(5000);
      assert.deepEqual([a.states(), a.director.saved().yielded], [['VI_1 MASTER'], []]);
    });

    it('in FAULT is remembered beyond it', async () => {
      b.director.configure(worse());
      a.underlay.setLink('eth0', false);
      const given = handOverAfter(1500);
      await settled();
      assert.deepEqual(given.lines, [
        'VI_1 FAULT was not master (interface eth0 is down): preempts nobody until lvsd handover --back',
      ]);
      a.underlay.setLink('eth0', true);
      clock.advance(20_000);
      assert.deepEqual([a.states(), b.states()], [['VI_1 BACKUP'], ['VI_1 MASTER']]);
    });

    it('that waits for its trackers is remembered until it has started, and after', async () => {
      const scripts = [{ name: 'web', weight: 0, reverse: false }];
      const track = { interfaces: [], scripts, files: [], processes: [], pools: [] };
      b.director.configure(worse());
      const given = handOverAfter(1500, { track });
      await settled();
      assert.deepEqual(given.lines, [
        'VI_1 INIT was not master (not started yet): preempts nobody until lvsd handover --back',
      ]);
      a.readings.set('script web', true);
      a.director.assess();
      clock.advance(20_000);
      assert.deepEqual([a.states(), a.director.saved().yielded], [['VI_1 BACKUP'], ['VI_1']]);
    });
  });

  describe('of a sync group that is not master', () => {
    const track = { interfaces: [], scripts: [], files: [], processes: [], pools: [] };
    const group = {
      name: 'VG',
      instances: ['in', 'out'],
      track,
      trackingWeight: false,
      notify: { sendDeleted: false, priorityChanges: false, smtpAlert: false, noEmailFaults: false },
    };
    const inner = { name: 'in', interface: 'eth0', virtualRouterId: 1 };
    const outer = { name: 'out', interface: 'eth1', virtualRouterId: 2, addresses: ['192.0.2.9'] };
    const grouped = (priority: number, outerIntMs = 1000) =>
      vrrpConfig(
        [instance({ ...inner, priority }), instance({ ...outer, priority, advertIntMs: outerIntMs })],
        { syncGroups: [group] },
      );

    it('a hand-over by any of its names keeps all of it backup, until it is taken back by any', async () => {
      b.director.configure(grouped(100));
      clock.advance(10_000);
      a.director.configure(grouped(150));
      clock.advance(1500);
      const given = told(a.director.handover('in'));
      await settled();
      assert.deepEqual(
        given.lines?.map((line) => line.replace(/ was.*/, '')),
        ['in BACKUP', 'out BACKUP'],
      );
      clock.advance(20_000);
      assert.deepEqual(a.states(), ['in BACKUP', 'out BACKUP']);
      assert.deepEqual(b.states(), ['in MASTER', 'out MASTER']);
      void a.director.resume('out');
      clock.advance(5000);
      assert.deepEqual(a.states(), ['in MASTER', 'out MASTER']);
    });

    for (const ms of [3000, 4500, 5500, 6000, 6500, 6800])
      it(`a member that waits for the other to preempt with it no longer does, told ${ms} ms after the start`, () => {
        b.director.configure(vrrpConfig([instance(inner)]));
        clock.advance(10_000);
        // The outer one has no master, and takes 6.8 s to find that out.
        a.director.configure(grouped(150, 2000));
        clock.advance(ms);
        void a.director.handover('out');
        clock.advance(30_000);
        assert.deepEqual([a.states(), b.states()], [['in BACKUP', 'out BACKUP'], ['in MASTER']]);
        void a.director.resume('in');
        clock.advance(10_000);
        assert.deepEqual([a.states(), b.states()], [['in MASTER', 'out MASTER'], ['in BACKUP']]);
      });
  });

  describe('a hand-over', () => {
    const isHandedOver = () => a.director.instances().map(({ handedOver }) => handedOver);
    const takenBack = async () => (await a.director.resume()).map(({ state, text }) => `${state} ${text}`);

    it('is in status from the command on until it is taken back, which says that it was', async () => {
      a.director.configure(better());
      b.director.configure(worse());
      clock.advance(10_000);
      assert.deepEqual([isHandedOver(), await takenBack()], [[false], ['MASTER was not handed over']]);
      void a.director.handover();
      assert.deepEqual(isHandedOver(), [true]);
      clock.advance(2000);
      assert.deepEqual([isHandedOver(), a.states()], [[true], ['VI_1 BACKUP']]);
      assert.deepEqual(await takenBack(), ['BACKUP taken back: priorities decide again']);
      assert.deepEqual([isHandedOver(), await takenBack()], [[false], ['BACKUP was not handed over']]);
    });

    it('is in status and can be taken back while the instance waits to start, and in FAULT', async () => {
      const { process } = vrrpConfig([]);
      a.director.configure(vrrpConfig([instance()], { process: { ...process, startupDelayMs: 5000 } }));
      void a.director.handover();
      assert.deepEqual([a.states(), isHandedOver()], [['VI_1 INIT'], [true]]);
      assert.deepEqual(await takenBack(), ['INIT taken back: priorities decide again']);
      assert.deepEqual(isHandedOver(), [false]);
      clock.advance(10_000);
      a.underlay.setLink('eth0', false);
      void a.director.handover();
      assert.deepEqual([a.states(), isHandedOver()], [['VI_1 FAULT'], [true]]);
      assert.deepEqual(await takenBack(), ['FAULT taken back: priorities decide again']);
    });

    it('is over with an instance that a reload takes out, also where it has not started', async () => {
      const { process } = vrrpConfig([]);
      const delayed = { process: { ...process, startupDelayMs: 5000 } };
      a.director.configure(vrrpConfig([instance()], delayed));
      void a.director.handover();
      a.director.configure(vrrpConfig([], delayed));
      a.director.configure(vrrpConfig([instance()], delayed));
      assert.deepEqual([a.states(), isHandedOver()], [['VI_1 INIT'], [false]]);
    });

    it('that is taken back where some were not handed over names those', async () => {
      const other = instance({ name: 'other', virtualRouterId: 52, addresses: ['192.0.2.9'] });
      b.director.configure(vrrpConfig([instance(), other]));
      clock.advance(10_000);
      a.director.configure(vrrpConfig([instance(), other]));
      clock.advance(10_000);
      void a.director.handover('other');
      assert.deepEqual(await takenBack(), [
        'BACKUP was not handed over',
        'BACKUP taken back: priorities decide again',
      ]);
    });

    it('is in status no more where it ended with this director master', async () => {
      a.director.configure(better());
      clock.advance(10_000);
      void a.director.handover();
      clock.advance(10_000);
      assert.deepEqual([isHandedOver(), await takenBack()], [[false], ['MASTER was not handed over']]);
    });
  });
});
