/** What costs a look at the network when there are many instances: one reading of each interface, and one judgement of all. */
import assert from 'node:assert/strict';
import { createDirector } from '../../../src/vrrp/director.js';
import { View } from '../../../src/vrrp/place/view.js';
import type { Place, Underlay, Upcalls } from '../../../src/vrrp/underlay.js';
import { createFakeClock } from '../../support/fake-clock.js';
import { createFakeRoutes } from '../../support/fake-routes.js';
import { FakeUnderlay, FakeWire } from '../../support/fake-underlay.js';
import { instance, vrrpConfig } from '../../support/instances.js';

describe('vrrp/view', () => {
  it('reads an interface once until it is renewed, whoever asks', () => {
    const { socket } = createFakeRoutes(['eth0', 'eth1']);
    let dumps = 0;
    const dump: typeof socket.dump = (...asked) => {
      dumps += 1;
      return socket.dump(...asked);
    };
    const view = new View({ ...socket, dump }, () => []);
    const [eth0, eth1] = [
      { name: 'eth0', index: 2 },
      { name: 'eth1', index: 3 },
    ];
    view.sourcesOn(eth0);
    const first = dumps;
    for (let i = 0; i < 5; i += 1) view.sourcesOn(eth0);
    assert.deepEqual([first > 0, dumps], [true, first]);
    view.sourcesOn(eth1);
    assert.equal(dumps, 2 * first);
    view.renew();
    view.sourcesOn(eth0);
    assert.equal(dumps, 3 * first);
  });

  it('knows the addresses of all instances there are at that time', () => {
    let instances = [instance({ addresses: ['192.0.2.1'] })];
    const view = new View(createFakeRoutes(['eth0']).socket, () => instances);
    assert.deepEqual([...view.moving().all], ['192.0.2.1']);
    instances = [instance({ addresses: ['192.0.2.2'], priority: 255 })];
    view.renew();
    assert.deepEqual([[...view.moving().all], [...view.moving().owned]], [['192.0.2.2'], ['192.0.2.2']]);
  });
});

describe('vrrp/director and many places that tell at one time', () => {
  const clock = createFakeClock();
  const upcalls: Upcalls[] = [];
  let asked = 0;
  const faults: string[] = [];
  const real = new FakeUnderlay(new FakeWire(clock), 'a', '10.0.0.1');
  const underlay: Underlay = {
    ...real,
    attach: (config, up) => {
      upcalls.push(up);
      const place: Place = real.attach(config, up);
      const count = () => {
        asked += 1;
        return [...faults];
      };
      return { ...place, faults: count };
    },
  };
  const director = createDirector({
    clock,
    log: { info: () => {}, warn: () => {} },
    underlay,
    read: () => undefined,
    notify: () => {},
    onChange: () => {},
    onStage: () => {},
    onLate: () => {},
    bootNow: () => clock.now(),
  });
  const many = Array.from({ length: 20 }, (_, i) => instance({ name: `VI_${i}`, virtualRouterId: i + 1 }));
  director.configure(vrrpConfig(many));
  clock.advance(10_000);
  const states = () => [...new Set(director.instances().map(({ state }) => state))];
  const tell = () => {
    asked = 0;
    for (const { changed } of upcalls) changed();
    return asked;
  };

  it('nothing new is judged by nobody, a fault of all is judged once', () => {
    assert.deepEqual(states(), ['MASTER']);
    assert.equal(tell(), many.length);
    faults.push('eth0 has no address to send from');
    assert.equal(tell(), 2 * many.length);
    assert.deepEqual(states(), ['FAULT']);
    faults.pop();
    assert.equal(tell(), 2 * many.length);
    assert.deepEqual(states(), ['BACKUP']);
  });
});
