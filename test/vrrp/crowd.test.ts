/** One instance with adverts every 10 ms among many others that need time: nothing that befalls those makes it miss its beat. */
import assert from 'node:assert/strict';
import type { InstanceConfig, VrrpConfig } from '../../src/vrrp/config.js';
import { createDirector, type Director } from '../../src/vrrp/director.js';
import { fifoLine } from '../../src/vrrp/notify/notice.js';
import { encodeAdvert } from '../../src/vrrp/packets/packet.js';
import type { SavedVrrp } from '../../src/vrrp/saved.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { FakeUnderlay, FakeWire } from '../support/fake-underlay.js';
import { instance, vrrpConfig } from '../support/instances.js';
import { slowed } from '../support/slow-underlay.js';

const BEAT_MS = 10;
const MANY = 254;

const fast = instance({ name: 'FAST', virtualRouterId: 255, priority: 200, advertIntMs: BEAT_MS });

function many(change: Partial<InstanceConfig> = {}): readonly InstanceConfig[] {
  return Array.from({ length: MANY }, (_, i) =>
    instance({ name: `VI_${i + 1}`, virtualRouterId: i + 1, interface: 'eth1', ...change }),
  );
}

const GROUP = {
  name: 'VG',
  instances: many().map(({ name }) => name),
  track: { interfaces: [], scripts: [], files: [], processes: [], pools: [] },
  trackingWeight: false,
  notify: { sendDeleted: false, priorityChanges: false, smtpAlert: false, noEmailFaults: false },
};

function withMany(change?: Partial<InstanceConfig>, more?: Partial<VrrpConfig>): VrrpConfig {
  return vrrpConfig([fast, ...many(change)], more);
}

const grouped = withMany({}, { syncGroups: [GROUP] });

