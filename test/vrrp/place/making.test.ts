/** What is found of the interfaces that are made for an instance, and done about it. */
import assert from 'node:assert/strict';
import { LaterChanges } from '../../../src/net/route/later.js';
import type { Kernel } from '../../../src/vrrp/place/addresses.js';
import { madeLinks, whatIs } from '../../../src/vrrp/place/made-link.js';
import { makeLinks } from '../../../src/vrrp/place/making.js';
import { createFakeRoutes, type FakeRoutes } from '../../support/fake-routes.js';
import { instance } from '../../support/instances.js';

const CONFIG = instance({ ipvlan: { interface: 'vrrp.51', mode: 'bridge' } });

/** A kernel in which `vrrp.51` is down. */
function withLinkDown(): Kernel & Pick<FakeRoutes, 'log' | 'refuse'> {
  const kernel = createFakeRoutes(['eth0', 'vrrp.51']);
  const byName: typeof kernel.links.byName = (name) => {
    const link = kernel.links.byName(name);
    return link && { ...link, up: name !== 'vrrp.51' };
  };
  return { ...kernel, links: { ...kernel.links, byName }, later: new LaterChanges(kernel.socket) };
}

describe('vrrp/making', () => {
  it('one that was set down is set up', () => {
    const kernel = withLinkDown();
    assert.deepEqual(makeLinks(kernel, CONFIG, new Set(['vrrp.51'])), [
      { name: 'vrrp.51', found: 'down', errors: [] },
    ]);
    assert.deepEqual(kernel.log, ['set up vrrp.51']);
  });

  it('one that is down because it is being deleted was deleted, and is made anew', () => {
    const kernel = withLinkDown();
    kernel.refuse('set up', -19);
    assert.deepEqual(makeLinks(kernel, CONFIG, new Set(['vrrp.51'])), [
      { name: 'vrrp.51', found: 'missing', errors: [] },
    ]);
    assert.deepEqual(kernel.log, ['set up vrrp.51', 'add ipvlan vrrp.51 on eth0']);
  });
});

describe('what an interface is that has the name of one that is to be made', () => {
  const [base] = createFakeRoutes(['eth0']).links.all();
  assert.ok(base);
  const MAC = '00:00:5E:00:01:33';
  const [macvlan] = madeLinks(instance({ vmac: { interface: 'vlan', macAddress: MAC, xmitBase: false } }));
  const [ipvlan] = madeLinks(instance({ ipvlan: { interface: 'vlan', mode: 'bridge' } }));
  assert.ok(macvlan && ipvlan);
  const there = { ...base, index: 9, name: 'vlan', parent: base.index };
  const ours = { ...there, kind: 'macvlan', mac: MAC.toLowerCase() };

  for (const [what, link, wanted, on, expected] of [
    ['a macvlan on the base with the MAC address', ours, macvlan, base, 'wanted'],
    ['a macvlan on another base', { ...ours, parent: 7 }, macvlan, base, 'outdated'],
    ['a macvlan with another MAC address', { ...ours, mac: '00:00:5e:00:01:34' }, macvlan, base, 'outdated'],
    ['an ipvlan on the base', { ...there, kind: 'ipvlan' }, ipvlan, base, 'wanted'],
    ['a macvlan where an ipvlan is wanted', ours, ipvlan, base, 'outdated'],
    ['an ipvlan where a macvlan is wanted', { ...ours, kind: 'ipvlan' }, macvlan, base, 'outdated'],
    ['a bridge', { ...ours, kind: 'bridge' }, macvlan, base, 'foreign'],
    ['hardware', { ...ours, kind: undefined }, macvlan, base, 'foreign'],
    [
      'a macvlan beside the macvlan it is wanted on',
      ours,
      macvlan,
      { ...base, index: 8, kind: 'macvlan', parent: base.index },
      'wanted',
    ],
  ] as const) {
    it(`${what}: ${expected}`, () => {
      assert.equal(whatIs(link, wanted, on), expected);
    });
  }
});
