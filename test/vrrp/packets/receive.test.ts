/** Which packets are believed. Sentences in quotes are RFC 9568 §7.1 where no other is named. */
import assert from 'node:assert/strict';
import { checksum } from '../../../src/net/checksum.js';
import type { InstanceConfig, UnicastConfig } from '../../../src/vrrp/config.js';
import { DROP_REASONS } from '../../../src/vrrp/packets/drop-reasons.js';
import { encodeAdvert } from '../../../src/vrrp/packets/packet.js';
import {
  type Envelope,
  type Received,
  type Receiver,
  receiveAdvert,
} from '../../../src/vrrp/packets/receive.js';
import { instance } from '../../support/instances.js';

const multicast: Envelope = { source: '192.0.2.1', destination: '224.0.0.18', ttl: 255 };
const unicast: UnicastConfig = {
  kind: 'unicast',
  peers: [{ address: '192.0.2.1' }],
  ttl: 255,
  checkSource: false,
  faultNoPeer: false,
  oldChecksum: 'auto',
};

type Case = {
  /** How the sender differs from the plain instance, and the receiver from it. */
  readonly sender?: Partial<InstanceConfig> & { readonly addresses?: readonly string[] };
  readonly receiver?: Partial<Receiver>;
  readonly envelope?: Partial<Envelope>;
  /** Spoils the packet. */
  readonly spoil?: (bytes: Uint8Array) => Uint8Array;
  readonly priority?: number;
};

function receive({ sender = {}, receiver = {}, envelope = {}, spoil, priority = 100 }: Case): Received {
  const config = instance(sender);
  const from = { ...multicast, ...envelope };
  const sent = encodeAdvert(config, priority, from.source, from.destination);
  return receiveAdvert({ ...config, primaryAddress: '192.0.2.2', ...receiver }, spoil?.(sent) ?? sent, from);
}

/** `ok`, the warnings, or the reason to drop. */
function verdict(tried: Case): string {
  const received = receive(tried);
  return received.kind === 'drop' ? received.reason : received.warnings.join(' ') || 'ok';
}

/** Sets a byte and mends the checksum, so that only the byte is wrong. */
function setByte(offset: number, value: number): (bytes: Uint8Array) => Uint8Array {
  return (bytes) => {
    const before = word(bytes, offset & ~1);
    bytes[offset] = value;
    let sum = word(bytes, 6) + before - word(bytes, offset & ~1);
    if (sum < 0) sum += 0xffff;
    if (sum > 0xffff) sum -= 0xffff;
    bytes.set([sum >> 8, sum & 0xff], 6);
    return bytes;
  };
}

