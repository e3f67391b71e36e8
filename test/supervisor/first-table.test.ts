/** A director without a table would refuse the clients of the addresses it takes: when lvsd-vrrp begins. */
import assert from 'node:assert/strict';
import type { ChildName } from '../../src/processes/messages.js';
import type { Children } from '../../src/supervisor/children.js';
import { settle } from '../support/fake-clock.js';
import { BOTH, keepChildren, ONLY_CHECKS, ONLY_VRRP } from '../support/kept-children.js';

describe('supervisor/children: the first table', () => {
  function start(...how: Parameters<typeof keepChildren>) {
    const kept = keepChildren(...how);
    /** Whether one that is up now is greeted. */
    const begins = async (name: ChildName) => {
      let greeted = false;
      void kept
        .of(name)
        .onLoaded()
        .then(() => {
          greeted = true;
        });
      await settle();
      return () => greeted;
    };
    const lastTold = (name: ChildName) => kept.told(name).at(-1)?.kind;
    return { ...kept, begins, lastTold };
  }

  it('is waited for by lvsd-vrrp, and not by lvsd-lvs', async () => {
    const { of, begins } = start();
    const [lvs, vrrp] = [await begins('lvsd-lvs'), await begins('lvsd-vrrp')];
    assert.deepEqual([lvs(), vrrp()], [true, false]);
    of('lvsd-lvs').onReady();
    await settle();
    assert.equal(vrrp(), true);
  });

  it('is not waited for once it has been there, though lvsd-lvs may be away', async () => {
    const { of, begins } = start();
    of('lvsd-lvs').onReady();
    assert.equal((await begins('lvsd-vrrp'))(), true);
  });

  const without: readonly (readonly [string, ...Parameters<typeof keepChildren>])[] = [
    ['no virtual servers', {}, ONLY_VRRP],
    ['-P', { scope: 'vrrp' }],
    ['addresses that a predecessor has left', { hasLeft: (name) => name === 'lvsd-vrrp' }],
  ];
  for (const [what, ...how] of without) {
    it(`is not waited for with ${what}`, async () => {
      assert.equal(await (await start(...how).begins('lvsd-vrrp'))(), true);
    });
  }

  it('is not waited for where lvsd-lvs dies again and again', async () => {
    const { of, begins } = start();
    const vrrp = await begins('lvsd-vrrp');
    of('lvsd-lvs').onLooping(true);
    await settle();
    assert.equal(vrrp(), true);
  });

  const endings: readonly (readonly [string, (children: Children) => void])[] = [
    ['a stop', (children) => void children.end('stop')],
    ['a reload that has no VRRP', (children) => children.configure(ONLY_CHECKS, 0)],
  ];
  for (const [what, act] of endings) {
    it(`is not waited for at ${what}: lvsd-vrrp leaves, and has not begun`, async () => {
      const { children, begins, lastTold } = start();
      const vrrp = await begins('lvsd-vrrp');
      act(children);
      await settle();
      assert.deepEqual([vrrp(), lastTold('lvsd-vrrp')], [true, 'leave']);
    });
  }

  it('is not waited for by one that comes up after it was told to end, though there will never be one', async () => {
    const { children, begins, lastTold } = start();
    await children.end('stop');
    assert.equal(lastTold('lvsd-vrrp'), 'leave');
    assert.equal((await begins('lvsd-vrrp'))(), true);
  });

  it('changes nothing at the stop of one that has begun, or follows one that held addresses', async () => {
    for (const options of [{}, { hasLeft: (name: ChildName) => name === 'lvsd-vrrp' }]) {
      const { children, of, lastTold } = start(options);
      if (!('hasLeft' in options)) of('lvsd-vrrp').greeting();
      await children.end('stop');
      assert.equal(lastTold('lvsd-vrrp'), 'stop');
    }
  });

  it('is waited for again after a reload that took VRRP out and one that brings it back', async () => {
    const { children, begins, of } = start();
    await begins('lvsd-vrrp');
    children.configure(ONLY_CHECKS, 0);
    children.configure(BOTH, 1);
    await settle();
    const vrrp = await begins('lvsd-vrrp');
    assert.equal(vrrp(), false);
    of('lvsd-lvs').onReady();
    await settle();
    assert.equal(vrrp(), true);
  });

  it('is waited for thirty seconds in all, whoever dies meanwhile, and nobody is told of a wait that is over', async () => {
    const { children, clock, warnings, begins } = start();
    await begins('lvsd-vrrp');
    clock.advance(20_000);
    const successor = await begins('lvsd-vrrp');
    clock.advance(10_000);
    await settle();
    assert.deepEqual([successor(), warnings.length], [true, 1]);
    children.configure(ONLY_CHECKS, 0);
    clock.advance(60_000);
    assert.equal(warnings.length, 1);
  });

  it('is waited for thirty seconds, and then no longer, which is told', async () => {
    const { clock, warnings, begins } = start();
    const vrrp = await begins('lvsd-vrrp');
    clock.advance(29_999);
    await settle();
    assert.deepEqual([vrrp(), warnings], [false, []]);
    clock.advance(1);
    await settle();
    assert.equal(vrrp(), true);
    assert.deepEqual(warnings, ['lvsd-lvs has written no table in 30 s: lvsd-vrrp begins without']);
  });
});
