/** Renewals while the thread pool hangs, or the kernel does. */
import assert from 'node:assert/strict';
import { LaterChanges } from '../../../src/net/route/later.js';
import { VirtualAddresses } from '../../../src/vrrp/place/addresses.js';
import { createFakeRoutes, type FakeRoutes } from '../../support/fake-routes.js';
import { address } from '../../support/instances.js';

describe('vrrp/addresses while renewals are not made', () => {
  let kernel: FakeRoutes;
  let vips: VirtualAddresses;
  let told: string[];
  /** Threads that are free answer these. */
  let turns: (() => void)[];

  beforeEach(() => {
    [told, turns] = [[], []];
    kernel = createFakeRoutes(['eth0']);
    const later = new LaterChanges(kernel.socket, (done) => turns.push(done));
    vips = new VirtualAddresses(
      { ...kernel, later },
      {
        addresses: [address('192.0.2.1'), address('192.0.2.2')],
        onLost: () => {},
        onError: (error) => told.push(String(error)),
      },
    );
    vips.acquire(4);
  });

  const seconds = () => kernel.addresses().map((line) => line.split(' ').at(-1));
  const work = () => {
    for (const done of turns.splice(0)) done();
    for (let i = 0; i < 10; i += 1) kernel.later();
  };

  it('a thread pool that answers is asked for nothing beside them', () => {
    for (const lifetimeS of [5, 6, 7]) {
      vips.renew(lifetimeS);
      assert.deepEqual(turns, []);
      work();
      assert.deepEqual(seconds(), [`${lifetimeS}s`, `${lifetimeS}s`]);
    }
  });

  it('a thread pool that hangs altogether: the third renewal is made at once, and so on until it works again', () => {
    vips.renew(5);
    vips.renew(6);
    assert.deepEqual(seconds(), ['4s', '4s']);
    vips.renew(7);
    assert.deepEqual(seconds(), ['7s', '7s']);
    vips.renew(8);
    assert.deepEqual(seconds(), ['8s', '8s']);
    work();
    vips.renew(9);
    assert.notDeepEqual(seconds(), ['9s', '9s'], 'later, as usual');
    work();
    assert.deepEqual([seconds(), told], [['9s', '9s'], []]);
  });

  it('a kernel that keeps the thread waiting is waited for by the thread alone', () => {
    for (let lifetimeS = 5; lifetimeS < 10; lifetimeS += 1) {
      vips.renew(lifetimeS);
      for (const done of turns.splice(0)) done();
    }
    assert.deepEqual(seconds(), ['4s', '4s']);
    // The pool hangs after that.
    vips.renew(10);
    vips.renew(11);
    assert.deepEqual(seconds(), ['11s', '11s']);
  });

  it('what the kernel refuses of a renewal made at once is told', () => {
    vips.renew(5);
    vips.renew(6);
    kernel.refuse('add address', -19);
    vips.renew(7);
    assert.match(told.join(), /^add address "192\.0\.2\.1\/32 on eth0": ENODEV/);
    assert.deepEqual(seconds(), ['4s', '7s']);
  });
});
