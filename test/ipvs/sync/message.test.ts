import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeMessages, type SyncEntry } from '../../../src/ipvs/sync/message.js';
import { SEED } from '../../support/seed.js';
import { readMessage } from '../../support/sync-messages.js';

const entry: SyncEntry = {
  protocol: 6,
  clientAddress: Uint8Array.of(10, 0, 0, 1),
  clientPort: 0xc350,
  virtualAddress: Uint8Array.of(10, 0, 0, 100),
  virtualPort: 80,
  realAddress: Uint8Array.of(10, 0, 0, 11),
  realPort: 8080,
  flags: 0x183,
  state: 4,
  fwmark: 5,
  timeoutS: 119,
};

const address = (bytes: number) => fc.uint8Array({ minLength: bytes, maxLength: bytes });
const port = fc.nat(0xffff);
const word = fc.nat(0xffffffff);
const entries: fc.Arbitrary<SyncEntry> = fc.constantFrom(4, 16).chain((width) =>
  fc.record(
    {
      protocol: fc.nat(255),
      clientAddress: address(width),
      clientPort: port,
      virtualAddress: address(width),
      virtualPort: port,
      realAddress: address(width),
      realPort: port,
      flags: word,
      state: port,
      fwmark: word,
      timeoutS: word,
    },
    { noNullPrototype: true },
  ),
);

describe('a message of the connection synchronisation', () => {
  it('has each field where the kernel reads it', () => {
    const [message, ...others] = encodeMessages([entry], { syncId: 51, maxLength: 1200 });
    assert.deepEqual(others, []);
    const expected = [
      '00 33 002c 01 01 0000',
      '00 06 0024 00000183 0004 c350 0050 1f90 00000005 00000077 0a000001 0a000064 0a00000b',
    ];
    assert.equal(Buffer.from(message ?? []).toString('hex'), expected.join('').replaceAll(' ', ''));
  });

  it('marks IPv6, whose connections take 72 bytes', () => {
    const v6 = {
      clientAddress: new Uint8Array(16).fill(1),
      virtualAddress: new Uint8Array(16).fill(2),
      realAddress: new Uint8Array(16).fill(3),
    };
    const [message] = encodeMessages([{ ...entry, ...v6 }], { syncId: 0, maxLength: 1200 });
    const hex = Buffer.from(message ?? []).toString('hex');
    assert.ok(hex.startsWith('0000005001010000' + '01060048'), hex);
    assert.ok(hex.endsWith('01'.repeat(16) + '02'.repeat(16) + '03'.repeat(16)), hex);
  });

  it('holds as many connections as its length allows, and 255 at most', () => {
    const many = Array.from({ length: 300 }, () => entry);
    const counts = (maxLength: number) =>
      encodeMessages(many, { syncId: 1, maxLength }).map((message) => message[4]);
    assert.deepEqual(counts(1200).slice(0, 2), [33, 33]);
    assert.deepEqual(counts(1195).slice(0, 2), [32, 32]);
    assert.deepEqual(counts(65_507), [255, 45]);
  });

  it('is none when there is nothing to say', () => {
    assert.deepEqual(encodeMessages([], { syncId: 1, maxLength: 1200 }), []);
  });

  it(`says all of it, in order, within its length (FUZZ_SEED=${SEED})`, () => {
    const property = fc.property(
      fc.array(entries, { maxLength: 60 }),
      fc.nat(255),
      fc.integer({ min: 80, max: 9000 }),
      (all, syncId, maxLength) => {
        const messages = encodeMessages(all, { syncId, maxLength });
        assert.ok(messages.every(({ length }) => length <= maxLength));
        const read = messages.map(readMessage);
        assert.deepEqual(
          read.flatMap((message) => message.entries),
          all,
        );
        assert.ok(read.every((message) => message.syncId === syncId));
      },
    );
    fc.assert(property, { numRuns: 300 });
  });
});
