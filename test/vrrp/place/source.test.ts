import assert from 'node:assert/strict';
import { IFA_F, type InterfaceAddress } from '../../../src/net/route/address.js';
import type { InstanceConfig, TransportConfig } from '../../../src/vrrp/config.js';
import { movingOf } from '../../../src/vrrp/place/moving.js';
import { sourceAddress } from '../../../src/vrrp/place/source.js';
import { address, instance } from '../../support/instances.js';

const [LINK, GLOBAL] = [253, 0];

function on(text: string, change: Partial<InterfaceAddress> = {}): InterfaceAddress {
  const { family, prefixLength } = address(text);
  const scope = text.startsWith('fe80') ? LINK : GLOBAL;
  const lifetime = { valid: 'forever', preferred: 'forever' } as const;
  return { family, address: text, prefixLength, scope, flags: 0, interfaceIndex: 2, lifetime, ...change };
}

/** To a peer that is reached by a router. */
const UNICAST: TransportConfig = {
  kind: 'unicast',
  peers: [{ address: '2001:db8:1::2' }],
  ttl: 255,
  checkSource: false,
  faultNoPeer: false,
  oldChecksum: 'auto',
};

/** The source of the first of these instances. */
function source(instances: readonly InstanceConfig[], there: readonly InterfaceAddress[]) {
  const [first] = instances;
  assert.ok(first);
  return sourceAddress(first, there, movingOf(instances));
}

describe('vrrp/source', () => {
  const a = instance({ name: 'A', addresses: ['192.0.2.100'] });
  const b = instance({ name: 'B', addresses: ['192.0.2.101'] });

  it('is the first address of the interface, not a virtual one, and a secondary only where there is no other', () => {
    const second = on('192.0.2.2', { flags: IFA_F.SECONDARY });
    assert.equal(source([a], [on('192.0.2.100'), second, on('192.0.2.1')]), '192.0.2.1');
    assert.equal(source([a], [on('192.0.2.100'), second]), '192.0.2.2');
    assert.equal(source([a], [on('192.0.2.100')]), undefined);
  });

  it('is what is configured, whatever is there', () => {
    const transport: TransportConfig = { kind: 'multicast', group: '224.0.0.18', sourceAddress: '192.0.2.9' };
    assert.equal(source([{ ...a, transport }], [on('192.0.2.1')]), '192.0.2.9');
  });

  it('IPv6: link-local by multicast, global to unicast peers behind a router, none that is tentative', () => {
    const six = instance({ addresses: ['2001:db8::100'] });
    const there = [on('2001:db8::9', { flags: IFA_F.TENTATIVE }), on('2001:db8::1'), on('fe80::1')];
    assert.equal(source([six], there), 'fe80::1');
    assert.equal(source([{ ...six, transport: UNICAST }], there), '2001:db8::1');
  });

  it('is no address of another instance, which the kernel may name first', () => {
    const [six, other] = ['100', '101'].map((end) =>
      instance({ addresses: [`fe80::${end}`, `2001:db8::${end}`], transport: UNICAST }),
    );
    assert.ok(six && other);
    const there = [on('2001:db8::101'), on('2001:db8::1'), on('fe80::101'), on('fe80::1')];
    assert.equal(source([six, other], there), '2001:db8::1');
    const multicast = { kind: 'multicast', group: 'ff02::12' } as const;
    assert.equal(source([{ ...six, transport: multicast }, other], there), 'fe80::1');
    assert.equal(source([a, b], [on('192.0.2.101')]), undefined);
    const excluded = { ...b, virtualAddresses: [], excludedAddresses: [address('192.0.2.101')] };
    assert.equal(source([a, excluded], [on('192.0.2.101')]), undefined);
  });

  it("is an owner's address where the host has no others: it owns it", () => {
    const owner = { ...b, priority: 255 };
    assert.equal(source([a, owner], [on('192.0.2.101'), on('192.0.2.1')]), '192.0.2.1');
    assert.equal(source([a, owner], [on('192.0.2.101')]), '192.0.2.101');
  });
});
