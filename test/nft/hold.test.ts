import assert from 'node:assert/strict';
import { EMPTY_HOLD, RELEASE, renderClosed, renderHeld, renderHold } from '../../src/nft/hold.js';

describe('the hold in the language of nft', () => {
  it('is a table of its own, with all the rules there may be, and empty', () => {
    const [first, second, ...rest] = EMPTY_HOLD.split('\n');
    assert.deepEqual([first, second], ['add table inet lvsd_handover', 'delete table inet lvsd_handover']);
    assert.deepEqual(rest.slice(0, 9), [
      'add table inet lvsd_handover',
      'add chain inet lvsd_handover output { type filter hook output priority 0; policy accept; }',
      'add chain inet lvsd_handover forward { type filter hook forward priority 150; policy accept; }',
      'add set inet lvsd_handover virtual4 { type ipv4_addr . inet_service; flags timeout; }',
      'add rule inet lvsd_handover output tcp flags & rst == rst ip saddr . tcp sport @virtual4 drop',
      'add rule inet lvsd_handover forward tcp flags & rst == rst ip saddr . tcp sport @virtual4 drop',
      'add set inet lvsd_handover virtual6 { type ipv6_addr . inet_service; flags timeout; }',
      'add rule inet lvsd_handover output tcp flags & rst == rst ip6 saddr . tcp sport @virtual6 drop',
      'add rule inet lvsd_handover forward tcp flags & rst == rst ip6 saddr . tcp sport @virtual6 drop',
    ]);
    assert.match(EMPTY_HOLD, /output tcp flags & rst == rst ip saddr @virtual_any4 drop/);
    assert.match(EMPTY_HOLD, /forward ip6 saddr . meta l4proto . th sport @real6 drop/);
    assert.match(EMPTY_HOLD, /forward meta l4proto tcp ip saddr @real_any4 drop/);
    assert.doesNotMatch(EMPTY_HOLD, /add element/);
  });

  it('holds what expires by itself', () => {
    const virtual = [
      { address: '10.0.0.100', port: 80 },
      { address: 'fd00::64', port: 443 },
    ];
    assert.deepEqual(renderHeld({ virtual, real: [] }, 2600.2).split('\n'), [
      'add element inet lvsd_handover virtual4 { 10.0.0.100 . 80 timeout 2601ms }',
      'add element inet lvsd_handover virtual6 { fd00::64 . 443 timeout 2601ms }',
      '',
    ]);
  });

  it('has no other rules than it needs where it is put in place at once: others may be unknown there', () => {
    const lines = renderHold({ virtual: [{ address: '10.0.0.100', port: 80 }], real: [] }, 1000).split('\n');
    assert.deepEqual(lines.slice(5), [
      'add set inet lvsd_handover virtual4 { type ipv4_addr . inet_service; flags timeout; }',
      'add rule inet lvsd_handover output tcp flags & rst == rst ip saddr . tcp sport @virtual4 drop',
      'add rule inet lvsd_handover forward tcp flags & rst == rst ip saddr . tcp sport @virtual4 drop',
      'add element inet lvsd_handover virtual4 { 10.0.0.100 . 80 timeout 1000ms }',
      '',
    ]);
  });

  it('names what several services share once, and each protocol of a mark', () => {
    const real = [
      { address: '10.0.0.11', port: 80, protocol: 'tcp' },
      { address: '10.0.0.11', port: 80, protocol: 'tcp' },
      { address: '10.0.0.12', port: 80 },
      { address: '10.0.0.13', port: 0 },
    ] as const;
    const lines = renderHeld({ virtual: [{ address: '10.0.0.100', port: 0 }], real }, 1000).split('\n');
    const both = '10.0.0.12 . tcp . 80 timeout 1000ms, 10.0.0.12 . udp . 80 timeout 1000ms';
    assert.deepEqual(lines, [
      'add element inet lvsd_handover virtual_any4 { 10.0.0.100 timeout 1000ms }',
      `add element inet lvsd_handover real4 { 10.0.0.11 . tcp . 80 timeout 1000ms, ${both} }`,
      'add element inet lvsd_handover real_any4 { 10.0.0.13 timeout 1000ms }',
      '',
    ]);
  });

  it('drops what is no beginning of connections that are over, each named once, in a table of its own', () => {
    const of = (client: string, virtual: string, port: number) => ({
      client: { address: client, port },
      virtual: { address: virtual, port: 80 },
    });
    const closed = [
      of('10.0.0.1', '10.0.0.100', 40_000),
      of('10.0.0.1', '10.0.0.100', 40_000),
      of('fd00::1', 'fd00::64', 40_001),
    ];
    const type = (family: number) => `ipv${family}_addr . inet_service . ipv${family}_addr . inet_service`;
    const rule = 'add rule inet lvsd_handover_closed input tcp flags';
    const of4 = 'ip saddr . tcp sport . ip daddr . tcp dport';
    const of6 = 'ip6 saddr . tcp sport . ip6 daddr . tcp dport';
    assert.deepEqual(renderClosed(closed, 1600.1).split('\n'), [
      'add table inet lvsd_handover_closed',
      'delete table inet lvsd_handover_closed',
      'add table inet lvsd_handover_closed',
      'add chain inet lvsd_handover_closed input { type filter hook input priority 0; policy accept; }',
      `add set inet lvsd_handover_closed closed4 { type ${type(4)}; flags dynamic,timeout; timeout 1601ms; }`,
      'add element inet lvsd_handover_closed closed4 { 10.0.0.1 . 40000 . 10.0.0.100 . 80 }',
      `${rule} & (syn | ack) == syn delete @closed4 { ${of4} }`,
      `${rule} & (syn | rst) == 0 ${of4} @closed4 drop`,
      `add set inet lvsd_handover_closed closed6 { type ${type(6)}; flags dynamic,timeout; timeout 1601ms; }`,
      'add element inet lvsd_handover_closed closed6 { fd00::1 . 40001 . fd00::64 . 80 }',
      `${rule} & (syn | ack) == syn delete @closed6 { ${of6} }`,
      `${rule} & (syn | rst) == 0 ${of6} @closed6 drop`,
      '',
    ]);
    assert.match(RELEASE, /delete table inet lvsd_handover\n.*\ndelete table inet lvsd_handover_closed\n$/);
  });
});
