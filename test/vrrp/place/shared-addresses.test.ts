/** A reload in which two instances have the same address for a moment. The machine is in memory. */
import assert from 'node:assert/strict';
import { createFakeHost, here, own } from '../../support/fake-place.js';

const MOVED = '192.0.2.9';
const one = (...addresses: string[]) => own({ name: 'VI_1', virtualRouterId: 51, addresses });
const two = (...addresses: string[]) => own({ name: 'VI_2', virtualRouterId: 52, addresses });

describe('an address that two instances have', () => {
  for (const [what, before, after] of [
    [
      'to the one before',
      [one('192.0.2.1'), two('192.0.2.2', MOVED)],
      [one('192.0.2.1', MOVED), two('192.0.2.2')],
    ],
    [
      'to the one behind',
      [one('192.0.2.1', MOVED), two('192.0.2.2')],
      [one('192.0.2.1'), two('192.0.2.2', MOVED)],
    ],
  ] as const) {
    it(`moves ${what} it in the file by a reload: it is there when that has ended`, () => {
      const host = createFakeHost();
      host.configure(...before);
      host.clock.advance(10_000);
      host.configure(...after);
      assert.deepEqual(here(host), ['192.0.2.1', '192.0.2.2', MOVED]);
    });
  }

  it('stays with its master while a new instance that has it too is backup', () => {
    const host = createFakeHost();
    host.configure(one('192.0.2.1'));
    host.clock.advance(10_000);
    host.configure(one('192.0.2.1'), two('192.0.2.1'));
    assert.deepEqual(
      host.director.instances().map(({ state }) => state),
      ['MASTER', 'BACKUP'],
    );
    assert.deepEqual(here(host), ['192.0.2.1']);
  });

  it('a renewal that ends after all have let go of it does not bring it back', () => {
    const host = createFakeHost();
    host.configure(one('192.0.2.1'));
    host.clock.advance(10_000);
    host.configure(own({ name: 'VI_1', virtualRouterId: 53, addresses: ['192.0.2.1'] }));
    host.configure();
    host.clock.advance(5000);
    assert.deepEqual(here(host), []);
    host.kernel.later();
    assert.deepEqual(here(host), []);
  });

  it('the announcements of an heir are not taken back with those of its predecessor', () => {
    const host = createFakeHost();
    host.configure(one('192.0.2.1'));
    host.clock.advance(4000);
    host.frames.length = 0;
    host.clock.advance(1);
    host.configure(own({ name: 'VI_1', virtualRouterId: 53, addresses: ['192.0.2.1'] }));
    host.clock.advance(100);
    assert.ok(host.frames.length >= one().garp.masterRepeat, `${host.frames.length}`);
  });
});
