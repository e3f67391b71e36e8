import assert from 'node:assert/strict';
import fc from 'fast-check';
import { checksum, pseudoHeaderSum } from '../../src/net/checksum.js';

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

describe('net/checksum', () => {
  it('RFC 1071 §3: 00 01 f2 03 f4 f5 f6 f7 sums to ddf2', () => {
    assert.equal(checksum(hex('0001f203f4f5f6f7')), ~0xddf2 & 0xffff);
  });

  it('is 0 over a real IPv4 header', () => {
    assert.equal(checksum(hex('45c0002000010000ff701899c0000201e0000012')), 0);
  });

  it('pads an odd last byte with zero', () => {
    assert.equal(checksum(hex('0102ff')), checksum(hex('0102ff00')));
  });

  it('of nothing is ffff, and of all ones 0', () => {
    assert.equal(checksum(new Uint8Array()), 0xffff);
    assert.equal(checksum(hex('ffffffff')), 0);
  });

  it('a pseudo header is summed as if its bytes stood before (RFC 8200 §8.1)', () => {
    const source = hex('fe80000000000000000000fffe00000a');
    const destination = hex('ff020000000000000000000000000012');
    const payload = hex('313d9a02006400001234');
    const laidOut = Buffer.concat([source, destination, hex('0000000a'), hex('00000070'), payload]);
    assert.equal(checksum(payload, pseudoHeaderSum(source, destination, 112, 10)), checksum(laidOut));
  });

  it('data with its checksum put in checks out, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 2, maxLength: 2000 }), (bytes) => {
        bytes.set([0, 0]);
        const sum = checksum(bytes);
        bytes.set([sum >> 8, sum & 0xff]);
        assert.equal(checksum(bytes), 0);
      }),
    );
  });
});
