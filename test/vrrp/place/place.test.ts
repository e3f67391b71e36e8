/** Why an instance cannot use its place in the network, and what becomes of it: the director and the place whole, the machine in memory. */
import assert from 'node:assert/strict';
import { dropAddress, holdAddress } from '../../../src/net/route/addresses.js';
import type { InstanceConfig, UnicastConfig } from '../../../src/vrrp/config.js';
import { specOf } from '../../../src/vrrp/place/addresses.js';
import { createFakeHost, type FakeHost, own } from '../../support/fake-place.js';
import { address } from '../../support/instances.js';

const SOURCE = '10.0.0.1';

/** Master of these instances. */
function master(host: FakeHost, ...instances: readonly InstanceConfig[]): FakeHost {
  host.configure(...instances);
  host.clock.advance(10_000);
  assert.equal(host.state(), 'MASTER');
  return host;
}

describe('vrrp/place', () => {
  it('an interface that is down is a fault, and no more when it is up', () => {
    const host = master(createFakeHost(), own());
    host.setLink('eth0', false);
    assert.equal(host.state(), 'FAULT: interface eth0 is down');
    host.setLink('eth0', true);
    assert.equal(host.state(), 'BACKUP');
  });

  it('dont_track_primary: it goes on while the interface is down', () => {
    const host = master(createFakeHost(), own({ dontTrackPrimary: true }));
    host.setLink('eth0', false);
    host.clock.advance(10_000);
    assert.equal(host.state(), 'MASTER');
    host.configure(own());
    assert.equal(host.state(), 'FAULT: interface eth0 is down', 'until a reload takes it back');
  });

  it('dont_track_primary: an interface that does not exist is a fault all the same', () => {
    const host = createFakeHost();
    host.configure(own({ interface: 'eth9', dontTrackPrimary: true }));
    assert.equal(host.state(), 'FAULT: interface eth9 does not exist');
  });

  describe('track_src_ip', () => {
    const source = { ...address(SOURCE), prefixLength: 24 };
    const on = { name: 'eth0', index: 2 };
    const add = (host: FakeHost) => {
      host.kernel.socket.change([
        holdAddress(specOf(source), on, { valid: 'forever', preferred: 'forever' }),
      ]);
      host.look();
    };
    const remove = (host: FakeHost) => {
      host.kernel.socket.change([dropAddress(specOf(source), on)]);
      host.look();
    };

    it('is a fault while the source address is not there', () => {
      const host = createFakeHost();
      host.configure(own({ trackSrcIp: true }));
      assert.equal(host.state(), `FAULT: source address ${SOURCE} is not there`);
      add(host);
      assert.equal(host.state(), 'BACKUP');
      host.clock.advance(10_000);
      assert.equal(host.state(), 'MASTER');
      remove(host);
      host.clock.advance(10_000);
      // It hands over first; with nobody there it lets go by itself.
      assert.equal(host.state(), `FAULT: source address ${SOURCE} is not there`);
    });

    it('without it nobody asks whether it is', () => {
      const host = createFakeHost();
      add(host);
      master(host, own());
      remove(host);
      host.clock.advance(10_000);
      assert.equal(host.state(), 'MASTER');
    });
  });

  describe('unicast_fault_no_peer', () => {
    const unicast = (peers: UnicastConfig['peers']): InstanceConfig =>
      own({
        transport: {
          kind: 'unicast',
          peers,
          sourceAddress: SOURCE,
          ttl: 255,
          checkSource: false,
          faultNoPeer: true,
          oldChecksum: 'auto',
        },
      });

    it('is a fault until a reload brings a peer', () => {
      const host = createFakeHost();
      host.configure(unicast([]));
      assert.equal(host.state(), 'FAULT: there is no unicast peer');
      host.clock.advance(60_000);
      assert.equal(host.state(), 'FAULT: there is no unicast peer');
      host.configure(unicast([{ address: '10.0.0.2' }]));
      assert.equal(host.state(), 'BACKUP');
      host.clock.advance(10_000);
      assert.equal(host.state(), 'MASTER');
    });
  });

  describe('interface_up_down_delays', () => {
    const delays = [
      { interface: 'eth0', downDelayMs: 500, upDelayMs: 2000 },
      { interface: 'eth1', downDelayMs: 300, upDelayMs: 700 },
    ];

    it('a link that flaps for less is no fault', () => {
      const host = master(createFakeHost(delays), own());
      const before = host.trace.length;
      for (let i = 0; i < 20; i += 1) {
        host.setLink('eth0', false);
        host.clock.advance(499);
        host.setLink('eth0', true);
        host.clock.advance(1);
      }
      assert.deepEqual(host.trace.slice(before), []);
    });

    it('one that is lost for longer is a fault then, and none when it has been back for longer', () => {
      const host = master(createFakeHost(delays), own());
      const before = host.trace.length;
      host.setLink('eth0', false);
      host.clock.advance(3000);
      host.setLink('eth0', true);
      host.clock.advance(1999);
      host.setLink('eth0', false);
      host.clock.advance(1);
      host.setLink('eth0', true);
      host.clock.advance(2000);
      assert.deepEqual(host.trace.slice(before), [
        '10500 FAULT: interface eth0 is down',
        // The flap 1 ms before its time began the wait anew.
        '17000 BACKUP',
      ]);
    });

    it('a tracked interface costs its weight as long as it is believed to be down', () => {
      const track = { interfaces: [{ name: 'eth1', weight: -30, reverse: false }] };
      const nothing = { scripts: [], files: [], processes: [], pools: [] };
      const host = master(createFakeHost(delays), own({ track: { ...track, ...nothing } }));
      const priority = () => host.director.instances()[0]?.priority.effective;
      const around = (up: boolean, ms: number) => {
        host.setLink('eth1', up);
        host.clock.advance(ms - 1);
        const before = priority();
        host.clock.advance(1);
        return [before, priority()];
      };
      assert.deepEqual(around(false, 300), [100, 70]);
      assert.deepEqual(around(true, 700), [70, 100]);
    });
  });
});
