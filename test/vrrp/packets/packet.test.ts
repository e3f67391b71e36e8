import assert from 'node:assert/strict';
import fc from 'fast-check';
import { splitIpv4 } from '../../../src/vrrp/packets/ip-header.js';
import {
  encodeAdvert,
  readAddresses,
  readFields,
  virtualRouterIdOf,
} from '../../../src/vrrp/packets/packet.js';
import { receiveAdvert } from '../../../src/vrrp/packets/receive.js';
import { CAPTURED } from '../../support/advert-bytes.js';
import { instance } from '../../support/instances.js';

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));
const hex = (data: Uint8Array) => Buffer.from(data).toString('hex');

describe('vrrp/packet', () => {
  for (const { name, sender, source, destination, ttl, priority, payload } of CAPTURED) {
    it(`${name}: the bytes of keepalived are ours`, () => {
      assert.equal(hex(encodeAdvert(sender, priority, source, destination)), payload);
    });

    it(`${name}: keepalived's bytes are believed`, () => {
      const received = receiveAdvert({ ...sender, skipCheckAdvAddr: false }, bytes(payload), {
        source,
        destination,
        ttl,
      });
      assert.deepEqual(received, {
        kind: 'advert',
        advert: { kind: 'advert', source, priority, maxAdverIntMs: sender.advertIntMs },
        warnings: [],
      });
    });
  }

  for (const { name, source, destination, ttl, header, payload } of CAPTURED.filter(({ header }) =>
    header.startsWith('4'),
  )) {
    it(`${name}: the IPv4 header before it is read`, () => {
      const split = splitIpv4(bytes(header + payload));
      assert.deepEqual(split?.envelope, { source, destination, ttl });
      assert.equal(hex(split?.payload ?? new Uint8Array()), payload);
    });
  }

  it('a header is read anew where one bit of an address is another than just before', () => {
    for (let bit = 0; bit < 64; bit += 1) {
      const packet = bytes(`${CAPTURED[0]?.header}${CAPTURED[0]?.payload}`);
      splitIpv4(packet);
      const at = 12 + (bit >> 3);
      packet[at] = (packet[at] ?? 0) ^ (1 << (bit & 7));
      const { source, destination } = splitIpv4(packet)?.envelope ?? {};
      assert.deepEqual(
        [source, destination],
        [packet.slice(12, 16).join('.'), packet.slice(16, 20).join('.')],
      );
    }
  });

  it('reads the fields as they are', () => {
    assert.deepEqual(readFields(bytes('21169702010285fec0000265c00002667333637265740000')), {
      version: 2,
      type: 1,
      virtualRouterId: 22,
      priority: 151,
      addressCount: 2,
      authType: 1,
      advertIntMs: 2000,
    });
    assert.equal(
      readFields(bytes('311f9801f0190000')).advertIntMs,
      250,
      'reserved bits are ignored (RFC 9568 §5.2.6)',
    );
    assert.deepEqual(readAddresses(bytes('21169702010285fec0000265c0000266'), 'ipv4'), [
      '192.0.2.101',
      '192.0.2.102',
    ]);
    assert.equal(virtualRouterIdOf(bytes('2116')), 22);
    assert.equal(virtualRouterIdOf(bytes('21')), undefined);
  });

  it('v3_checksum_as_v2: IPv4 without a pseudo header, so any source and destination will do', () => {
    const sender = instance({ v3ChecksumAsV2: true });
    const sent = encodeAdvert(sender, 100, '192.0.2.1', '224.0.0.18');
    assert.equal(hex(sent), hex(encodeAdvert(sender, 100, '10.9.8.7', '10.1.1.1')));
    // 3133 + 6401 + 0064 + c000 + 0264 = 157fc, folded 57fd, complement a802
    assert.equal(hex(sent), '313364010064a802c0000264');
    const six = instance({ v3ChecksumAsV2: true, addresses: ['fe80::64'] });
    assert.notEqual(
      hex(encodeAdvert(six, 100, 'fe80::1', 'ff02::12')),
      hex(encodeAdvert(six, 100, 'fe80::2', 'ff02::12')),
    );
  });

  it('old_unicast_checksum: the pseudo header names the multicast group', () => {
    const peers = { kind: 'unicast', peers: [], ttl: 255, checkSource: false, faultNoPeer: false } as const;
    const old = instance({ transport: { ...peers, oldChecksum: 'always' } });
    const multicast = encodeAdvert(instance(), 100, '192.0.2.1', '224.0.0.18');
    assert.equal(hex(encodeAdvert(old, 100, '192.0.2.1', '192.0.2.2')), hex(multicast));
  });

  it('what one instance sends another of the same configuration believes, whatever it is', () => {
    const version = fc.constantFrom(2 as const, 3 as const);
    const byte = fc.integer({ min: 1, max: 255 });
    const lists = fc.uniqueArray(fc.integer({ min: 0, max: 255 }), { maxLength: 30 });
    fc.assert(
      fc.property(
        version,
        byte,
        fc.nat(255),
        fc.integer({ min: 1, max: 4095 }),
        lists,
        fc.boolean(),
        (v, vrid, priority, hundredths, list, six) => {
          const ipv6 = six && v === 3;
          const advertIntMs = v === 2 ? (1 + (hundredths % 255)) * 1000 : hundredths * 10;
          const addresses = list.map((last) =>
            ipv6 ? `2001:db8::1:${last.toString(16)}` : `192.0.2.${last}`,
          );
          const config = instance({
            version: v,
            virtualRouterId: vrid,
            advertIntMs,
            addresses: addresses.length > 0 ? addresses : [ipv6 ? 'fe80::1' : '192.0.2.1'],
          });
          const [source, destination] = ipv6 ? ['fe80::2', 'ff02::12'] : ['10.0.0.1', '224.0.0.18'];
          const sent = encodeAdvert(config, priority, source, destination);
          const received = receiveAdvert(config, sent, { source, destination, ttl: 255 });
          const advert = { kind: 'advert', source, priority, maxAdverIntMs: advertIntMs };
          assert.deepEqual(received, { kind: 'advert', advert, warnings: [] });
        },
      ),
    );
  });

  it('a password of more than 8 bytes is cut, a shorter one padded with zeros', () => {
    const sent = (password: string) =>
      hex(
        encodeAdvert(
          instance({ version: 2, authentication: { type: 'PASS', password } }),
          100,
          '192.0.2.1',
          '224.0.0.18',
        ),
      );
    assert.ok(sent('12345678').endsWith('3132333435363738'));
    assert.ok(sent('123456789').endsWith('3132333435363738'));
    assert.ok(sent('1').endsWith('3100000000000000'));
  });
});

