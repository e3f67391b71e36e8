import assert from 'node:assert/strict';
import { formatMac, parseMac } from '../../src/net/mac.js';

describe('net/mac', () => {
  it('reads six octets and writes them in one spelling', () => {
    assert.deepEqual(parseMac('02:0:5E:10:00:ff'), Uint8Array.of(2, 0, 0x5e, 0x10, 0, 255));
    assert.equal(formatMac(Uint8Array.of(2, 0, 0x5e, 0x10, 0, 255)), '02:00:5e:10:00:ff');
  });

  it('refuses what is no MAC address', () => {
    for (const text of [
      '',
      '02:00:5e:10:00',
      '02:00:5e:10:00:01:02',
      '02-00-5e-10-00-01',
      '02:00:5e:10:00:1ff',
      'g2:00:5e:10:00:01',
    ]) {
      assert.equal(parseMac(text), undefined, text);
    }
  });
});
