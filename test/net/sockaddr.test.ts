import assert from 'node:assert/strict';
import {
  decodeSockaddr,
  encodeLinkAddress,
  encodeNetlinkAddress,
  encodeSockaddr,
} from '../../src/net/sockaddr.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('net/sockaddr', () => {
  it('has the layout of the kernel headers', () => {
    assert.equal(hex(encodeSockaddr('10.1.2.3', 0x1234)), '020012340a0102030000000000000000');
    assert.equal(
      hex(encodeSockaddr('fe80::1', 80, 7)),
      '0a00005000000000fe800000000000000000000000000001' + '07000000',
    );
    assert.equal(
      hex(encodeLinkAddress(0x0806, 5, Uint8Array.of(1, 2, 3, 4, 5, 6))),
      '1100080605000000000000060102030405060000',
    );
    assert.equal(hex(encodeNetlinkAddress(0x41)), '100000000000000041000000');
  });

  it('reads back what it wrote, and refuses other families and short addresses', () => {
    assert.deepEqual(decodeSockaddr(encodeSockaddr('10.1.2.3', 65535)), {
      address: '10.1.2.3',
      port: 65535,
      scope: 0,
    });
    assert.deepEqual(decodeSockaddr(encodeSockaddr('2001:db8::1', 1, 3)), {
      address: '2001:db8::1',
      port: 1,
      scope: 3,
    });
    assert.equal(decodeSockaddr(encodeLinkAddress(0, 1)), undefined);
    assert.equal(decodeSockaddr(new Uint8Array(4)), undefined);
  });

  it('names the text that is no address', () => {
    assert.throws(() => encodeSockaddr('example.com', 80), /"example.com": not a numeric IP address/);
  });
});
