/** What is found of the interfaces that are made for an instance, and done about it. */
import assert from 'node:assert/strict';
import { LaterChanges } from '../../../src/net/route/later.js';
import type { Kernel } from '../../../src/vrrp/place/addresses.js';
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
    assert.deepEqual(makeLinks(kernel, CONFIG), [{ name: 'vrrp.51', found: 'down', errors: [] }]);
    assert.deepEqual(kernel.log, ['set up vrrp.51']);
  });

  it('one that is down because it is being deleted was deleted, and is made anew', () => {
    const kernel = withLinkDown();
    kernel.refuse('set up', -19);
    assert.deepEqual(makeLinks(kernel, CONFIG), [{ name: 'vrrp.51', found: 'missing', errors: [] }]);
    assert.deepEqual(kernel.log, ['set up vrrp.51', 'add ipvlan vrrp.51 on eth0']);
  });
});
