/** Two directors whose neighbour floods them: what they do is, line by line and at its time, what they do in peace. */
import assert from 'node:assert/strict';
import { createDirector } from '../../src/vrrp/director.js';
import { fifoLine } from '../../src/vrrp/notify/notice.js';
import type { DropReason } from '../../src/vrrp/packets/drop-reasons.js';
import { receiveAdvert } from '../../src/vrrp/packets/receive.js';
import { createFakeClock } from '../support/fake-clock.js';
import { FakeUnderlay, FakeWire } from '../support/fake-underlay.js';
import { faultsOf, goodPacket, type Packet, spoiled, Tally } from '../support/hostile.js';
import { type HostileRouter, hostileRouters } from '../support/hostile-routers.js';
import { vrrpConfig } from '../support/instances.js';
import { createRandom, junk, type Random } from '../support/random.js';
import { SEED } from '../support/seed.js';

const SECONDS = 10;
const PACKETS_A_MS = 100;

type Hostile = Packet & { readonly reason: DropReason };
type Outcome = {
  /** Adverts, addresses and announcements of both, with their times. */
  readonly trace: readonly string[];
  readonly notices: readonly string[];
  /** Of each instance of each director, by its interface. */
  readonly drops: Tally['counts'];
};

describe(`directors under a flood (FUZZ_SEED=${SEED})`, () => {
  it('a million hostile packets in ten seconds change nothing, and each is counted by its reason', () => {
    const peace = run(() => {});
    const neighbour = createNeighbour(createRandom(SEED));
    const war = run(neighbour.send);
    assert.deepEqual(war.trace, peace.trace);
    assert.deepEqual(war.notices, peace.notices);
    const adverts = peace.trace.filter((line) => line.includes(' advert 150'));
    assert.equal(adverts.length, hostileRouters(1).length * SECONDS);
    assert.deepEqual(war.drops, neighbour.sent);
  });
});

function run(everyMs: (wire: FakeWire) => void): Outcome {
  const clock = createFakeClock();
  const wire = new FakeWire(clock);
  const notices: string[] = [];
  const directors = ([1, 2] as const).map((number) => {
    const director = createDirector({
      clock,
      log: { info: () => {}, warn: () => {} },
      underlay: new FakeUnderlay(wire, String(number), ''),
      read: () => undefined,
      notify: (notice) => void notices.push(`${clock.now()} ${number} ${fifoLine(notice)}`),
      onChange: () => {},
      onStage: () => {},
      onLate: () => {},
      bootNow: clock.now,
    });
    const priority = number === 1 ? 150 : 100;
    director.configure(vrrpConfig(hostileRouters(number).map(({ config }) => ({ ...config, priority }))));
    return director;
  });
  clock.advance(10_000);
  wire.trace.length = 0;
  for (let ms = 0; ms < SECONDS * 1000; ms += 1) {
    clock.advance(1);
    everyMs(wire);
  }
  const drops = directors.flatMap((director, i) =>
    director.instances().map(({ counts }, j) => [`${i + 1} eth${j}`, counts.drops] as const),
  );
  return { trace: wire.trace, notices, drops: Object.fromEntries(drops) };
}

/** Sends to every instance of both directors, and keeps count. */
function createNeighbour(random: Random) {
  const sent = new Tally();
  const packets = new Map<string, readonly Hostile[]>();
  for (const number of [1, 2] as const) {
    for (const router of hostileRouters(number)) {
      packets.set(`${number} ${router.config.interface}`, hostilePackets(router, random));
    }
  }
  const send = ({ plugs }: FakeWire): void => {
    const all = [...plugs];
    for (let i = 0; i < PACKETS_A_MS; i += 1) {
      const { owner, interface: on, upcalls } = pick(all, random);
      const key = `${owner.name} ${on}`;
      const { payload, reason, ...envelope } = pick(packets.get(key) ?? [], random);
      upcalls.receive(payload, envelope);
      sent.add(key, reason);
    }
  };
  return { send, sent: sent.counts };
}

/** Junk, and adverts with a fault or more. */
function hostilePackets(router: HostileRouter, random: Random): readonly Hostile[] {
  const receiver = { ...router.config, primaryAddress: router.primaryAddress };
  const good = goodPacket(receiver, router.peer);
  const faults = faultsOf(receiver, router.stranger);
  const faulty = () => {
    const first = pick(faults, random);
    return spoiled(
      receiver,
      good,
      faults.filter((fault) => fault === first || random() < 0.1),
    );
  };
  return Array.from({ length: 1000 }, (_, i) =>
    i % 2 === 0 ? { ...good, payload: junk(random, 60) } : faulty(),
  ).map((packet) => {
    const received = receiveAdvert(receiver, packet.payload, packet);
    assert.ok(received.kind === 'drop', 'nothing of this is to be believed');
    return { ...packet, reason: received.reason };
  });
}

function pick<T>(from: readonly T[], random: Random): T {
  return from[Math.floor(random() * from.length)] as T;
}
