/** What status tells of an instance, as its election and its place have it: in simulated time. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../src/vrrp/config.js';
import type { InstanceStatus } from '../../src/vrrp/status.js';
import { createFakeClock, type FakeClock } from '../support/fake-clock.js';
import { createFakeDirector, type FakeDirector } from '../support/fake-directors.js';
import { FakeWire } from '../support/fake-underlay.js';
import { instance, vrrpConfig } from '../support/instances.js';

describe('vrrp/status', () => {
  let clock: FakeClock;
  let lan: Parameters<typeof createFakeDirector>[0];
  let a: FakeDirector;
  let b: FakeDirector;
  beforeEach(() => {
    clock = createFakeClock();
    lan = { clock, wire: new FakeWire(clock) };
    a = createFakeDirector(lan, 'a', '10.0.0.1');
    b = createFakeDirector(lan, 'b', '10.0.0.2');
  });

  const statusOf = ({ director }: FakeDirector): InstanceStatus => director.instances()[0] ?? assert.fail();

  /** Director `a` is master, and `b` hears it. */
  function pair(): void {
    a.director.configure(vrrpConfig([instance({ priority: 150 })]));
    clock.advance(10_000);
    b.director.configure(vrrpConfig([instance()]));
    clock.advance(10_000);
    assert.deepEqual([a.states(), b.states()], [['VI_1 MASTER'], ['VI_1 BACKUP']]);
  }

  it('names the addresses that a backup has and ought not to have, and so in FAULT; a master has its own', () => {
    pair();
    assert.deepEqual(statusOf(b).addresses, { held: [], missing: [], unwanted: [] });
    assert.deepEqual(statusOf(a).addresses.unwanted, []);
    // Left by another program.
    b.underlay.heldUntil.set('VI_1', Number.POSITIVE_INFINITY);
    assert.deepEqual(statusOf(b).addresses.unwanted, ['192.0.2.100']);
    b.underlay.setLink('eth0', false);
    assert.deepEqual([b.states(), statusOf(b).addresses.unwanted], [['VI_1 FAULT'], ['192.0.2.100']]);
  });

  it('has no unwanted address before the start: it may be adopted', () => {
    b.underlay.heldUntil.set('VI_1', Number.POSITIVE_INFINITY);
    const { process } = vrrpConfig([]);
    b.director.configure(vrrpConfig([instance()], { process: { ...process, startupDelayMs: 5000 } }));
    assert.deepEqual([b.states(), statusOf(b).addresses.unwanted], [['VI_1 INIT'], []]);
  });

  it('tells when the last advert was heard: every second of a master, and no more of one that is silent', () => {
    pair();
    const heardAgo = () => clock.wallNow() - (statusOf(b).lastHeardAt ?? assert.fail('never'));
    assert.equal(statusOf(a).lastHeardAt, undefined, 'a master that hears nobody');
    for (let second = 0; second < 5; second += 1, clock.advance(1000)) assert.ok(heardAgo() <= 1000);
    a.underlay.cut = true;
    const before = heardAgo();
    clock.advance(2000);
    assert.equal(heardAgo(), before + 2000);
  });

  describe('of a master with other addresses', () => {
    /** Another pair with our number has the higher priority. */
    function strangers(change: Partial<InstanceConfig> = {}): void {
      a.director.configure(vrrpConfig([instance({ priority: 150, addresses: ['192.0.2.50', '192.0.2.9'] })]));
      clock.advance(10_000);
      b.director.configure(vrrpConfig([instance({ addresses: ['192.0.2.100', '192.0.2.9'], ...change })]));
      clock.advance(10_000);
      assert.deepEqual(b.states(), ['VI_1 BACKUP'], 'believed, as with keepalived');
    }
    const others = () => statusOf(b).master?.otherAddresses;
    const odd = () => statusOf(b).counts.odd.addr_list_mismatch;

    it('a backup names those that differ, counts its adverts, and the log names them once', () => {
      strangers();
      assert.deepEqual(others(), { has: ['192.0.2.50'], lacks: ['192.0.2.100'] });
      const { advertsReceived } = statusOf(b).counts;
      assert.ok(advertsReceived >= 9 && odd() === advertsReceived, `${odd()} of ${advertsReceived}`);
      assert.deepEqual(
        b.log.filter((line) => line.includes('addresses')),
        [
          'VI_1: advert of 10.0.0.1: its addresses are not those configured here: it has 192.0.2.50, lacks 192.0.2.100',
        ],
      );
    });

    it('names them with skip_check_adv_addr too, though it compares the first advert alone', () => {
      strangers({ skipCheckAdvAddr: true });
      assert.deepEqual([others(), odd()], [{ has: ['192.0.2.50'], lacks: ['192.0.2.100'] }, 1]);
    });

    it('names none any more when the files agree', () => {
      strangers();
      b.director.configure(vrrpConfig([instance({ addresses: ['192.0.2.50', '192.0.2.9'] })]));
      clock.advance(2000);
      const before = odd();
      clock.advance(10_000);
      assert.deepEqual([others(), odd()], [undefined, before]);
    });

    it('names none of the next master, whose addresses are ours', () => {
      strangers();
      a.underlay.cut = true;
      const third = createFakeDirector(lan, 'c', '10.0.0.3');
      third.director.configure(
        vrrpConfig([instance({ priority: 120, addresses: ['192.0.2.9', '192.0.2.100'] })]),
      );
      clock.advance(10_000);
      assert.deepEqual([statusOf(b).master?.address, others()], ['10.0.0.3', undefined]);
    });

    it('is nothing of one whose addresses are ours', () => {
      pair();
      assert.deepEqual([others(), statusOf(b).counts.odd], [undefined, {}]);
    });
  });
});
