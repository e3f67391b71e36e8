import assert from 'node:assert/strict';
import { encodeIpPacket } from '../../src/net/ip-packet.js';

const payload = Uint8Array.of(1, 2, 3);

describe('net/ip-packet', () => {
  it('IPv4: version, type of service, length, TTL, protocol, addresses; the kernel does the rest', () => {
    const packet = encodeIpPacket(
      { source: '10.0.0.1', destination: '224.0.0.18', protocol: 112, ttl: 255, tos: 0xc0 },
      payload,
    );
    const header = ['45c00017', '00000000', 'ff700000', '0a000001', 'e0000012'].join('');
    assert.equal(Buffer.from(packet).toString('hex'), `${header}010203`);
  });

  it('IPv6: version, traffic class, length of the payload, hop limit, addresses', () => {
    const packet = encodeIpPacket(
      { source: 'fe80::1', destination: 'ff02::12', protocol: 112, ttl: 254, tos: 0xc5 },
      payload,
    );
    const [source, destination] = [`fe80${'0'.repeat(27)}1`, `ff02${'0'.repeat(26)}12`];
    assert.equal(Buffer.from(packet).toString('hex'), `6c500000000370fe${source}${destination}010203`);
  });

  it('refuses two families and what is no address', () => {
    const header = { source: '10.0.0.1', destination: 'ff02::12', protocol: 112, ttl: 255, tos: 0 };
    assert.throws(() => encodeIpPacket(header, payload), /two families/);
    assert.throws(() => encodeIpPacket({ ...header, source: 'eth0' }, payload), /"eth0" is no numeric/);
  });
});
