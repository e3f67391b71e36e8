/** A reload that makes one instance of two: nobody goes on beside it, and it lacks none of their addresses. The machine is in memory. */
import assert from 'node:assert/strict';
import { createFakeHost, type FakeHost, here, own } from '../support/fake-place.js';

const [FIRST, SECOND] = ['192.0.2.1', '192.0.2.2'] as const;
const ONE = own({ name: 'VI_1', virtualRouterId: 51, addresses: [FIRST] });
const TWO = own({ name: 'VI_2', virtualRouterId: 52, addresses: [SECOND] });
/** The name of one, the virtual router of the other. */
const BOTH = own({ name: 'VI_1', virtualRouterId: 52, addresses: [FIRST, SECOND] });

/** Looks each ms whether both addresses are there. */
function assertNoGap(host: FakeHost, forMs: number): void {
  for (let ms = 0; ms < forMs; ms += 1) {
    host.clock.advance(1);
    host.kernel.later();
    assert.deepEqual(here(host), [FIRST, SECOND], `${ms + 1} ms after the reload`);
  }
}

it('two instances that swap their numbers by a reload: each address and virtual router is there at each moment', () => {
  const host = createFakeHost();
  host.configure(ONE, TWO);
  host.clock.advance(10_000);
  host.kernel.log.length = 0;
  host.configure({ ...ONE, virtualRouterId: 52 }, { ...TWO, virtualRouterId: 51 });
  assert.deepEqual(
    host.kernel.log.filter((line) => line.startsWith('delete')),
    [],
  );
  assert.deepEqual(
    host.director
      .instances()
      .map(({ name, state, virtualRouterId }) => `${name} ${virtualRouterId} ${state}`),
    ['VI_1 52 MASTER', 'VI_2 51 MASTER'],
  );
  host.adverts.length = 0;
  assertNoGap(host, 10_000);
  const sent = host.adverts.map((line) => line.split(' ').slice(1).join(' '));
  assert.deepEqual([...new Set(sent)].sort(), ['51 100', '52 100']);
});

for (const [order, former] of [
  ['the one whose name stays first in the file', [ONE, TWO]],
  ['the one whose virtual router stays first in the file', [TWO, ONE]],
] as const) {
  describe(`a merge of two instances, ${order}`, () => {
    let host: FakeHost;
    beforeEach(() => {
      host = createFakeHost();
      host.configure(...former);
      host.clock.advance(10_000);
      assert.deepEqual(here(host), [FIRST, SECOND]);
      host.adverts.length = 0;
      host.configure(BOTH);
    });

    it('both addresses are there at each moment, and the instance is master at once', () => {
      assert.equal(host.state(), 'MASTER');
      assertNoGap(host, 10_000);
    });

    it('the virtual router that is gone resigns, and is not heard of again', () => {
      host.clock.advance(10_000);
      const sent = host.adverts.map((line) => line.split(' ').slice(1).join(' '));
      assert.ok(sent.includes('51 0'), 'a peer need not wait for its silence');
      assert.deepEqual([...new Set(sent)].sort(), ['51 0', '52 100']);
    });

    it('after the stop neither address is there, nor comes back', async () => {
      host.clock.advance(10_000);
      const stopped = host.director.shutdown();
      host.clock.advance(5000);
      await stopped;
      for (let second = 0; second < 10; second += 1) {
        assert.deepEqual(here(host), []);
        host.clock.advance(1000);
        host.kernel.later();
      }
    });
  });
}
