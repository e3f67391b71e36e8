import assert from 'node:assert/strict';
import { absentFindings, fixedAddresses, leftoverFindings } from '../../../src/cli/doctor/addresses.js';
import { type LinkState, linkFindings } from '../../../src/cli/doctor/links.js';
import { FOREVER, type InterfaceAddress } from '../../../src/net/route/address.js';
import { loadClean } from '../../support/config.js';
import { brief, instance, service } from '../../support/doctor.js';

const link = (name: string, index: number, more: Partial<LinkState> = {}): LinkState => ({
  name,
  index,
  up: true,
  running: true,
  loopback: false,
  ...more,
});
const LINKS = [link('lo', 1, { loopback: true }), link('eth0', 2), link('eth1', 3)];

describe('doctor: interfaces', () => {
  const found = (text: string, links = LINKS) => brief(linkFindings(loadClean(text), links));

  it('are to be there, up, and with a carrier', () => {
    assert.deepEqual(found(instance()), []);
    assert.deepEqual(found(instance(), []), ['error interface: there is no interface eth0 → ip -br link']);
    assert.deepEqual(found(instance(), [link('eth0', 2, { up: false, running: false })]), [
      'error interface: interface eth0 is down → ip link set eth0 up',
    ]);
    assert.deepEqual(found(instance(), [link('eth0', 2, { running: false })]), [
      'error interface: interface eth0 has no carrier → ethtool eth0',
    ]);
  });

  it('are those of addresses, trackers, the synchronisation and checks as well', () => {
    const text = `global_defs {
      lvs_sync_daemon eth5 web
    }
    ${instance({
      addresses: '10.0.0.100/24 dev eth6',
      more: `track_interface {
        eth7
        eth8 weight 10
      }`,
    })}
    ${service({ server: 'TCP_CHECK {\nbind_if eth9\n}' })}`;
    assert.deepEqual(
      found(text).map((line) => line.replace(' → ip -br link', '')),
      [
        'error interface: there is no interface eth6',
        'error interface: there is no interface eth7',
        'warning interface: there is no interface eth8',
        'error interface: there is no interface eth5',
        'error interface: there is no interface eth9',
      ],
    );
  });

  it('are not those that lvsd makes itself', () => {
    assert.deepEqual(found(instance({ more: 'use_vmac vrrp.51' })), []);
    assert.deepEqual(found(instance({ addresses: '10.0.0.100/24 dev eth1 use_vmac' })), []);
  });

  it('may be away where the instance does not care, and are told of once', () => {
    assert.deepEqual(
      found(instance({ more: 'dont_track_primary', addresses: '10.0.0.100/24 dev eth1' }), [link('eth1', 3)]),
      ['warning interface: there is no interface eth0 → ip -br link'],
    );
    const two = `${instance({ more: 'dont_track_primary', addresses: '10.0.0.100/24 dev eth1' })}${instance({ name: 'b', vrid: 52, addresses: '10.0.0.101' })}`;
    assert.deepEqual(found(two, [link('eth1', 3)]), [
      'error interface: there is no interface eth0 → ip -br link',
    ]);
  });
});

describe('doctor: virtual addresses', () => {
  const address = (more: Partial<InterfaceAddress> = {}): InterfaceAddress => ({
    family: 'ipv4',
    address: '10.0.0.100',
    prefixLength: 24,
    scope: 0,
    flags: 0,
    interfaceIndex: 3,
    lifetime: FOREVER,
    ...more,
  });
  const found = (text: string, addresses: readonly InterfaceAddress[], held = false) =>
    brief(leftoverFindings(loadClean(text), { links: LINKS, addresses, held }));
  const LEFT = 'error address: 10.0.0.100 is on eth1 for good → ip addr del 10.0.0.100/24 dev eth1';

  it('that never expire are nobody’s but a leftover, on whatever interface', () => {
    assert.deepEqual(found(instance(), [address()]), [LEFT]);
    assert.deepEqual(found(instance({ addresses: '10.0.0.101' }), [address()]), []);
    assert.deepEqual(
      found(instance({ addresses: 'fd00:0::64/64' }), [
        address({ family: 'ipv6', address: 'fd00::64', prefixLength: 64 }),
      ]),
      ['error address: fd00::64 is on eth1 for good → ip addr del fd00::64/64 dev eth1'],
    );
  });

  it('are taken away by lvsd itself on their own interface alone', () => {
    const meaning = (interfaceIndex: number) =>
      leftoverFindings(loadClean(instance()), {
        links: LINKS,
        addresses: [address({ interfaceIndex })],
        held: false,
      })[0]?.meaning ?? '';
    assert.match(meaning(2), /lvsd takes it away when it starts/);
    assert.doesNotMatch(meaning(3), /takes it away/);
  });

  it('that expire are lvsd’s', () => {
    assert.deepEqual(found(instance(), [address({ lifetime: { valid: 3, preferred: 3 } })]), []);
  });

  it('of vip_lifetime off never expire while somebody holds them', () => {
    const off = instance({ more: 'vip_lifetime off' });
    assert.deepEqual(found(off, [address()], true), []);
    assert.deepEqual(found(off, [address()], false), [LEFT]);
    assert.deepEqual(found(instance(), [address()], true), [LEFT]);
  });

  it('of an owner are its own', () => {
    assert.deepEqual(found(instance({ more: 'priority 255' }), [address()]), []);
  });

  it('on the loopback may be meant', () => {
    assert.deepEqual(found(instance(), [address({ interfaceIndex: 1, prefixLength: 32 })]), [
      'warning address: 10.0.0.100 is on lo for good → ip addr del 10.0.0.100/32 dev lo',
    ]);
  });

  it('of services are to be here when no vrrp_instance brings them', () => {
    const both = `${service()}${service({ head: '10.0.0.101 80' })}${service({ head: 'fwmark 5' })}${instance()}`;
    assert.deepEqual(fixedAddresses(loadClean(both)), ['10.0.0.101']);
    const sessions = service({
      more: 'persistence_timeout 30\noverflow sessions 10\nsorry_server 10.0.0.20 80',
    });
    assert.deepEqual(fixedAddresses(loadClean(sessions)), ['10.0.0.100']);
    assert.deepEqual(absentFindings([]), []);
    assert.match(
      brief(absentFindings(['fd00::64']))[0] ?? '',
      /^warning service address: .*: fd00::64 → ip addr add fd00::64\/128 dev INTERFACE/,
    );
  });
});
