import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../../src/vrrp/config.js';
import { onOtherInterfaces } from '../../../src/vrrp/place/extra-interfaces.js';
import { onMadeLink } from '../../../src/vrrp/place/made-link.js';
import { address, instance } from '../../support/instances.js';
import { GARP } from '../../support/routers.js';

const on = (name: string, text: string) => ({ ...address(text), interface: name });
const vmac = { interface: 'vrrp.51', macAddress: '00:00:5e:00:01:33', xmitBase: false };
const vmacOn1 = { interface: 'vrrp1.51', base: 'eth1', macAddress: '00:00:5e:00:01:33' };

/** The addresses refreshed by garp_extra_if of an instance with these, beside 192.0.2.100 on eth0. */
function refreshed(all: boolean, change: Partial<InstanceConfig>): readonly string[] {
  const garp = { ...GARP, extraIf: { intervalMs: 1000, all } };
  const chosen = onOtherInterfaces(onMadeLink(instance({ ...change, garp })));
  return chosen.map((each) => `${each.address} on ${each.interface}`);
}

describe('vrrp/extra-interfaces', () => {
  const two = [on('eth1', '198.51.100.1'), on('eth1', '198.51.100.2')];
  const six = [on('eth1', '2001:db8::1'), on('eth2', '2001:db8::2')];

  it('with all: one address of a family on each interface but that of the adverts', () => {
    assert.deepEqual(refreshed(true, { excludedAddresses: [...two, ...six] }), [
      '198.51.100.2 on eth1',
      '2001:db8::1 on eth1',
      '2001:db8::2 on eth2',
    ]);
  });

  it('without: those with the MAC address of the virtual router alone', () => {
    const virtual = on('vrrp1.51', '198.51.100.1');
    assert.deepEqual(refreshed(false, { excludedAddresses: [...six, virtual], addressVmacs: [vmacOn1] }), [
      '198.51.100.1 on vrrp1.51',
    ]);
    assert.deepEqual(refreshed(false, { excludedAddresses: two }), []);
  });

  it('use_vmac: adverts leave by it, so that it needs no refresh', () => {
    assert.deepEqual([refreshed(false, { vmac }), refreshed(true, { vmac })], [[], []]);
  });

  it('vmac_xmit_base: no advert leaves by the macvlan, so that it is refreshed', () => {
    const xmitBase = { ...vmac, xmitBase: true };
    assert.deepEqual(refreshed(false, { vmac: xmitBase }), ['192.0.2.100 on vrrp.51']);
  });

  it('use_vmac with unicast: adverts leave by the base', () => {
    const transport = {
      kind: 'unicast',
      peers: [],
      ttl: 255,
      checkSource: false,
      faultNoPeer: false,
      oldChecksum: 'auto',
    } as const;
    assert.deepEqual(refreshed(false, { vmac, transport }), ['192.0.2.100 on vrrp.51']);
  });
});