function word(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

const pass = { type: 'PASS', password: 'right' } as const;

const CASES: readonly (readonly [claim: string, verdict: string, tried: Case])[] = [
  ['an advert as it should be', 'ok', {}],
  ['VRRPv2', 'ok', { sender: { version: 2 } }],
  ['priority 0 is a message too', 'ok', { priority: 0 }],

  ['"MUST verify that the IPv4 TTL … is 255"', 'ip_ttl_err', { envelope: { ttl: 254 } }],
  [
    '… "hop limit is 255" in IPv6',
    'ip_ttl_err',
    { sender: { addresses: ['fe80::1'] }, envelope: { source: 'fe80::2', destination: 'ff02::12', ttl: 64 } },
  ],
  ['"MUST verify that the VRRP version is 3"', 'vers_err', { spoil: setByte(0, 0x21) }],
  [
    'RFC 3768: "MUST verify the VRRP version is 2"',
    'vers_err',
    { sender: { version: 2 }, spoil: setByte(0, 0x31) },
  ],
  ['"MUST verify that the VRRP packet type is 1"', 'invalid_type_rcvd', { spoil: setByte(0, 0x32) }],
  [
    '"contains the complete VRRP packet": cut short',
    'packet_len_err',
    { spoil: (bytes) => bytes.subarray(0, 11) },
  ],
  [
    '"contains the complete VRRP packet": less than a header',
    'packet_len_err',
    { spoil: (bytes) => bytes.subarray(0, 7) },
  ],
  ['nothing at all', 'packet_len_err', { spoil: () => new Uint8Array() }],
  ['more than the packet', 'packet_len_err', { spoil: (bytes) => Uint8Array.of(...bytes, 0) }],
  ['more addresses counted than there are', 'packet_len_err', { spoil: setByte(3, 255) }],
  ['"MUST verify the VRRP checksum"', 'chk_err', { spoil: (bytes) => bytes.fill(99, 2, 3) }],
  [
    'RFC 3768: "MUST verify the VRRP checksum"',
    'chk_err',
    { sender: { version: 2 }, spoil: (bytes) => bytes.fill(99, 2, 3) },
  ],
  [
    'in IPv6 as well, where no kernel need have looked',
    'chk_err',
    {
      sender: { addresses: ['fe80::1'] },
      envelope: { source: 'fe80::2', destination: 'ff02::12' },
      spoil: (bytes) => bytes.fill(99, 2, 3),
    },
  ],
  [
    '"MUST verify that the VRID is configured on the receiving interface"',
    'vrid_err',
    { spoil: setByte(1, 52) },
  ],
  [
    '"MUST verify that the Max Advertise Interval is non zero" (erratum 8301)',
    'advert_interval_err',
    { spoil: setByte(5, 0) },
  ],
  [
    '"SHOULD also verify that the Max Advertise Interval … matches": told, and believed',
    'advert_interval_mismatch',
    { receiver: { advertIntMs: 500 } },
  ],
  [
    'RFC 3768: "MUST verify that the Adver Interval in the packet is the same as the locally configured"',
    'advert_interval_err',
    { sender: { version: 2 }, receiver: { advertIntMs: 2000 } },
  ],
  [
    '"If the received count is 0, the VRRP advertisement MUST be ignored" (§5.2.5)',
    'addr_list_err',
    { sender: { addresses: [] }, receiver: { virtualAddresses: instance().virtualAddresses } },
  ],
  ['no_virtual_ipaddress on both sides', 'ok', { sender: { addresses: [] } }],
  [
    'other addresses: told, and believed, as keepalived does',
    'addr_list_mismatch',
    { sender: { addresses: ['192.0.2.9'] }, receiver: { virtualAddresses: instance().virtualAddresses } },
  ],
  [
    'the same addresses in another order',
    'ok',
    {
      sender: { addresses: ['192.0.2.9', '192.0.2.10'] },
      receiver: { virtualAddresses: instance({ addresses: ['192.0.2.10', '192.0.2.9'] }).virtualAddresses },
    },
  ],
  [
    'one address twice is not two addresses',
    'addr_list_mismatch',
    {
      sender: { addresses: ['192.0.2.9', '192.0.2.9'] },
      receiver: { virtualAddresses: instance({ addresses: ['192.0.2.10', '192.0.2.9'] }).virtualAddresses },
    },
  ],
  [
    'skip_check_adv_addr: a sender already known is not compared again',
    'ok',
    {
      sender: { addresses: ['192.0.2.9'], skipCheckAdvAddr: true },
      receiver: { virtualAddresses: instance().virtualAddresses, knownSource: '192.0.2.1' },
    },
  ],
  [
    'skip_check_adv_addr: a new one is',
    'addr_list_mismatch',
    {
      sender: { addresses: ['192.0.2.9'], skipCheckAdvAddr: true },
      receiver: { virtualAddresses: instance().virtualAddresses, knownSource: '192.0.2.3' },
    },
  ],
  ['our own address as the source', 'own_source', { receiver: { primaryAddress: '192.0.2.1' } }],

  ['PASS on both sides', 'ok', { sender: { version: 2, authentication: pass } }],
  [
    'a wrong password',
    'auth_failure',
    {
      sender: { version: 2, authentication: pass },
      receiver: { authentication: { type: 'PASS', password: 'wrong' } },
    },
  ],
  [
    'a password that only begins right',
    'auth_failure',
    {
      sender: { version: 2, authentication: pass },
      receiver: { authentication: { type: 'PASS', password: 'rightly' } },
    },
  ],
  [
    'no password where one is wanted',
    'authtype_mismatch',
    { sender: { version: 2 }, receiver: { authentication: pass } },
  ],
  [
    'a password where none is wanted',
    'authtype_mismatch',
    { sender: { version: 2, authentication: pass }, receiver: { authentication: undefined } as never },
  ],
  ['AH is not spoken', 'authtype_mismatch', { sender: { version: 2 }, spoil: setByte(4, 2) }],
  ['an unknown authentication', 'invalid_authtype', { sender: { version: 2 }, spoil: setByte(4, 3) }],

  ['unicast to a multicast instance', 'destination_err', { envelope: { destination: '192.0.2.2' } }],
  ['multicast to a unicast instance', 'destination_err', { sender: { transport: unicast } }],
  [
    'unicast needs no TTL',
    'ok',
    { sender: { transport: unicast }, envelope: { destination: '192.0.2.2', ttl: 7 } },
  ],
  [
    'unicast from a stranger is believed unless check_unicast_src',
    'ok',
    { sender: { transport: unicast }, envelope: { source: '192.0.2.7', destination: '192.0.2.2' } },
  ],
  [
    'check_unicast_src',
    'unicast_src_err',
    {
      sender: { transport: { ...unicast, checkSource: true } },
      envelope: { source: '192.0.2.7', destination: '192.0.2.2' },
    },
  ],
  [
    'min_ttl',
    'ip_ttl_err',
    {
      sender: { transport: { ...unicast, peers: [{ address: '192.0.2.1', minTtl: 254 }] } },
      envelope: { destination: '192.0.2.2', ttl: 253 },
    },
  ],
  [
    'min_ttl is inclusive',
    'ok',
    {
      sender: { transport: { ...unicast, peers: [{ address: '192.0.2.1', minTtl: 254 }] } },
      envelope: { destination: '192.0.2.2', ttl: 254 },
    },
  ],
  [
    'max_ttl',
    'ip_ttl_err',
    {
      sender: { transport: { ...unicast, peers: [{ address: '192.0.2.1', maxTtl: 10 }] } },
      envelope: { destination: '192.0.2.2', ttl: 11 },
    },
  ],
  [
    'the checksum of keepalived before 1.3.7: told, and believed',
    'old_checksum',
    {
      sender: { transport: { ...unicast, oldChecksum: 'always' } },
      receiver: { transport: unicast },
      envelope: { destination: '192.0.2.2' },
    },
  ],
  [
    'old_unicast_checksum never',
    'chk_err',
    {
      sender: { transport: { ...unicast, oldChecksum: 'always' } },
      receiver: { transport: { ...unicast, oldChecksum: 'never' } },
      envelope: { destination: '192.0.2.2' },
    },
  ],

  ['v3_checksum_as_v2 on both sides', 'ok', { sender: { v3ChecksumAsV2: true } }],
  ['v3_checksum_as_v2 here, not yet there', 'ok', { receiver: { v3ChecksumAsV2: true } }],
  [
    'RFC 9568 §5.2.8, or v3_checksum_as_v2 there and not here: IPv4 without a pseudo header',
    'ok',
    { sender: { v3ChecksumAsV2: true }, receiver: { v3ChecksumAsV2: false } },
  ],
  [
    'the same to unicast peers, though old_unicast_checksum is never',
    'ok',
    {
      sender: { v3ChecksumAsV2: true, transport: unicast },
      receiver: { v3ChecksumAsV2: false, transport: { ...unicast, oldChecksum: 'never' } },
      envelope: { destination: '192.0.2.2' },
    },
  ],
  [
    'v3_checksum_as_v2 is no licence for any checksum',
    'chk_err',
    { sender: { v3ChecksumAsV2: true }, spoil: (bytes) => bytes.fill(99, 2, 3) },
  ],
  [
    'RFC 9568 §5.2.8: IPv6 has a pseudo header always',
    'chk_err',
    {
      sender: { addresses: ['fe80::64'] },
      receiver: { v3ChecksumAsV2: true },
      envelope: { source: 'fe80::1', destination: 'ff02::12' },
      spoil: (bytes) => {
        bytes.set([0, 0], 6);
        const sum = checksum(bytes);
        bytes.set([sum >> 8, sum & 0xff], 6);
        return bytes;
      },
    },
  ],
];

describe('vrrp/receive', () => {
  for (const [claim, expected, tried] of CASES) {
    it(`${claim}: ${expected}`, () => assert.equal(verdict(tried), expected));
  }

  it('says what is and what was wanted', () => {
    const received = receive({ envelope: { ttl: 3 } });
    assert.equal(received.kind === 'drop' && received.detail, 'TTL 3, expected 255');
  });

  it('every reason of its own is reached by a case above', () => {
    const elsewhere = ['ip_header_err'];
    const reached = new Set([...CASES.map(([, expected]) => expected), ...elsewhere]);
    assert.deepEqual(
      DROP_REASONS.filter((reason) => !reached.has(reason)),
      [],
    );
  });
});
