/** What counts as taken away by another hand, and what went with an interface that fell. */
import assert from 'node:assert/strict';
import type { RouteEvent } from '../../../src/net/route/events.js';
import { Losses } from '../../../src/vrrp/place/losses.js';
import { createFakeRoutes } from '../../support/fake-routes.js';

type Line = { readonly track: boolean; readonly name: string; readonly on: string };

const line = (name: string, on = 'vrrp.51'): Line => ({ track: true, name, on });
const [A, B, ELSEWHERE] = [line('A'), line('B'), line('C', 'eth0')];

const { links } = createFakeRoutes(['vrrp.51', 'vrrp1.51']);

function news(name: string, running: boolean): RouteEvent {
  const link = links.byName(name) ?? assert.fail();
  return { kind: 'link', change: 'new', link: { ...link, running } };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('vrrp/losses', () => {
  let told: string[];
  let losses: Losses<Line>;

  beforeEach(() => {
    told = [];
    losses = new Losses({
      isOn: ({ on }, name) => on === name,
      onLost: (lost) => void told.push(lost.map(({ name }) => name).join()),
    });
  });

  it('a burst is told once and together, a turn later, each thing once', async () => {
    losses.add([A, B]);
    losses.add([A]);
    assert.deepEqual(told, []);
    await turn();
    losses.add([A]);
    await turn();
    assert.deepEqual(told, ['A,B', 'A']);
  });

  it('what went with an interface is no loss, whether it is told before or after that; what was elsewhere is', async () => {
    losses.add([A, ELSEWHERE]);
    losses.fell('vrrp.51');
    losses.add([B]);
    await turn();
    losses.add([A, B, ELSEWHERE]);
    await turn();
    assert.deepEqual(told, ['C', 'C']);
  });

  for (const [what, event] of [
    ['the interface is there again', news('vrrp.51', true)],
    ['events were lost', { kind: 'overrun' }],
  ] as const) {
    it(`until ${what}`, async () => {
      losses.fell('vrrp.51');
      for (const early of [news('vrrp.51', false), news('vrrp1.51', true)]) losses.accept(early);
      losses.add([A]);
      losses.accept(event);
      losses.add([B]);
      await turn();
      assert.deepEqual(told, ['B']);
    });
  }
});
