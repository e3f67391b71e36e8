import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeEchoReply, encodeEcho } from '../../src/net/icmp.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
const ECHO = { id: 0x1234, sequence: 7, data: bytes('616263') };

const decode = (family: 'ipv4' | 'ipv6', packet: Uint8Array, ipHeader: boolean) =>
  decodeEchoReply(family, packet, packet.length, ipHeader);

describe('net/icmp', () => {
  it('encodes an echo request, with its checksum for IPv4 alone (RFC 792, RFC 4443 §4.1)', () => {
    assert.equal(hex(encodeEcho('ipv4', ECHO)), '0800216212340007616263');
    assert.equal(hex(encodeEcho('ipv6', ECHO)), '8000000012340007616263');
  });

  it('has a checksum that sums to all ones (RFC 1071)', () => {
    fc.assert(
      fc.property(fc.nat(65535), fc.nat(65535), fc.uint8Array({ maxLength: 64 }), (id, sequence, data) => {
        const packet = encodeEcho('ipv4', { id, sequence, data });
        let sum = 0;
        for (let at = 0; at < packet.length; at += 2) sum += ((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0);
        while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
        assert.equal(sum, 0xffff);
      }),
    );
  });

  it('reads a reply, after an IP header of any length where there is one', () => {
    const reply = '0000 0000 1234 0007 616263';
    const read = { id: 0x1234, sequence: 7 };
    const short = decode('ipv4', bytes(reply), false);
    assert.deepEqual({ id: short?.id, sequence: short?.sequence }, read);
    assert.equal(hex(short?.data ?? bytes('')), '616263');
    const header = `46${'00'.repeat(23)}`;
    assert.equal(decode('ipv4', bytes(header + reply), true)?.sequence, 7);
    assert.equal(decode('ipv6', bytes('8100 0000 1234 0007'), false)?.id, 0x1234);
    const longer = bytes(`${reply}ffff`);
    assert.equal(hex(decodeEchoReply('ipv4', longer, 11, false)?.data ?? longer), '616263');
    assert.equal(decodeEchoReply('ipv4', longer, 7, false), undefined);
  });

  it('takes nothing else for a reply', () => {
    for (const [family, packet] of [
      ['ipv4', '0800 0000 1234 0007'],
      ['ipv4', '0301 0000 1234 0007'],
      ['ipv4', '0001 0000 1234 0007'],
      ['ipv4', '0000 0000 1234 00'],
      ['ipv6', '8000 0000 1234 0007'],
      ['ipv6', ''],
    ] as const)
      assert.equal(decode(family, bytes(packet), false), undefined, packet);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (packet, raw) => {
        decode('ipv4', packet, raw);
      }),
    );
  });
});
