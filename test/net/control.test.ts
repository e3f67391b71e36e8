import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeIpv6Control } from '../../src/net/control.js';

/** One struct cmsghdr with data, padded to eight bytes. */
function cmsg(level: number, type: number, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(16 + ((data.length + 7) & ~7));
  bytes.writeUInt32LE(16 + data.length, 0);
  bytes.writeInt32LE(level, 8);
  bytes.writeInt32LE(type, 12);
  bytes.set(data, 16);
  return bytes;
}

const destination = Buffer.from('ff020000000000000000000000000012', 'hex');
const hopLimit = cmsg(41, 52, Uint8Array.of(255, 0, 0, 0));
const packetInfo = cmsg(41, 50, Buffer.concat([destination, Uint8Array.of(3, 0, 0, 0)]));

describe('net/control', () => {
  it('tells hop limit, destination and interface, in any order', () => {
    for (const bytes of [Buffer.concat([hopLimit, packetInfo]), Buffer.concat([packetInfo, hopLimit])]) {
      const { destination: to, ...rest } = decodeIpv6Control(bytes);
      assert.deepEqual(rest, { hopLimit: 255, interfaceIndex: 3 });
      assert.equal(Buffer.from(to ?? []).toString('hex'), destination.toString('hex'));
    }
  });

  it('passes over what it does not know', () => {
    const other = cmsg(41, 61, Uint8Array.of(1, 2, 3));
    const timestamp = cmsg(1, 52, Uint8Array.of(9, 0, 0, 0));
    assert.equal(decodeIpv6Control(Buffer.concat([other, timestamp, hopLimit])).hopLimit, 255);
    assert.equal(decodeIpv6Control(timestamp).hopLimit, undefined);
  });

  it('tells nothing from no, short or cut bytes', () => {
    for (const bytes of [Buffer.alloc(0), hopLimit.subarray(0, 17), cmsg(41, 50, Buffer.alloc(8))]) {
      const none = { destination: undefined, interfaceIndex: undefined, hopLimit: undefined };
      assert.deepEqual(decodeIpv6Control(bytes), none);
    }
  });

  it('ends on any bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 128 }), (bytes) => void decodeIpv6Control(bytes)));
  });
});
