/**
 * Ethernet frames of a real keepalived 2.2.7, captured with tcpdump between two network namespaces, and the
 * configuration that made it send them. Its interface was 02:00:00:00:00:0a, 192.0.2.1 and 2001:db8::1.
 */
import type { Sender } from '../../src/vrrp/packets/packet.js';
import { instance } from './instances.js';

export type Captured = {
  readonly name: string;
  readonly sender: Sender;
  readonly source: string;
  readonly destination: string;
  /** As keepalived 2.2.7 sends it: 255, but 64 by IPv6 unicast. */
  readonly ttl: number;
  readonly priority: number;
  /** IP header and payload in hex, parted by where one ends. */
  readonly header: string;
  readonly payload: string;
};

const unicast = (peer: string) =>
  ({
    kind: 'unicast',
    peers: [{ address: peer }],
    ttl: 255,
    checkSource: false,
    faultNoPeer: false,
    oldChecksum: 'auto',
  }) as const;

const v2 = instance({ version: 2, virtualRouterId: 21, addresses: ['192.0.2.100'] });
const v2pass = instance({
  version: 2,
  virtualRouterId: 22,
  advertIntMs: 2000,
  authentication: { type: 'PASS', password: 's3cret' },
  addresses: ['192.0.2.101', '192.0.2.102'],
});
const v3 = instance({ virtualRouterId: 31, advertIntMs: 250, addresses: ['192.0.2.103'] });
const v3unicast = instance({
  virtualRouterId: 32,
  transport: unicast('192.0.2.2'),
  addresses: ['192.0.2.104'],
});
const v6 = instance({ virtualRouterId: 61, addresses: ['fe80::64', '2001:db8::64'] });
const v6unicast = instance({
  virtualRouterId: 62,
  transport: unicast('2001:db8::2'),
  addresses: ['2001:db8::65'],
});

const by4 = { source: '192.0.2.1', destination: '224.0.0.18', ttl: 255 };
const to4 = { source: '192.0.2.1', destination: '192.0.2.2', ttl: 255 };
const by6 = { source: 'fe80::ff:fe00:a', destination: 'ff02::12', ttl: 255 };
const to6 = { source: '2001:db8::1', destination: '2001:db8::2', ttl: 64 };

export const CAPTURED: readonly Captured[] = [
  {
    name: 'VRRPv2',
    sender: v2,
    ...by4,
    priority: 150,
    header: '45c0002800010000ff701891c0000201e0000012',
    payload: '2115960100018683c00002640000000000000000',
  },
  {
    name: 'VRRPv2, the resignation',
    sender: v2,
    ...by4,
    priority: 0,
    header: '45c0002800060000ff70188cc0000201e0000012',
    payload: '2115000100011c84c00002640000000000000000',
  },
  {
    name: 'VRRPv2 with PASS, two addresses, 2 s',
    sender: v2pass,
    ...by4,
    priority: 151,
    header: '45c0002c00010000ff70188dc0000201e0000012',
    payload: '21169702010285fec0000265c00002667333637265740000',
  },
  {
    name: 'VRRPv2 with PASS, the resignation',
    sender: v2pass,
    ...by4,
    priority: 0,
    header: '45c0002c00020000ff70188cc0000201e0000012',
    payload: '2116000201021cffc0000265c00002667333637265740000',
  },
  {
    name: 'VRRPv3 IPv4, 250 ms',
    sender: v3,
    ...by4,
    priority: 152,
    header: '45c0002000010000ff701899c0000201e0000012',
    payload: '311f98010019d1cdc0000267',
  },
  {
    name: 'VRRPv3 IPv4, the resignation',
    sender: v3,
    ...by4,
    priority: 0,
    header: '45c00020001e0000ff70187cc0000201e0000012',
    payload: '311f0001001969cec0000267',
  },
  {
    name: 'VRRPv3 IPv4 unicast',
    sender: v3unicast,
    ...to4,
    priority: 153,
    header: '45c0002000010000ff7036a9c0000201c0000202',
    payload: '312099010064ee90c0000268',
  },
  {
    name: 'VRRPv3 IPv6, two addresses',
    sender: v6,
    ...by6,
    priority: 154,
    header: '6c0f467d002870fffe80000000000000000000fffe00000aff020000000000000000000000000012',
    payload: '313d9a0200640a22fe80000000000000000000000000006420010db8000000000000000000000064',
  },
  {
    name: 'VRRPv3 IPv6, the resignation',
    sender: v6,
    ...by6,
    priority: 0,
    header: '6c0f467d002870fffe80000000000000000000fffe00000aff020000000000000000000000000012',
    payload: '313d00020064a422fe80000000000000000000000000006420010db8000000000000000000000064',
  },
  {
    name: 'VRRPv3 IPv6 unicast',
    sender: v6unicast,
    ...to6,
    priority: 155,
    header: '6c04187c0018704020010db800000000000000000000000120010db8000000000000000000000002',
    payload: '313e9b010064a94020010db8000000000000000000000065',
  },
];
