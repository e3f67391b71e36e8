/** What lvsd-vrrp is told of health checks that cannot run, as lvsd-lvs dies and the file changes. */
import assert from 'node:assert/strict';
import type { Log } from '../../src/log.js';
import type { ChildName } from '../../src/processes/messages.js';
import type { ChildOptions } from '../../src/supervisor/child.js';
import { Children } from '../../src/supervisor/children.js';
import { loadClean } from '../support/config.js';
import { createFakeClock } from '../support/fake-clock.js';

const VRRP = `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  virtual_ipaddress { 192.0.2.100 }
}`;
const CHECKS = `virtual_server 192.0.2.100 80 {
  protocol TCP
  lb_algo wlc
  lb_kind NAT
  real_server 10.0.0.1 80 { }
}`;
const without = loadClean(VRRP);
const withChecks = loadClean(`${VRRP}\n${CHECKS}`);

describe('supervisor/children: checks that cannot run', () => {
  function start(scope: 'all' | 'vrrp' = 'all') {
    const kept = new Map<ChildName, ChildOptions>();
    /** What lvsd-vrrp was told. */
    const told: boolean[] = [];
    const children = new Children(
      {
        settings: { stateDir: '/nowhere', dryRun: false, logLevel: 'info', logFormat: 'text' },
        scope,
        clock: createFakeClock(),
        log: { info: () => {}, warn: () => {}, error: () => {} } as unknown as Log,
        orphan: () => undefined,
        onPid: () => {},
        hasLeft: () => false,
        onFatal: () => {},
        onReload: () => {},
        onAllReady: () => {},
        keep: (options) => {
          kept.set(options.name, options);
          return {
            send: (message) => {
              if (options.name === 'lvsd-vrrp' && message.kind === 'checks') told.push(message.run);
            },
            end: async () => {},
          };
        },
      },
      withChecks,
    );
    const loops = (looping: boolean, name: ChildName = 'lvsd-lvs') => kept.get(name)?.onLooping(looping);
    /** What another lvsd-vrrp is told before it does anything. */
    const respawned = () => {
      const greeting = kept.get('lvsd-vrrp')?.greeting();
      const news = greeting?.kind === 'start' ? greeting.news : assert.fail();
      return news.flatMap((each) => (each.kind === 'checks' ? [each.run] : []));
    };
    return { children, told, loops, respawned };
  }

  it('are told of, to a successor too, until they run again', () => {
    const { told, loops, respawned } = start();
    assert.deepEqual(respawned(), []);
    loops(true);
    assert.deepEqual(told, [false]);
    assert.deepEqual(respawned(), [false]);
    loops(false);
    assert.deepEqual(told, [false, true]);
    assert.deepEqual(respawned(), [true]);
  });

  it('are missed no more when a reload leaves nothing to check', () => {
    const { children, told, loops, respawned } = start();
    loops(true);
    children.configure(without, 0);
    assert.deepEqual(told, [false, true]);
    loops(false);
    assert.deepEqual(told, [false, true]);
    assert.deepEqual(respawned(), [true]);
  });

  it('are missed from the reload on that brings some', () => {
    const { children, told, loops } = start();
    children.configure(without, 0);
    loops(true);
    assert.deepEqual(told, []);
    children.configure(withChecks, 0);
    assert.deepEqual(told, [false]);
    children.configure(withChecks, 0);
    loops(false);
    assert.deepEqual(told, [false, true]);
  });

  it('are none where lvsd-vrrp itself dies again and again, nor with -P', () => {
    const both = start();
    both.loops(true, 'lvsd-vrrp');
    const alone = start('vrrp');
    alone.loops(true);
    assert.deepEqual([both.told, alone.told], [[], []]);
  });
});
