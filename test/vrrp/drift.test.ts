/** What another hand takes away of an instance is put back, and told by log and status. */
import assert from 'node:assert/strict';
import { createFakeClock } from '../support/fake-clock.js';
import { createFakeDirector } from '../support/fake-directors.js';
import { FakeWire } from '../support/fake-underlay.js';
import { instance, vrrpConfig } from '../support/instances.js';

describe('vrrp drift', () => {
  it('status counts what another hand took away, with the last and when; a reload forgets nothing', () => {
    const clock = createFakeClock();
    const { director, underlay, log } = createFakeDirector(
      { clock, wire: new FakeWire(clock) },
      'a',
      '10.0.0.1',
    );
    const configure = (priority: number) =>
      director.configure(
        vrrpConfig([instance({ priority }), instance({ name: 'VI_2', virtualRouterId: 52 })]),
      );
    const drift = (i: 0 | 1 = 0) => {
      const status = director.instances()[i];
      return [status?.drifts, status?.lastDrift];
    };
    configure(150);
    clock.advance(10_000);
    assert.deepEqual(drift(), [0, undefined]);
    underlay.loseAddresses('VI_1', ['192.0.2.100/32 on eth0', 'route to 10.0.0.0/8']);
    assert.ok(underlay.holds('VI_1'), 'it is back before anything else happens');
    const at = clock.wallNow();
    assert.deepEqual(drift(), [2, { at, text: 'route to 10.0.0.0/8 was taken away' }]);
    assert.equal(
      log.at(-1),
      'VI_1: 192.0.2.100/32 on eth0, route to 10.0.0.0/8 was taken away by another hand, put back',
    );
    underlay.loseAddresses('VI_1', ['192.0.2.100/32 on eth0'], 'expired');
    assert.ok(underlay.holds('VI_1'));
    assert.equal(drift()[0], 2, 'what went by itself was taken by nobody');
    assert.equal(
      log.at(-1),
      'VI_1: 192.0.2.100/32 on eth0 expired while this process did not get to run, put back',
    );
    clock.advance(5000);
    underlay.disturbLink('VI_1', 'interface vrrp.51 was deleted');
    assert.ok(underlay.holds('VI_1'), 'what was on it is back at once');
    assert.deepEqual(drift(), [3, { at: at + 5000, text: 'interface vrrp.51 was deleted' }]);
    assert.equal(log.at(-1), 'VI_1: interface vrrp.51 was deleted by another hand, put back');
    configure(160);
    assert.equal(drift()[0], 3);
    assert.deepEqual(drift(1), [0, undefined], 'and the other instance has lost nothing');
  });
});
