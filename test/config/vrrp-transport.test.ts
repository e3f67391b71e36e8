/** From where to where adverts go: what cannot be sent is refused in the file, and not at the first advert. */
import assert from 'node:assert/strict';
import { load } from '../support/config.js';
import { cleanInstance, saidInstance } from '../support/vrrp-text.js';

const SIX = { address: 'fe80::64' };

describe('addresses of adverts', () => {
  for (const [line, address, expected] of [
    [
      'mcast_src_ip fe80::1',
      {},
      '4:14: error: mcast_src_ip "fe80::1": expected an ipv4 address, as the adverts are',
    ],
    [
      'mcast_src_ip 10.0.0.2',
      SIX,
      '4:14: error: mcast_src_ip "10.0.0.2": expected an ipv6 address, as the adverts are',
    ],
    [
      'unicast_src_ip fe80::1',
      {},
      '4:16: error: unicast_src_ip "fe80::1": expected an ipv4 address, as the adverts are',
    ],
    [
      'mcast_dst_ip ff02::12',
      {},
      '4:14: error: mcast_dst_ip "ff02::12": expected an ipv4 address, as the adverts are',
    ],
    [
      'mcast_dst_ip 224.0.0.18',
      SIX,
      '4:14: error: mcast_dst_ip "224.0.0.18": expected an ipv6 address, as the adverts are',
    ],
    ['mcast_dst_ip 10.0.0.3', {}, '4:14: error: mcast_dst_ip "10.0.0.3": expected a multicast address'],
    [
      'mcast_dst_ip 223.255.255.255',
      {},
      '4:14: error: mcast_dst_ip "223.255.255.255": expected a multicast address',
    ],
    ['mcast_dst_ip 240.0.0.1', {}, '4:14: error: mcast_dst_ip "240.0.0.1": expected a multicast address'],
    ['mcast_dst_ip fe80::1', SIX, '4:14: error: mcast_dst_ip "fe80::1": expected a multicast address'],
    ['mcast_dst_ip ff::12', SIX, '4:14: error: mcast_dst_ip "ff::12": expected a multicast address'],
  ] as const) {
    it(`${line} is refused where the adverts are ${address === SIX ? 'IPv6' : 'IPv4'}`, () =>
      assert.deepEqual(saidInstance(line, address).messages, [expected]));
  }

  it('with peers their source is looked at as well', () =>
    assert.deepEqual(
      saidInstance('interface eth0\nunicast_peer { 10.0.0.3 }\nunicast_src_ip fe80::1').messages,
      ['6:16: error: unicast_src_ip "fe80::1": expected an ipv4 address, as the adverts are'],
    ));

  for (const [line, basis, group] of [
    ['mcast_dst_ip 224.0.0.0', {}, '224.0.0.0'],
    ['mcast_dst_ip 239.255.255.255', {}, '239.255.255.255'],
    ['mcast_dst_ip FF05::12', SIX, 'ff05::12'],
  ] as const) {
    it(`${line} is a group`, () => {
      const { transport } = cleanInstance(line, basis);
      assert.deepEqual(transport, { kind: 'multicast', group });
    });
  }

  for (const [line, expected] of [
    ['vrrp_mcast_group4 10.0.0.3', 'vrrp_mcast_group4 "10.0.0.3": expected an ipv4 multicast address'],
    ['vrrp_mcast_group4 ff02::12', 'vrrp_mcast_group4 "ff02::12": expected an ipv4 multicast address'],
    ['vrrp_mcast_group6 224.0.0.18', 'vrrp_mcast_group6 "224.0.0.18": expected an ipv6 multicast address'],
    ['vrrp_mcast_group6 fe80::12', 'vrrp_mcast_group6 "fe80::12": expected an ipv6 multicast address'],
    ['lvs_sync_daemon eth0 group 10.0.0.3', 'group "10.0.0.3": expected a multicast address'],
  ] as const) {
    it(`global_defs: ${line} is refused`, () => {
      const place = `2:${line.lastIndexOf(' ') + 2}`;
      assert.deepEqual(load(`global_defs {\n${line}\n}`).messages, [`${place}: error: ${expected}`]);
    });
  }
});

describe('the source of adverts', () => {
  const peers = 'interface eth0\nunicast_peer { 10.0.0.3 }';
  for (const [lines, kind, source] of [
    ['unicast_src_ip 10.0.0.2', 'multicast', '10.0.0.2'],
    ['mcast_src_ip 10.0.0.2', 'multicast', '10.0.0.2'],
    ['unicast_src_ip 10.0.0.1\nmcast_src_ip 10.0.0.2', 'multicast', '10.0.0.2'],
    [`${peers}\nmcast_src_ip 10.0.0.2`, 'unicast', '10.0.0.2'],
    [`${peers}\nunicast_src_ip 10.0.0.2`, 'unicast', '10.0.0.2'],
    [`${peers}\nunicast_src_ip 10.0.0.2\nmcast_src_ip 10.0.0.1`, 'unicast', '10.0.0.2'],
    [peers, 'unicast', undefined],
  ] as const) {
    it(`${lines.replaceAll('\n', ', ')}: ${kind} from ${source ?? "the interface's address"}`, () => {
      const { transport } = cleanInstance(lines);
      assert.deepEqual([transport.kind, transport.sourceAddress], [kind, source]);
    });
  }
});

describe('unicast_peer without a peer', () => {
  it('is multicast, from the same source, with a warning', () => {
    const { instance, messages } = saidInstance('unicast_src_ip 10.0.0.2\nunicast_peer {\n}');
    assert.deepEqual(instance?.transport, {
      kind: 'multicast',
      group: '224.0.0.18',
      sourceAddress: '10.0.0.2',
    });
    assert.deepEqual(messages, [
      '5:1: warning: unicast_peer: there is no peer in it, so adverts are multicast: unicast_fault_no_peer makes it FAULT',
    ]);
  });

  for (const lines of ['unicast_peer {\n}\nunicast_fault_no_peer', 'unicast_fault_no_peer'])
    it(`${lines.replaceAll(/\s+/g, ' ')}: unicast to nobody, which is a fault`, () => {
      const { transport } = cleanInstance(lines);
      assert.ok(transport.kind === 'unicast');
      assert.deepEqual([transport.peers, transport.faultNoPeer], [[], true]);
    });

  it('is not spoken of where its peers are at fault', () =>
    assert.deepEqual(saidInstance('unicast_peer {\n10.0.0.x\n}').messages, [
      '5:1: error: unicast_peer "10.0.0.x": expected a numeric IPv4 or IPv6 address',
    ]));
});
