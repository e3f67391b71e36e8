/** What a reload changes in the kernel was done by no other hand: only what others take away is told and counted. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VrrpConfig } from '../../../../src/vrrp/config.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { PATIENCE_MS } from '../../../support/patience.js';
import { by, routeLine } from '../../../support/route-lines.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const VIP = '10.77.0.100';
const VIP6 = 'fd77::100';

type Change = {
  readonly label?: string;
  readonly length6?: number;
  readonly via?: string;
};

/** A master of either family, each with what a reload changes. */
function config({ label = 'eth0:a', length6 = 64, via = '10.77.0.253' }: Change = {}): VrrpConfig {
  const four = instance({
    advertIntMs: 100,
    virtualAddresses: [{ ...address(VIP), prefixLength: 24, label }],
    virtualRoutes: [routeLine('10.97.0.0', { nexthops: [by('eth0', via)] })],
  });
  const six = instance({
    name: 'VI_6',
    virtualRouterId: 52,
    advertIntMs: 100,
    addresses: ['fe80::52'],
    excludedAddresses: [{ ...address(VIP6), prefixLength: length6 }],
  });
  const staticRoutes = [routeLine('10.96.0.0', { nexthops: [by('eth0', via)] })];
  return { ...vrrpConfig([four, six]), staticRoutes };
}

describe('what a reload changes', () => {
  const told = ({ log }: VrrpProcess) =>
    log.split('\n').filter((line) => line.includes('taken away by another hand'));

  async function withMaster(body: (director: VrrpProcess, host: Host) => Promise<void>): Promise<void> {
    await withNetwork(['a'], async (network) => {
      const director = new VrrpProcess(network.host('a'));
      try {
        await director.start(config());
        for (const name of ['VI_1', 'VI_6']) await director.until('MASTER', PATIENCE_MS, name);
        await body(director, director.host);
      } finally {
        await director.dispose();
      }
    });
  }

  /** It is counted when it is told: after all that came before it. */
  async function isTold(director: VrrpProcess, name: string, drifts: number): Promise<void> {
    for (const endAt = performance.now() + PATIENCE_MS; performance.now() < endAt; await sleep(20))
      if ((await director.instance(name)).drifts >= drifts) break;
    assert.equal((await director.instance(name)).drifts, drifts);
  }

  const changes: readonly (readonly [what: string, change: Change, shown: string, is: RegExp])[] = [
    ['a label', { label: 'eth0:b' }, 'ip -4 addr', /10\.77\.0\.100.* eth0:b/],
    ['the length of an IPv6 prefix', { length6: 128 }, 'ip -6 addr', /fd77::100\/128/],
    ['the gateway of routes', { via: '10.77.0.254' }, 'ip route', /10\.97\.0\.0\/24 via 10\.77\.0\.254/],
  ];
  for (const [what, change, shown, is] of changes) {
    it(`${what}: is told of nobody, what others take away afterwards is`, () =>
      withMaster(async (director, host) => {
        director.configure(config(change));
        await eventually('it is in force', () => is.test(host.run(shown)));
        await director.status();
        host.run(`ip addr del ${VIP}/24 dev eth0`);
        await isTold(director, 'VI_1', 1);
        host.run(`ip -6 addr del ${VIP6}/${change.length6 ?? 64} dev eth0`);
        await isTold(director, 'VI_6', 1);
        host.run('ip route del 10.96.0.0/24');
        await eventually('the static route is told', () => told(director).length >= 3);
        assert.equal(told(director).length, 3, told(director).join('\n'));
        assert.match(host.run(shown), is);
        for (const back of [/10\.77\.0\.100/, /fd77::100/]) assert.match(host.run('ip addr'), back);
      }));
  }
});
