/** What lvsd-vrrp is told of health checks that cannot run, as lvsd-lvs dies and the file changes. */
import assert from 'node:assert/strict';
import type { ChildName } from '../../src/processes/messages.js';
import type { Scope } from '../../src/supervisor/scope.js';
import { BOTH, keepChildren, ONLY_VRRP } from '../support/kept-children.js';

describe('supervisor/children: checks that cannot run', () => {
  function start(scope: Scope = 'all') {
    const { children, of, told: toldTo } = keepChildren({ scope });
    const told = () =>
      toldTo('lvsd-vrrp').flatMap((message) => (message.kind === 'checks' ? [message.run] : []));
    const loops = (looping: boolean, name: ChildName = 'lvsd-lvs') => of(name).onLooping(looping);
    /** What another lvsd-vrrp is told before it does anything. */
    const respawned = () => {
      const greeting = of('lvsd-vrrp').greeting();
      const news = greeting.kind === 'start' ? greeting.news : assert.fail();
      return news.flatMap((each) => (each.kind === 'checks' ? [each.run] : []));
    };
    return { children, told, loops, respawned };
  }

  it('are told of, to a successor too, until they run again', () => {
    const { told, loops, respawned } = start();
    assert.deepEqual(respawned(), []);
    loops(true);
    assert.deepEqual(told(), [false]);
    assert.deepEqual(respawned(), [false]);
    loops(false);
    assert.deepEqual(told(), [false, true]);
    assert.deepEqual(respawned(), [true]);
  });

  it('are missed no more when a reload leaves nothing to check', () => {
    const { children, told, loops, respawned } = start();
    loops(true);
    children.configure(ONLY_VRRP, 0);
    assert.deepEqual(told(), [false, true]);
    loops(false);
    assert.deepEqual(told(), [false, true]);
    assert.deepEqual(respawned(), [true]);
  });

  it('are missed from the reload on that brings some', () => {
    const { children, told, loops } = start();
    children.configure(ONLY_VRRP, 0);
    loops(true);
    assert.deepEqual(told(), []);
    children.configure(BOTH, 0);
    assert.deepEqual(told(), [false]);
    children.configure(BOTH, 0);
    loops(false);
    assert.deepEqual(told(), [false, true]);
  });

  it('are none where lvsd-vrrp itself dies again and again, nor with -P', () => {
    const both = start();
    both.loops(true, 'lvsd-vrrp');
    const alone = start('vrrp');
    alone.loops(true);
    assert.deepEqual([both.told(), alone.told()], [[], []]);
  });
});
