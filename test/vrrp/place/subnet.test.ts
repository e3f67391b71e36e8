/** Which addresses are in one subnet. */
import assert from 'node:assert/strict';
import { sameSubnet } from '../../../src/vrrp/place/subnet.js';

function prefix(text: string) {
  const [address = '', length] = text.split('/');
  return { address, prefixLength: Number(length) };
}

describe('vrrp/place/subnet', () => {
  for (const [a, b, same] of [
    ['10.0.0.1/24', '10.0.0.200/24', true],
    ['10.0.0.1/24', '10.0.1.1/24', false],
    ['10.0.0.1/24', '10.0.0.1/25', false],
    ['200.0.0.1/1', '128.0.0.1/1', true],
    ['10.0.0.1/0', '200.0.0.1/0', true],
    ['10.0.0.1/32', '10.0.0.2/32', false],
    ['0.0.0.5/0', '0.0.0.5/24', false],
    ['2001:db8::1/64', '2001:db8::ffff:1/64', true],
    ['2001:db8::1/64', '2001:db8:0:1::1/64', false],
    ['2001:db8::1/127', '2001:db8::2/127', false],
    ['0.0.0.1/24', '::1/24', false],
  ] as const) {
    it(`${a} and ${b}: ${same ? 'one' : 'two'}`, () => assert.equal(sameSubnet(prefix(a), prefix(b)), same));
  }
});
