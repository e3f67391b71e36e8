/** A million packets of a hostile neighbour: nothing is thrown, nothing is believed that should not be, in bounded time. */
import assert from 'node:assert/strict';
import { DROP_REASONS } from '../../src/vrrp/drop-reasons.js';
import { splitIpv4 } from '../../src/vrrp/ip-header.js';
import { type Receiver, receiveAdvert } from '../../src/vrrp/receive.js';
import { CAPTURED } from '../support/advert-bytes.js';

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 1_000_000);

/** mulberry32 */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const envelope = { source: '192.0.2.1', destination: '224.0.0.18', ttl: 255 };

describe(`hostile packets (FUZZ_SEED=${SEED})`, () => {
  const next = random(SEED);
  const scratch = new Uint8Array(64);
  const receivers: Receiver[] = CAPTURED.map(({ sender }) => ({ ...sender, skipCheckAdvAddr: false }));

  it('half a million random payloads: every one is dropped for a named reason, but for chance checksums', function () {
    this.timeout(10_000);
    const reasons = new Set<string>();
    let believed = 0;
    for (let i = 0; i < 500_000; i++) {
      const length = Math.floor(next() * 60);
      for (let at = 0; at < length; at += 4) {
        const value = next() * 2 ** 32;
        scratch[at] = value;
        scratch[at + 1] = value >>> 8;
        scratch[at + 2] = value >>> 16;
        scratch[at + 3] = value >>> 24;
      }
      const receiver = receivers[i % receivers.length] as Receiver;
      const received = receiveAdvert(receiver, scratch.subarray(0, length), envelope);
      if (received.kind === 'drop') reasons.add(received.reason);
      else believed += 1;
    }
    assert.ok(believed <= 2, `${believed} random packets believed`);
    assert.deepEqual(
      [...reasons].filter((reason) => !(DROP_REASONS as readonly string[]).includes(reason)),
      [],
    );
  });

  it('half a million real packets with bytes changed, cut or added: a changed one is never believed as it was not sent', function () {
    this.timeout(10_000);
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
      assert.equal(
        received.kind,
        'drop',
        `offset ${offset} xor ${flip}, length ${length} of ${captured.name}`,
      );
    }
  });

  it('random IPv4 packets never give a payload outside themselves', () => {
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
