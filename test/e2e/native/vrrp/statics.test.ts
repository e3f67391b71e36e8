/** static_ipaddress, static_routes and static_rules in the kernel: from the start to the stop, whatever becomes of the election. */
import assert from 'node:assert/strict';
import type { VrrpConfig } from '../../../../src/vrrp/config.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { monitor } from '../../../support/monitor.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { by, routeLine, ruleLine } from '../../../support/route-lines.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

type Statics = Pick<VrrpConfig, 'staticAddresses' | 'staticRoutes' | 'staticRules'>;

/** 10.N.0.1/24 on eth0, a route to 10.N.1.0/24 by way of it, and a rule of preference N000 for what comes from there. */
function statics(...numbers: readonly number[]): Statics {
  return {
    staticAddresses: numbers.map((n) => ({ ...address(`10.${n}.0.1`), prefixLength: 24 })),
    staticRoutes: numbers.map(routeOf),
    staticRules: numbers.map(ruleOf),
  };
}

const routeOf = (n: number) => routeLine(`10.${n}.1.0`, { nexthops: [by('eth0', `10.${n}.0.254`)] });

const ruleOf = (n: number) =>
  ruleLine({
    from: { address: `10.${n}.1.0`, prefixLength: 24 },
    priority: n * 100,
    action: { kind: 'lookup', table: n },
  });

/** What of the statics of this number is there: `address route rule`. */
function shown({ run }: Host, n: number): string {
  const there: readonly (readonly [string, boolean])[] = [
    ['address', run('ip -4 addr show dev eth0').includes(`10.${n}.0.1/24`)],
    ['route', run('ip route').includes(`10.${n}.1.0/24 via 10.${n}.0.254`)],
    ['rule', run('ip rule').includes(`from 10.${n}.1.0/24 lookup ${n}`)],
  ];
  return there.flatMap(([name, is]) => (is ? [name] : [])).join(' ');
}

const ALL = 'address route rule';
const BACKUP = instance({ priority: 1 });

describe('static addresses, routes and rules', () => {
  async function withStatics(
    config: VrrpConfig,
    body: (director: VrrpProcess) => Promise<void>,
  ): Promise<void> {
    await withNetwork(['a'], async ({ host }) => {
      const director = new VrrpProcess(host('a'));
      try {
        await director.start(config);
        await body(director);
      } finally {
        await director.dispose();
      }
    });
  }

  it('are there at the start, also where there is no election to win, for ever, and gone after the stop', () =>
    withStatics(vrrpConfig([], statics(90)), async (director) => {
      const { host } = director;
      assert.equal(shown(host, 90), ALL);
      assert.match(host.run('ip -4 addr show dev eth0'), /10\.90\.0\.1\/24[^\n]*\n\s+valid_lft forever/);
      await director.end('stop');
      assert.equal(shown(host, 90), '');
    }));

  it('stay when the process is killed or leaves, and are taken over by the next', () =>
    withStatics(vrrpConfig([BACKUP], statics(90)), async (director) => {
      const { host } = director;
      await director.kill();
      assert.equal(shown(host, 90), ALL);
      await director.start(vrrpConfig([BACKUP], statics(90)));
      await director.end('leave');
      assert.equal(shown(host, 90), ALL);
      await director.start(vrrpConfig([BACKUP], statics(90)));
      assert.equal(host.run('ip rule').match(/lookup 90/g)?.length, 1);
      assert.doesNotMatch(director.log, /WARN|ERROR/);
      await director.end('stop');
      assert.equal(shown(host, 90), '');
    }));

  for (const [what, command] of [
    ['address', 'ip addr del 10.90.0.1/24 dev eth0'],
    ['route', 'ip route del 10.90.1.0/24'],
    ['rule', 'ip rule del from 10.90.1.0/24 lookup 90'],
  ] as const) {
    it(`${what}: put back when somebody deletes it, with what the kernel took along`, () =>
      withStatics(vrrpConfig([BACKUP], statics(90)), async ({ host }) => {
        host.run(command);
        await eventually(`the ${what} is back`, () => shown(host, 90) === ALL);
      }));
  }

  it('a reload: those that are new come, those no longer wanted go, and those that stay are never away', () =>
    withStatics(vrrpConfig([BACKUP], statics(90, 91)), async (director) => {
      const { host } = director;
      const seen = await monitor(host);
      director.configure(vrrpConfig([BACKUP], statics(90, 92)));
      await eventually('the new ones', () => shown(host, 92) === ALL && shown(host, 91) === '');
      await eventually('the monitor has seen it', () => /Deleted.*10\.91\.0\.1/.test(seen()));
      assert.equal(shown(host, 90), ALL);
      const away = seen()
        .split('\n')
        .filter((line) => line.startsWith('Deleted') && line.includes('10.90.'));
      assert.deepEqual(away, []);
    }));
});
