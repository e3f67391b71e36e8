/** A director without a table would refuse the clients of the addresses it takes: when lvsd-vrrp begins. */
import assert from 'node:assert/strict';
import type { Config } from '../../src/config/config.js';
import type { Log } from '../../src/log.js';
import type { ChildName } from '../../src/processes/messages.js';
import type { ChildOptions } from '../../src/supervisor/child.js';
import { Children, type ChildrenOptions } from '../../src/supervisor/children.js';
import { loadClean } from '../support/config.js';
import { createFakeClock, settle } from '../support/fake-clock.js';

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
const withChecks = loadClean(`${VRRP}\n${CHECKS}`);

describe('supervisor/children: the first table', () => {
  function start(options: Partial<ChildrenOptions> = {}, config: Config = withChecks) {
    const kept = new Map<ChildName, ChildOptions>();
    const warnings: string[] = [];
    /** How each was told to end. */
    const ended = new Map<ChildName, string>();
    const clock = createFakeClock();
    const children = new Children(
      {
        settings: { stateDir: '/nowhere', dryRun: false, logLevel: 'info', logFormat: 'text' },
        scope: 'all',
        clock,
        log: { info: () => {}, warn: (text: string) => warnings.push(text) } as unknown as Log,
        orphan: () => undefined,
        onPid: () => {},
        hasLeft: () => false,
        onFatal: assert.fail,
        onReload: () => {},
        onAllReady: () => {},
        keep: (each) => {
          kept.set(each.name, each);
          return { send: () => {}, end: async ({ kind }) => void ended.set(each.name, kind) };
        },
        ...options,
      },
      config,
    );
    const of = (name: ChildName) => kept.get(name) ?? assert.fail();
    /** Whether one that is up now is greeted. */
    const begins = async (name: ChildName) => {
      let greeted = false;
      void of(name)
        .onLoaded()
        .then(() => {
          greeted = true;
        });
      await settle();
      return () => greeted;
    };
    return { children, clock, warnings, ended, of, begins };
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

  const without: readonly (readonly [string, Partial<ChildrenOptions>, Config?])[] = [
    ['no virtual servers', {}, loadClean(VRRP)],
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
    ['a reload that has no VRRP', (children) => children.configure(loadClean(CHECKS), 0)],
  ];
  for (const [what, act] of endings) {
    it(`is not waited for at ${what}: lvsd-vrrp leaves, and has not begun`, async () => {
      const { children, begins, ended } = start();
      const vrrp = await begins('lvsd-vrrp');
      act(children);
      await settle();
      assert.deepEqual([vrrp(), ended.get('lvsd-vrrp')], [true, 'leave']);
    });
  }

  it('is not waited for by one that comes up after it was told to end, though there will never be one', async () => {
    const { children, begins, ended } = start();
    await children.end('stop');
    assert.equal(ended.get('lvsd-vrrp'), 'leave');
    assert.equal((await begins('lvsd-vrrp'))(), true);
  });

  it('changes nothing at the stop of one that has begun, or follows one that held addresses', async () => {
    for (const options of [{}, { hasLeft: (name: ChildName) => name === 'lvsd-vrrp' }]) {
      const { children, of, ended } = start(options);
      if (!('hasLeft' in options)) of('lvsd-vrrp').greeting();
      await children.end('stop');
      assert.equal(ended.get('lvsd-vrrp'), 'stop');
    }
  });

  it('is waited for again after a reload that took VRRP out and one that brings it back', async () => {
    const { children, begins, of } = start();
    await begins('lvsd-vrrp');
    children.configure(loadClean(CHECKS), 0);
    children.configure(withChecks, 1);
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
    children.configure(loadClean(CHECKS), 0);
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
