/** A million packets of a hostile neighbour: nothing is thrown, each is dropped for a reason that is true of it, in bounded time. */
import assert from 'node:assert/strict';
import { DROP_REASONS, type DropReason } from '../../../src/vrrp/packets/drop-reasons.js';
import { splitIpv4 } from '../../../src/vrrp/packets/ip-header.js';
import { type Receiver, receiveAdvert } from '../../../src/vrrp/packets/receive.js';
import { CAPTURED } from '../../support/advert-bytes.js';
import { faultsOf, goodPacket, spoiled } from '../../support/hostile.js';
import { type HostileRouter, hostileRouters } from '../../support/hostile-routers.js';
import { createRandom, junk } from '../../support/random.js';
import { SEED } from '../../support/seed.js';

/** Whatever the addresses and the version: what a look at the header tells. */
const OF_THE_HEADER: readonly DropReason[] = ['invalid_type_rcvd', 'packet_len_err', 'vers_err', 'vrid_err'];

describe(`hostile packets (FUZZ_SEED=${SEED})`, () => {
  const next = createRandom(SEED);
  const reachedByAny = new Set<DropReason>();
  const receivers: Receiver[] = CAPTURED.map(({ sender }) => ({ ...sender, skipCheckAdvAddr: false }));

  it('half a million random payloads: every one is dropped, for each reason of the header, but for chance checksums', () => {
    const reasons = new Set<DropReason>();
    let believed = 0;
    for (let i = 0; i < 500_000; i++) {
      const which = i % CAPTURED.length;
      const { source, destination, ttl } = CAPTURED[which] as (typeof CAPTURED)[number];
      const receiver = receivers[which] as Receiver;
      const received = receiveAdvert(receiver, junk(next, 60), { source, destination, ttl });
      if (received.kind === 'drop') reasons.add(received.reason);
      else believed += 1;
    }
    assert.ok(believed <= 2, `${believed} random packets believed`);
    reasons.delete('chk_err');
    assert.deepEqual([...reasons].sort(), OF_THE_HEADER);
  });

  it('half a million real packets with bytes changed, cut or added: a changed one is never believed as it was not sent', () => {
    const reasons = new Set<DropReason>();
    const scratch = new Uint8Array(64);
    for (let i = 0; i < 500_000; i++) {
      const captured = CAPTURED[i % CAPTURED.length];
      if (captured === undefined) continue;
      const original = payloads[i % CAPTURED.length] as Uint8Array;
      const { source, destination, ttl } = captured;
      const length = next() < 0.2 ? Math.floor(next() * 64) : original.length;
      scratch.fill(0);
      scratch.set(original);
      const offset = Math.floor(next() * Math.max(1, length));
      const flip = 1 + Math.floor(next() * 255);
      scratch[offset] = (scratch[offset] ?? 0) ^ flip;
      const receiver = receivers[i % receivers.length] as Receiver;
      const received = receiveAdvert(receiver, scratch.subarray(0, length), { source, destination, ttl });
      // One changed byte is always seen by a 16-bit sum.
      if (received.kind === 'advert')
        assert.fail(`offset ${offset} xor ${flip}, length ${length} of ${captured.name}`);
      reasons.add(received.reason);
    }
    assert.deepEqual([...reasons].sort(), ['chk_err', ...OF_THE_HEADER]);
  });

  for (const router of hostileRouters(2)) {
    it(`${router.config.name}: a packet is believed when nothing is wrong with it, and else dropped for something that is`, () => {
      const reached = new Set<DropReason>();
      for (let i = 0; i < 20_000; i++) reached.add(tryFaults(router));
      for (const reason of reached) reachedByAny.add(reason);
      const possible = new Set(faultsOf(receiverOf(router), router.stranger).map(({ reason }) => reason));
      assert.deepEqual([...reached].sort(), [...possible].sort());
    });
  }

  it('so every reason is reached, but for that of a packet without a whole IPv4 header', () => {
    const wanted = DROP_REASONS.filter((reason) => reason !== 'ip_header_err');
    assert.deepEqual([...reachedByAny].sort(), wanted.sort());
  });

  /** Some faults of all there are: the reason it was dropped for. */
  function tryFaults(router: HostileRouter): DropReason {
    const receiver = receiverOf(router);
    const priority = Math.floor(next() * 256);
    const good = goodPacket(receiver, router.peer, priority);
    for (;;) {
      const faults = faultsOf(receiver, router.stranger).filter(() => next() < 0.15);
      const { payload, ...envelope } = spoiled(receiver, good, faults);
      const received = receiveAdvert(receiver, payload, envelope);
      const reasons = faults.map(({ reason }) => reason);
      if (received.kind === 'drop') {
        assert.ok(reasons.includes(received.reason), `${received.reason}, where there is ${reasons}`);
        return received.reason;
      }
      assert.deepEqual(reasons, [], 'believed');
      assert.equal(received.advert.priority, priority);
    }
  }

  it('random IPv4 packets never give a payload outside themselves', () => {
    const scratch = new Uint8Array(64);
    for (let i = 0; i < 100_000; i++) {
      const length = Math.floor(next() * 64);
      for (let at = 0; at < length; at++) scratch[at] = next() * 256;
      scratch[0] = 0x40 | (next() * 16);
      scratch[9] = 112;
      scratch[2] = 0;
      scratch[6] = 0;
      scratch[7] = 0;
      const split = splitIpv4(scratch.subarray(0, length));
      assert.ok(split === undefined || split.payload.length <= length - 20);
    }
  });
});

const payloads = CAPTURED.map(({ payload }) => new Uint8Array(Buffer.from(payload, 'hex')));

function receiverOf({ config, primaryAddress }: HostileRouter): Receiver {
  return { ...config, primaryAddress };
}
