/** A process that starts late finds its addresses still there, and its peer master: who must learn of it, and when. */
import assert from 'node:assert/strict';
import { createDirector } from '../../../src/vrrp/director.js';
import { initialState, step } from '../../../src/vrrp/election/machine.js';
import type { Action, Adoption } from '../../../src/vrrp/election/state.js';
import type { Underlay } from '../../../src/vrrp/underlay.js';
import { createFakeClock } from '../../support/fake-clock.js';
import { FakeLan } from '../../support/fake-lan.js';
import { FakeUnderlay, FakeWire } from '../../support/fake-underlay.js';
import { instance, vrrpConfig } from '../../support/instances.js';
import { router } from '../../support/routers.js';

describe('vrrp/machine: late adoption', () => {
  /** A backup of priority 254 takes over 300.78 ms after the last advert. */
  const node = router({ advertIntMs: 100 });

  function starts(adopt: Omit<Extract<Adoption, { of: 'last-run' }>, 'of'>): readonly Action['kind'][] {
    const startup = { kind: 'startup', adopt: { of: 'last-run', ...adopt } } as const;
    return step(node, initialState(node), startup, 0).actions.map(({ kind }) => kind);
  }

  it('announces, before its advert makes the other one let go, from when another may have taken over', () => {
    assert.deepEqual(starts({ lastAdvertAgoMs: 300 }), ['acquire', 'advertise', 'transition']);
    assert.deepEqual(starts({ lastAdvertAgoMs: 301 }), ['acquire', 'announce', 'advertise', 'transition']);
  });

  it('announces when some of the addresses had gone: nobody answered for them', () => {
    const actions = starts({ lastAdvertAgoMs: 100, partly: true });
    assert.deepEqual(actions, ['acquire', 'announce', 'advertise', 'transition']);
  });

  it('the last to announce is the one that has the addresses', () => {
    const lan = new FakeLan();
    lan.add('a', router({ priority: 150, primaryAddress: '10.0.0.1', advertIntMs: 100 }));
    lan.add('b', router({ priority: 100, primaryAddress: '10.0.0.2', advertIntMs: 100 }));
    for (const name of lan.nodes.keys()) lan.start(name);
    lan.runUntil(6300);
    lan.kill('a');
    lan.runUntil(7000);
    assert.deepEqual(lan.holders(), ['a', 'b'], 'b has taken over, and the dead one is not over yet');
    lan.start('a');
    lan.runUntil(7001);
    assert.deepEqual(lan.holders(), ['a']);
    const last = lan.trace.findLast((line) => line.includes('announces'));
    assert.match(last ?? '', /^ +7000\.000 {2}a /);
    lan.trace.length = 0;
    lan.runUntil(7200);
    assert.match(
      lan.trace.filter((line) => line.includes('announces')).join(),
      /^ +7100\.000 {2}a {2}announces addresses × 1$/,
      'and once more when the last answers of the other one are over',
    );
  });

  it('the director looks which addresses are there', () => {
    const clock = createFakeClock();
    const wire = new FakeWire(clock);
    const kernel = new FakeUnderlay(wire, 'a', '10.0.0.1');
    const underlay: Underlay = {
      ...kernel,
      attach: (config, upcalls) => ({
        ...kernel.attach(config, upcalls),
        holding: () => ({ held: ['192.0.2.1'], missing: ['192.0.2.2'] }),
      }),
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
      bootNow: () => 1_000_000 + clock.now(),
    });
    const config = vrrpConfig([instance({ addresses: ['192.0.2.1', '192.0.2.2'] })]);
    director.configure(config, { aliveAt: 999_900, masters: ['VI_1'], yielded: [] });
    assert.deepEqual(
      wire.trace.map((line) => line.replace(/^\S+ /, '')),
      ['a VI_1 holds', 'a VI_1 announces', 'a VI_1 advert 100'],
    );
    assert.equal(director.instances()[0]?.cause, 'still holds some of the addresses of its last run');
  });
});
