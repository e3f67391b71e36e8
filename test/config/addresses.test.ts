/** Lines of addresses: what they leave open. */
import assert from 'node:assert/strict';
import { loadClean } from '../support/config.js';
import { cleanInstance } from '../support/vrrp-text.js';

describe('preferred_lft of an address line', () => {
  for (const [line, preferredLft] of [
    ['2001:db8::100', 0],
    ['2001:db8::100/128', 0],
    ['fe80::100', 0],
    ['2001:db8::100 peer 2001:db8::200', 0],
    ['2001:db8::100/64 peer 2001:db8::200', 0],
    ['2001:db8::100/64', 'forever'],
    ['2001:db8::100/64 preferred_lft 0', 0],
    ['2001:db8::100 preferred_lft forever', 'forever'],
    ['2001:db8::100/128 preferred_lft 7', 7],
    ['10.0.0.100', 'forever'],
    ['10.0.0.100/32', 'forever'],
  ] as const) {
    it(`"${line}": ${preferredLft}`, () => {
      const { virtualAddresses, excludedAddresses } = cleanInstance(
        `virtual_ipaddress_excluded { ${line} }`,
        { address: line },
      );
      const { staticAddresses } = loadClean(`static_ipaddress { ${line} }`).vrrp ?? assert.fail('no VRRP');
      for (const [address] of [virtualAddresses, excludedAddresses, staticAddresses])
        assert.equal(address?.preferredLft, preferredLft);
    });
  }
});
