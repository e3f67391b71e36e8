/** What a reload leaves alone in a real kernel, and what follows the new configuration. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RuleConfig } from '../../../../src/vrrp/place/network-config.js';
import { load } from '../../../support/config.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { monitor } from '../../../support/monitor.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { by, routeLine, ruleLine } from '../../../support/route-lines.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const STATIC = { ...address('10.81.0.1'), prefixLength: 24 };
const ROUTE = routeLine('10.82.0.0', { nexthops: [by('eth0', '10.81.0.254')] });
const RULE = ruleLine();
const PORT = (port: number): RuleConfig => ({ ...RULE, destinationPorts: { from: port, to: port } });

async function withDirector(body: (director: VrrpProcess, host: Host) => Promise<void>): Promise<void> {
  await withNetwork(['a'], async ({ host }) => {
    const director = new VrrpProcess(host('a'));
    try {
      await body(director, director.host);
    } finally {
      await director.dispose();
    }
  });
}

describe('a reload', () => {
  it('leaves static addresses, routes and rules that stay alone: routes of others that lead there stay too', () =>
    withDirector(async (director, host) => {
      const config = (...staticAddresses: readonly (typeof STATIC)[]) =>
        vrrpConfig([], { staticAddresses, staticRoutes: [ROUTE], staticRules: [PORT(80)] });
      await director.start(config(STATIC));
      host.run('ip route add 10.83.0.0/24 via 10.81.0.254');
      const seen = await monitor(host);
      director.configure(config(STATIC, { ...STATIC, address: '10.84.0.1' }));
      await eventually('the new address', () => seen().includes('10.84.0.1'));
      director.configure(config(STATIC));
      await eventually('its end', () => /Deleted.*10\.84\.0\.1/.test(seen()));
      assert.doesNotMatch(seen(), /Deleted.*(10\.8[123]\.0|lookup 100)/);
      assert.match(host.run('ip route'), /10\.83\.0\.0\/24 via 10\.81\.0\.254/);
    }));

  it('from `vip_lifetime off` to a lifetime: renewed, never lost; and back: it does not expire', () =>
    withDirector(async (director, host) => {
      const config = (vipLifetime: 'off' | { readonly seconds: number }) =>
        vrrpConfig([instance({ addresses: ['10.77.0.100'], advertIntMs: 100, vipLifetime })]);
      const shown = () => host.run('ip addr show dev eth0').replace(/\n\s+valid_lft/g, ' valid_lft');
      await director.start(config('off'));
      await director.until('MASTER');
      assert.match(shown(), /10\.77\.0\.100\/32.*valid_lft forever/);
      director.configure(config({ seconds: 3 }));
      await eventually('the lifetime', () => /10\.77\.0\.100\/32.*valid_lft \dsec/.test(shown()));
      // Longer than it lives without renewal.
      for (let i = 0; i < 45; i += 1) {
        await sleep(100);
        assert.match(shown(), /10\.77\.0\.100\/32/);
      }
      director.configure(config('off'));
      await eventually('for ever', () => /10\.77\.0\.100\/32.*valid_lft forever/.test(shown()));
      await sleep(4000);
      assert.match(shown(), /10\.77\.0\.100\/32.*valid_lft forever/);
      assert.doesNotMatch(director.log, /taken away/);
    }));
});

describe('rules without a priority', () => {
  const LINES = [
    'table 100',
    'dport 80 table 100',
    'dport 443 table 100',
    'tos 0x10 table 100',
    'ipproto 17 table 100',
    'table main suppress_prefixlength 0',
  ];
  const SHOWN = [
    'from all lookup 100',
    'from all dport 80 lookup 100',
    'from all dport 443 lookup 100',
    'from all tos 0x10 lookup 100',
    'from all ipproto udp lookup 100',
    'from all lookup main suppress_prefixlength 0',
  ];
  const config = (lines: readonly string[]) =>
    load(`static_rules {\n${lines.join('\n')}\n}`).config?.vrrp ?? assert.fail('no VRRP');
  /** As the file has them, the last is asked first. */
  const numbered = (shown: readonly string[]) => shown.map((line, i) => `${16_384 - i}: ${line}`);
  const rules = (host: Host) =>
    host
      .run('ip rule')
      .split('\n')
      .map((line) => line.trim().replace(/\s+/g, ' ').replace(' proto keepalived', ''))
      .map((line) => line.replace(/tos \S+/, 'tos 0x10'))
      .filter((line) => /^1\d{4}:/.test(line))
      .reverse();

  it('that differ in one word are all made, each once, before main; and after a reload without the first they are those of the new file', () =>
    withDirector(async (director, host) => {
      await director.start(config(LINES.slice(0, 2)));
      for (const from of [0, 1, 0]) {
        director.configure(config(LINES.slice(from)));
        const wanted = numbered(SHOWN.slice(from));
        await eventually(`all from ${from}`, () => `${rules(host)}` === `${wanted}`).catch(() => {});
        assert.deepEqual(rules(host), wanted);
      }
    }));
});
