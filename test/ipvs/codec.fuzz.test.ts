/** Whatever bytes come in, the decoders answer or throw DecodeError; nothing else, and nothing is read beyond the end. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type Attributes,
  DecodeError,
  daemonReply,
  decodeReplies,
  destinationStatusReply,
  familyReply,
  infoReply,
  serviceStatusReply,
  timeoutsReply,
} from '../../src/ipvs/codec.js';
import * as datagrams from '../support/ipvs-datagrams.js';
import { SEED } from '../support/seed.js';

const READERS: readonly ((body: Attributes) => unknown)[] = [
  serviceStatusReply,
  (body) => destinationStatusReply(body, 'ipv4'),
  daemonReply,
  infoReply,
  timeoutsReply,
  familyReply,
];

const REAL = Object.values(datagrams);

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    assert.ok(error instanceof DecodeError, String(error instanceof Error ? error.stack : error));
    return undefined;
  }
}

function readEverything(datagram: Buffer): void {
  for (const reply of attempt(() => decodeReplies(datagram)) ?? []) {
    if (reply.kind !== 'data') continue;
    for (const read of READERS) attempt(() => read(reply.body));
  }
}

const bytes = (max: number) => fc.uint8Array({ maxLength: max }).map((array) => Buffer.from(array));

/** A real datagram with a few bytes changed, cut short or followed by others. */
const damaged = fc
  .tuple(fc.constantFrom(...REAL), fc.array(fc.tuple(fc.nat(1000), fc.nat(255)), { maxLength: 6 }), bytes(40))
  .chain(([real, edits, tail]) => {
    const all = Buffer.concat([real, tail]);
    for (const [at, value] of edits) all[at % all.length] = value;
    return fc.nat(all.length).map((length) => all.subarray(0, length));
  });

describe('IPVS replies from hostile bytes', () => {
  it(`are answered or refused (FUZZ_SEED=${SEED})`, () => {
    const sources = fc.oneof(damaged, bytes(200));
    fc.assert(fc.property(sources, readEverything), { numRuns: 5000 });
  });

  it(`are never read beyond their end (FUZZ_SEED=${SEED})`, () => {
    const sources = fc.tuple(damaged, bytes(64));
    fc.assert(
      fc.property(sources, ([datagram, beyond]) => {
        const inside = Buffer.concat([datagram, beyond]).subarray(0, datagram.length);
        const alone = Buffer.from(datagram);
        const read = (source: Buffer) =>
          (attempt(() => decodeReplies(source)) ?? []).map((reply) =>
            reply.kind === 'data' ? READERS.map((reader) => attempt(() => reader(reply.body))) : reply,
          );
        assert.deepEqual(read(inside), read(alone));
      }),
      { numRuns: 1000 },
    );
  });
});