describe('vrrp/director with one fast instance among many', () => {
  let clock: FakeClock;
  let wire: FakeWire;
  let underlay: FakeUnderlay;
  let director: Director;
  let told: string[];
  /** The masters there were whenever something had changed. */
  let changes: SavedVrrp[];

  beforeEach(async () => {
    clock = createFakeClock();
    wire = new FakeWire(clock);
    underlay = new FakeUnderlay(wire, 'a', '10.0.0.1');
    [told, changes] = [[], []];
    director = begun();
    director.configure(vrrpConfig([fast]));
    await clock.advanceInTurns(1000);
    assert.deepEqual(states(), { MASTER: 1 });
  });

  function begun(): Director {
    const made = createDirector({
      clock,
      log: { info: () => {}, warn: () => {} },
      underlay: slowed(underlay, clock),
      read: () => undefined,
      notify: (notice) => void told.push(fifoLine(notice).trim()),
      onChange: () => void changes.push(made.saved()),
      onStage: () => {},
      onLate: () => {},
      bootNow: clock.now,
    });
    return made;
  }

  /** How many are in each state. */
  function states(): Record<string, number> {
    const found: Record<string, number> = {};
    for (const { state } of director.instances()) found[state] = (found[state] ?? 0) + 1;
    return found;
  }

  /** The longest silence of the fast one while this happens, and for so long after. */
  async function silence(what: () => void, forMs: number): Promise<number> {
    wire.trace.length = 0;
    const from = clock.now();
    what();
    await clock.advanceInTurns(forMs);
    const at = wire.trace
      .filter((line) => line.includes(' FAST advert '))
      .map((line) => Number(line.split(' ')[0]));
    const beats = [from, ...at, clock.now()];
    return Math.max(...beats.slice(1).map((each, i) => each - (beats[i] ?? 0)));
  }

  async function keepsItsBeat(what: () => void, forMs = 1000): Promise<void> {
    const ms = await silence(what, forMs);
    assert.ok(ms < 2 * BEAT_MS, `silent for ${ms} ms`);
  }

  const configure = (config: VrrpConfig) => () => director.configure(config);

  it('a reload that adds them', async () => {
    await keepsItsBeat(configure(withMany()));
    assert.deepEqual(states(), { MASTER: 1, BACKUP: MANY });
  });

  it('they become master', async () => {
    director.configure(withMany());
    await keepsItsBeat(() => {}, 6000);
    assert.deepEqual(states(), { MASTER: 1 + MANY });
  });

  it('a reload that changes all of them, and one that takes them out', async () => {
    director.configure(withMany());
    await clock.advanceInTurns(6000);
    await keepsItsBeat(configure(withMany({ priority: 120 })));
    assert.ok(
      director.instances().every(({ name, priority }) => name === 'FAST' || priority.configured === 120),
    );
    await keepsItsBeat(configure(vrrpConfig([fast])), 3000);
    assert.deepEqual(states(), { MASTER: 1 });
    assert.equal([...underlay.heldUntil.keys()].join(), 'FAST');
  });

  it('their sync group becomes master, loses its interface, and has it again', async () => {
    director.configure(grouped);
    await keepsItsBeat(() => {}, 6000);
    assert.deepEqual(states(), { MASTER: 1 + MANY });
    await keepsItsBeat(() => underlay.setLink('eth1', false));
    assert.deepEqual(states(), { MASTER: 1, FAULT: MANY });
    await keepsItsBeat(() => underlay.setLink('eth1', true), 6000);
    assert.deepEqual(states(), { MASTER: 1 + MANY });
    assert.deepEqual(
      told.filter((line) => line.startsWith('GROUP')).map((line) => line.split(' ')[2]),
      ['BACKUP', 'MASTER', 'FAULT', 'BACKUP', 'MASTER'],
    );
  });

  it('their sync group hands over, and takes that back', async () => {
    director.configure(grouped);
    await clock.advanceInTurns(6000);
    await keepsItsBeat(() => void director.handover('VI_1'));
    await keepsItsBeat(() => void director.resume('VI_1'));
  });

  it('a reload that changes nothing does nothing', async () => {
    director.configure(grouped);
    await clock.advanceInTurns(6000);
    const before = clock.now();
    wire.trace.length = 0;
    director.configure(grouped);
    assert.deepEqual([clock.now(), wire.trace], [before, []]);
    await keepsItsBeat(() => {}, 5000);
    assert.deepEqual(states(), { MASTER: 1 + MANY });
  });

  it('after a crash all of them go on as master, and nobody needs to learn anything', async () => {
    director.configure(withMany());
    await clock.advanceInTurns(6000);
    const saved = director.saved();
    director.leave();
    wire.trace.length = 0;
    director = begun();
    director.configure(withMany(), saved);
    await clock.advanceInTurns(900);
    assert.deepEqual(states(), { MASTER: 1 + MANY });
    assert.ok(!wire.trace.some((line) => line.includes('VI_254 announces')), 'it was thought to be late');
  });

  describe('while a reload is under way', () => {
    const others = many().map((each) => ({
      ...each,
      virtualRouterId: 255 - each.virtualRouterId,
      family: 'ipv6' as const,
    }));
    const renumbered = vrrpConfig([fast, ...others]);

    beforeEach(async () => {
      director.configure(withMany());
      await clock.advanceInTurns(6000);
      assert.deepEqual(states(), { MASTER: 1 + MANY });
      changes.length = 0;
    });

    it('who is master is told when it has ended, and a killed process finds who was before', async () => {
      director.configure(renumbered);
      let midway = 0;
      while (changes.length === 0) {
        assert.equal(director.saved().masters.length, 1 + MANY);
        midway += 1;
        await clock.advanceInTurns(1);
      }
      assert.ok(midway > 50, `${midway} looks`);
      assert.equal(changes.at(0)?.masters.length, 1 + MANY);
      assert.deepEqual(states(), { MASTER: 1 + MANY });
    });

    it('`settled` waits for its end', async () => {
      director.configure(renumbered);
      let settled = false;
      void director.settled().then(() => {
        settled = true;
      });
      await clock.advanceInTurns(0);
      assert.equal(settled, false);
      await clock.advanceInTurns(2000);
      assert.equal(settled, true);
    });

    it('another one follows it', async () => {
      director.configure(renumbered);
      director.configure(withMany({ priority: 110 }));
      director.configure(vrrpConfig([fast, instance({ name: 'LAST', virtualRouterId: 1 })]));
      await clock.advanceInTurns(5000);
      assert.deepEqual(
        director.instances().map(({ name }) => name),
        ['FAST', 'LAST'],
      );
      assert.equal(wire.plugs.size, 2);
    });

    it('a stop leaves nothing behind', async () => {
      director.configure(renumbered);
      const stopped = director.shutdown();
      await clock.advanceInTurns(3000);
      await stopped;
      assert.deepEqual([[...underlay.heldUntil.keys()], wire.plugs.size], [[], 0]);
    });
  });

  it('when a member hears of a master while its sync group becomes one, no other member follows', async () => {
    const holders = () => wire.trace.filter((line) => line.endsWith(' holds')).length;
    director.configure(grouped);
    while (!wire.trace.some((line) => line.includes('VI_9 holds'))) await clock.advanceInTurns(1);
    const before = holders();
    assert.ok(before < MANY, 'all became master in one turn');
    const peer = { ...fast, ...many().at(-1), priority: 250 };
    const last = [...wire.plugs].find((plug) => plug.instance === peer.name) ?? assert.fail();
    const envelope = { source: '10.0.0.9', destination: '224.0.0.18', ttl: 255 };
    last.upcalls.receive(encodeAdvert(peer, peer.priority, envelope.source, envelope.destination), envelope);
    await clock.advanceInTurns(2000);
    assert.equal(holders(), before);
    assert.equal(states().MASTER, 1);
    assert.ok(!told.some((line) => line.startsWith('GROUP') && line.includes('MASTER')));
  });
});
