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
          return { send: () => {}, end: async () => {} };
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
    return { children, clock, warnings, of, begins };
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

  it('is not waited for by one that is to end', async () => {
    const { children, begins } = start();
    const vrrp = await begins('lvsd-vrrp');
    await children.end('stop');
    assert.equal(vrrp(), true);
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
