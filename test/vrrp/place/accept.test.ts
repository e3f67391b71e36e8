import assert from 'node:assert/strict';
import { acceptRules, closedAddresses } from '../../../src/vrrp/place/accept.js';
import { instance } from '../../support/instances.js';

describe('vrrp/accept', () => {
  it('closes the addresses of those with no_accept, but for what another one accepts', () => {
    const closed = instance({ accept: false, addresses: ['192.0.2.2', '192.0.2.1'] });
    const open = instance({ name: 'b', addresses: ['192.0.2.2', '192.0.2.3'] });
    assert.deepEqual(closedAddresses([closed, open]), ['192.0.2.1']);
    const { virtualAddresses } = instance({ addresses: ['2001:db8::1'] });
    assert.deepEqual(closedAddresses([{ ...closed, excludedAddresses: virtualAddresses }]), [
      '192.0.2.1',
      '192.0.2.2',
      '2001:db8::1',
    ]);
  });

  it('replaces the table as a whole, behind IPVS', () => {
    const rules = acceptRules(['192.0.2.1', '192.0.2.2', '2001:db8::1']);
    assert.match(rules, /^add table inet lvsd_vrrp; delete table inet lvsd_vrrp; table inet lvsd_vrrp \{/);
    assert.match(rules, /set closed4 \{ type ipv4_addr; elements = \{ 192\.0\.2\.1, 192\.0\.2\.2 \}; \}/);
    assert.match(rules, /set closed6 \{ type ipv6_addr; elements = \{ 2001:db8::1 \}; \}/);
    assert.match(rules, /type filter hook input priority 110;/);
  });

  it('removes it where nothing is closed', () =>
    assert.equal(acceptRules([]), 'add table inet lvsd_vrrp; delete table inet lvsd_vrrp;'));
});
