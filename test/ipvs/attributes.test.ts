import assert from 'node:assert/strict';
import { Attributes, DecodeError } from '../../src/ipvs/codec/attributes.js';
import { hex } from '../support/hex.js';

const refused = (work: () => unknown, message: RegExp) =>
  assert.throws(work, (error: Error) => error instanceof DecodeError && message.test(error.message));

describe('netlink attributes', () => {
  it('are found by number, past padding, unknown numbers and the flags in their type', () => {
    const all = new Attributes(
      hex('0500 0100 aa 000000  0800 ff3f 01020304  0600 0280 bbcc 0000  0600 0340 0050'),
    );
    assert.equal(all.u8(1), 0xaa);
    assert.equal(all.u16(2), 0xccbb);
    assert.equal(all.u16be(3), 0x50);
    assert.equal(all.has(4), false);
  });

  it('count by the last of several with one number, as the kernel does', () => {
    assert.equal(new Attributes(hex('0800 0100 01000000 0800 0100 02000000')).u32(1), 2);
  });

  it('are refused when one claims more than its level has, although more bytes follow', () => {
    refused(() => new Attributes(hex('0900 0100 00000000')), /^attribute of 9 bytes where 8 are left$/);
    refused(() => new Attributes(hex('0300 0100')), /^attribute of 3 bytes where 4 are left$/);
    const outer = new Attributes(hex('0c00 0100 0c00 0200 aaaaaaaa  0800 0300 bbbbbbbb'));
    refused(() => outer.nested(1), /^attribute of 12 bytes where 8 are left$/);
    refused(() => new Attributes(hex('0c00 0100 aaaaaaaa bbbbbbbb'), 0, 8), /where 8 are left$/);
  });

  it('are refused when one is missing or shorter than what is read, although more bytes follow', () => {
    const all = new Attributes(
      hex('0500 0100 aa 000000  0400 0200  0700 0300 610000 00  0600 0400 bbcc 0000'),
    );
    refused(() => all.u16(1), /^attribute 1 of 1 bytes: expected 2$/);
    refused(() => all.u8(2), /^attribute 2 of 0 bytes: expected 1$/);
    refused(() => all.u32(3), /^attribute 3 of 3 bytes: expected 4$/);
    refused(() => all.u16be(1), /expected 2$/);
    refused(() => all.u64(4), /expected 8$/);
    refused(() => all.data(4, 16), /^attribute 4 of 2 bytes: expected 16$/);
    refused(() => all.text(9), /^attribute 9 is missing$/);
    refused(() => all.nested(9), /^attribute 9 is missing$/);
  });

  it('hold text up to its first zero byte, or its end, and never beyond', () => {
    const all = new Attributes(
      hex('0800 0100 61620000  0600 0200 6364 0000  0500 0300 65 666768  0400 0400'),
    );
    assert.deepEqual([all.text(1), all.text(2), all.text(3), all.text(4)], ['ab', 'cd', 'e', '']);
  });
});
