import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeEvents } from '../../../src/net/route/events.js';
import {
  decodeAnswer,
  decodeAttributes,
  decodeReplies,
  encodeBody,
  encodeRequests,
  numberOf,
  text,
  textOf,
  u8,
  u16,
  u32,
} from '../../../src/net/route/message.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const bytes = (...parts: string[]) => Buffer.from(parts.join(''), 'hex');

describe('net/route/message', () => {
  it('a body is a struct and attributes, each padded to four bytes; those without a value are left out', () => {
    const body = encodeBody(Uint8Array.of(2, 0, 0, 0), [
      [1, u8(7)],
      [2, undefined],
      [3, text('eth0')],
    ]);
    assert.equal(hex(body), ['02000000', '0500010007000000', '0900030065746830', '00000000'].join(''));
  });

  it('requests are numbered one after the other, each with its length, type and flags', () => {
    const request = { type: 20, flags: 0x105, body: u32(1) };
    const sent = encodeRequests([request, { ...request, type: 21 }], 9);
    const header = (type: string, seq: string) => `14000000${type}000501${seq}00000000000000`;
    assert.equal(hex(sent), `${header('14', '09')}01000000${header('15', '0a')}01000000`);
  });

  it('an error is told with the words of the kernel, an acknowledgement is 0', () => {
    const request = '2000000014000506' + '09000000' + '00000000';
    const words = `1c000100${Buffer.from('ipv4: Address not found\0').toString('hex')}`;
    const [refused] = decodeReplies(
      bytes('40000000', '02000002', '09000000', '00000000', '9dffffff', request, words),
    );
    assert.deepEqual(refused && decodeAnswer(refused), { result: -99, reason: 'ipv4: Address not found' });
    const [done] = decodeReplies(bytes('24000000', '02000001', '09000000', '00000000', '00000000', request));
    assert.deepEqual(done && decodeAnswer(done), { result: 0, reason: '' });
    assert.equal(done && decodeAnswer({ ...done, type: 20 }), undefined);
  });

  it('numbers are of 1, 2 or 4 bytes, texts end at their NUL', () => {
    assert.deepEqual(
      [u8(200), u16(50_000), u32(3_000_000_000)].map((value) => numberOf(Buffer.from(value))),
      [200, 50_000, 3_000_000_000],
    );
    assert.deepEqual(
      [numberOf(undefined), numberOf(Buffer.alloc(8)), numberOf(Buffer.alloc(0))],
      [undefined, undefined, undefined],
    );
    assert.deepEqual(
      [textOf(text('eth0')), textOf(Buffer.from('eth0')), textOf(Buffer.from('a\0b'))],
      ['eth0', 'eth0', 'a'],
    );
  });

  it('attributes come by type', () => {
    const found = decodeAttributes(bytes('0500010007000000', '0800020001000000'));
    assert.deepEqual(
      [...found].map(([type, value]) => [type, hex(value)]),
      [
        [1, '07'],
        [2, '01000000'],
      ],
    );
  });

  it('events that cannot be read count as lost; nothing is thrown', () => {
    assert.deepEqual(decodeEvents(Buffer.from('nonsense, and not netlink'), []), [{ kind: 'overrun' }]);
    fc.assert(
      fc.property(fc.constantFrom(16, 20, 24, 32), fc.uint8Array({ maxLength: 80 }), (type, body) => {
        const message = encodeRequests([{ type, flags: 0, body }], 1);
        decodeEvents(Buffer.concat([message, Buffer.alloc(-message.length & 3)]), []);
      }),
    );
  });
});
