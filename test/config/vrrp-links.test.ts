/** The lines that make an interface: use_vmac, vmac_xmit_base, use_ipvlan. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import { load, loadClean } from '../support/config.js';

const text = (lines: string, address: string) =>
  `vrrp_instance VI {\nvirtual_router_id 51\nvirtual_ipaddress { ${address} }\n${lines}\n}`;

function instance(lines: string, address = '10.0.0.100'): InstanceConfig {
  return loadClean(text(lines, address)).vrrp?.instances[0] ?? assert.fail('no instance');
}

describe('interfaces that an instance makes', () => {
  it('vmac_xmit_base: adverts leave by the base', () => {
    assert.equal(instance('use_vmac\nvmac_xmit_base').vmac?.xmitBase, true);
    assert.equal(instance('use_vmac').vmac?.xmitBase, false);
  });

  it('use_vmac … group N: the link group, also of the macvlans for addresses', () => {
    assert.equal(instance('use_vmac group 7').vmac?.group, 7);
    const { vmac, addressVmacs } = instance('use_vmac v0 group 7\nuse_vmac_addr', '10.0.0.100 dev eth1');
    assert.deepEqual([vmac?.interface, vmac?.group, addressVmacs[0]?.group], ['v0', 7, 7]);
    assert.deepEqual(load(text('use_vmac group x', '10.0.0.100')).messages, [
      '4:16: error: group "x": expected a number between 0 and 2147483647',
    ]);
  });

  it('IPv6: the MAC address is of the family', () => {
    assert.equal(instance('use_vmac', 'fe80::1').vmac?.macAddress, '00:00:5e:00:02:33');
  });

  it('use_ipvlan: the name of the VRID, bridge; or what the line says', () => {
    assert.deepEqual(instance('use_ipvlan').ipvlan, { interface: 'vrrp.51', mode: 'bridge' });
    assert.deepEqual(instance('use_ipvlan ip0 10.0.0.9/24 vepa group 7').ipvlan, {
      interface: 'ip0',
      mode: 'vepa',
      address: { address: '10.0.0.9', prefixLength: 24 },
      group: 7,
    });
    assert.equal(instance('use_ipvlan name private').ipvlan?.interface, 'private');
  });
});
