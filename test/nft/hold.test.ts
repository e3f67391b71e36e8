import assert from 'node:assert/strict';
import { renderHold } from '../../src/nft/hold.js';

describe('the hold in the language of nft', () => {
  it('is a table of its own, whose elements expire', () => {
    const lines = renderHold(
      {
        virtual: [
          { address: '10.0.0.100', port: 80 },
          { address: 'fd00::64', port: 443 },
        ],
        real: [],
      },
      2600.2,
    ).split('\n');
    assert.deepEqual(lines, [
      'add table inet lvsd_handover',
      'delete table inet lvsd_handover',
      'add table inet lvsd_handover',
      'add chain inet lvsd_handover output { type filter hook output priority 0; policy accept; }',
      'add chain inet lvsd_handover forward { type filter hook forward priority 150; policy accept; }',
      'add set inet lvsd_handover virtual4 { type ipv4_addr . inet_service; flags timeout; timeout 2601ms; }',
      'add element inet lvsd_handover virtual4 { 10.0.0.100 . 80 }',
      'add rule inet lvsd_handover output tcp flags & rst == rst ip saddr . tcp sport @virtual4 drop',
      'add set inet lvsd_handover virtual6 { type ipv6_addr . inet_service; flags timeout; timeout 2601ms; }',
      'add element inet lvsd_handover virtual6 { fd00::64 . 443 }',
      'add rule inet lvsd_handover output tcp flags & rst == rst ip6 saddr . tcp sport @virtual6 drop',
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
    const text = renderHold({ virtual: [{ address: '10.0.0.100', port: 0 }], real }, 1000);
    assert.match(text, /real4 \{ 10.0.0.11 . tcp . 80, 10.0.0.12 . tcp . 80, 10.0.0.12 . udp . 80 \}/);
    assert.match(text, /real_any4 \{ 10.0.0.13 \}/);
    assert.match(text, /forward meta l4proto tcp ip saddr @real_any4 drop/);
    assert.match(text, /output tcp flags & rst == rst ip saddr @virtual_any4 drop/);
  });
});
