/** The macvlan of use_vmac is taken away by another hand: all that was on it is back, and it is one loss to those who count. */
import assert from 'node:assert/strict';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { eventually } from '../../../support/namespaces.js';
import { withPair } from '../../../support/pair.js';
import { by, routeLine } from '../../../support/route-lines.js';

type Family = {
  readonly name: string;
  /** The last of three addresses, and the routes by one of the macvlan's subnets, in the words of `ip`. */
  readonly vip: string;
  readonly routes: string;
  readonly change: Partial<InstanceConfig>;
};

const on = (text: string, prefixLength: number) => ({ ...address(text), prefixLength });

const IPV4: Family = {
  name: 'IPv4',
  vip: '10.78.0.100/24',
  routes: 'ip route show 10.88.0.0/24',
  change: {
    vmac: { interface: 'vrrp.51', macAddress: '00:00:5e:00:01:33', xmitBase: false },
    virtualAddresses: [on('10.77.0.100', 24), on('10.77.0.101', 24), on('10.78.0.100', 24)],
    virtualRoutes: [routeLine('10.88.0.0', { nexthops: [by('vrrp.51', '10.78.0.9')] })],
  },
};

const IPV6: Family = {
  name: 'IPv6',
  vip: 'fd78::64/64',
  routes: 'ip -6 route show fd88::/64',
  change: {
    family: 'ipv6',
    transport: { kind: 'multicast', group: 'ff02::12' },
    vmac: { interface: 'vrrp.51', macAddress: '00:00:5e:00:02:33', xmitBase: false },
    virtualAddresses: [on('fe80::64', 128), on('fd77::64', 64), on('fd78::64', 64)],
    virtualRoutes: [
      routeLine('fd88::', {
        family: 'ipv6',
        to: { address: 'fd88::', prefixLength: 64 },
        nexthops: [by('vrrp.51', 'fd78::9')],
      }),
    ],
  },
};

describe('a macvlan that another hand takes away', () => {
  for (const { name, vip, routes, change } of [IPV4, IPV6]) {
    for (const [what, command] of [
      ['deleted', 'ip link del vrrp.51'],
      ['set down', 'ip link set vrrp.51 down'],
    ] as const) {
      it(`${name}: ${what}: it is back with its addresses and routes, one loss, and one of the two is master`, () =>
        withPair(
          (own) => vrrpConfig([instance({ advertIntMs: 100, ...change, ...own })]),
          async ({ network, a, b }) => {
            const { run } = a.host;
            const addresses = (change.virtualAddresses ?? []).map(
              (each) => `${each.address}/${each.prefixLength}`,
            );
            const shown = () =>
              run('ip -br addr show')
                .split('\n')
                .find((line) => /^vrrp\.51@\S+ +UP /.test(line));
            const isWhole = () =>
              addresses.every((each) => shown()?.includes(` ${each}`)) && run(routes).includes('dev vrrp.51');
            const until = (text: string, condition: () => boolean) =>
              eventually(text, condition).catch((error: Error) => {
                throw new Error(`${error.message}\n${run('ip -br addr')}${run(routes)}${a.log}`);
              });
            await until('all is there', isWhole);
            run(command);
            await until('the log tells of it', () =>
              a.log.includes(`VI_1: interface vrrp.51 was ${what} by another hand, put back`),
            );
            await until('all is there again', isWhole);
            await a.until('MASTER');
            await b.until('BACKUP');
            const answers = network.host('client').run(`fping -r 3 -t 300 ${addresses[1]?.split('/')[0]}`);
            assert.ok(answers.includes('alive'));
            // What the kernel has to tell of the interface comes before what happens now.
            run(`ip addr del ${vip} dev vrrp.51`);
            await until('the log tells of the address', () => a.log.includes('taken away by another hand'));
            const { drifts, lastDrift } = await a.instance();
            assert.deepEqual([drifts, lastDrift?.text], [2, `${vip} on vrrp.51 was taken away`], a.log);
          },
        ));
    }
  }
});