describe('vrrp/ip-header', () => {
  const good = '45c0002000010000ff701899c0000201e0000012311f98010019d1cdc0000267';

  it('takes options off, and padding after the packet', () => {
    const split = splitIpv4(bytes(`46c0002400010000ff700000c0000201e000001201010101${good.slice(40)}0000`));
    assert.equal(hex(split?.payload ?? new Uint8Array()), good.slice(40));
  });

  it('refuses what is no whole IPv4 packet of protocol 112', () => {
    const cases = {
      'nothing at all': '',
      'less than a header': good.slice(0, 38),
      IPv6: `6${good.slice(1)}`,
      'a header length below 5': `44${good.slice(2)}`,
      'a header longer than the packet': `4f${good.slice(2)}`,
      'a total length beyond the bytes': good.replace('45c00020', '45c00021'),
      'a total length within the header': good.replace('45c00020', '45c00013'),
      'a first fragment': good.replace('00010000ff', '00012000ff'),
      'a later fragment': good.replace('00010000ff', '00010001ff'),
      'another protocol': good.replace('ff70', 'ff11'),
    };
    for (const [name, packet] of Object.entries(cases))
      assert.equal(splitIpv4(bytes(packet)), undefined, name);
  });

  it('does not mind Don’t Fragment', () => {
    assert.ok(splitIpv4(bytes(good.replace('00010000ff', '00014000ff'))));
  });
});
