/** Instances that reloads and restarts make others of, in a real kernel. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceConfig } from '../../../../src/vrrp/config.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { withPair } from '../../../support/pair.js';
import { PATIENCE_MS } from '../../../support/patience.js';
import { Pings } from '../../../support/pings.js';
import { sniffAdverts } from '../../../support/sniffer.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const VIP = '10.77.0.100';

/** VI_1 on a macvlan called `vlan`. */
function own(base: string, virtualRouterId: number, change: Partial<InstanceConfig> = {}): InstanceConfig {
  const macAddress = `00:00:5e:00:01:${virtualRouterId.toString(16)}`;
  return instance({
    interface: base,
    virtualRouterId,
    advertIntMs: 100,
    vmac: { interface: 'vlan', macAddress, xmitBase: false },
    virtualAddresses: [{ ...address(VIP), prefixLength: 24, interface: base }],
    transport: { kind: 'multicast', group: '224.0.0.18', sourceAddress: '10.77.0.1' },
    ...change,
  });
}

/** Of the lowest priority, and seldom heard: a hand-over with nobody to take over lasts 3.5 s. */
function slow(base: string): InstanceConfig {
  return own(base, 51, { initialState: 'MASTER', priority: 1, advertIntMs: 3000 });
}

/** `vlan@eth0 00:00:5e:00:01:33 10.77.0.100/24`, or less. */
function shown({ run }: Host): string {
  const of = (command: string) =>
    run(command)
      .split('\n')
      .find((line) => line.startsWith('vlan@'))
      ?.split(/\s+/) ?? [];
  const [name, , mac] = of('ip -br link show');
  return [name, mac, ...of('ip -br -4 addr show').slice(2)].join(' ').trim();
}

describe('an instance with use_vmac', () => {
  async function withDirector(body: (a: VrrpProcess) => Promise<void>): Promise<void> {
    await withNetwork(['a'], async (network) => {
      const a = new VrrpProcess(network.host('a'));
      a.host.run('ip link add eth2 type veth peer name far2');
      for (const end of ['eth2', 'far2']) a.host.run(`ip link set ${end} up`);
      try {
        await body(a);
      } finally {
        await a.dispose();
      }
    });
  }

  async function master(a: VrrpProcess, ...instances: readonly InstanceConfig[]): Promise<void> {
    await a.start(vrrpConfig(instances));
    await a.until('MASTER');
  }

  /** What `ip monitor` tells of the address and the macvlan from now on. */
  async function watched({ host }: VrrpProcess): Promise<() => string> {
    const monitor = host.start('ip monitor address link');
    let seen = '';
    monitor.stdout?.on('data', (data: Buffer) => {
      seen += data.toString();
    });
    let isThere = false;
    await eventually('the monitor tells of it', async () => {
      host.run(`ip addr ${isThere ? 'del' : 'add'} 10.99.0.1/32 dev lo`);
      isThere = !isThere;
      await sleep(50);
      return seen.includes('10.99.0.1');
    });
    seen = '';
    return () => seen;
  }

  for (const [what, base, number] of [
    ['another interface and number', 'eth2', 52],
    ['another number', 'eth0', 52],
    ['another interface', 'eth2', 51],
  ] as const) {
    it(`that was killed, and is started again with ${what}, has a macvlan of these`, () =>
      withDirector(async (a) => {
        await master(a, own('eth0', 51));
        assert.equal(shown(a.host), `vlan@eth0 00:00:5e:00:01:33 ${VIP}/24`);
        await a.kill();
        await master(a, own(base, number));
        assert.equal(shown(a.host), `vlan@${base} 00:00:5e:00:01:${number.toString(16)} ${VIP}/24`);
        assert.doesNotMatch(a.log, /another hand/);
      }));
  }

  for (const base of ['eth0', 'mv0']) {
    it(`that was killed, and is started again as it was on ${base}, finds its macvlan and goes on`, () =>
      withDirector(async (a) => {
        // The kernel puts a macvlan on this one on eth0 as well.
        a.host.run('ip link add mv0 link eth0 type macvlan mode bridge');
        a.host.run('ip link set mv0 up');
        const config = own(base, 51, { vipLifetime: { seconds: 60 } });
        await master(a, config);
        const saved = join(a.stateDir, 'vrrp.json');
        await eventually('it is saved', () => readFileSync(saved, 'utf8').includes('["VI_1"]'));
        await a.kill();
        const seen = await watched(a);
        await master(a, config);
        assert.equal(shown(a.host), `vlan@eth0 00:00:5e:00:01:33 ${VIP}/24`);
        assert.doesNotMatch(seen(), /Deleted/);
      }));
  }

  it('whose macvlan has the name of something else is a fault, and leaves that alone', () =>
    withDirector(async (a) => {
      a.host.run('ip link add vlan type bridge');
      a.host.run('ip link set vlan up');
      await a.start(vrrpConfig([own('eth0', 51)]));
      const { fault } = await a.until('FAULT');
      assert.equal(fault, 'interface vlan is there already, and is not one of ours');
      assert.doesNotMatch(a.host.run('ip -br addr show dev vlan'), /10\.77\.0\.100/);
      await a.end('stop');
      assert.match(a.host.run('ip -d link show dev vlan'), /bridge/);
    }));

  it('that is put back while it hands over keeps its macvlan and its address', () =>
    withDirector(async (a) => {
      const other = instance({ name: 'VI_2', virtualRouterId: 77, addresses: ['10.77.0.200'] });
      await master(a, slow('eth0'), other);
      const seen = await watched(a);
      a.configure(vrrpConfig([other]));
      await eventually('it hands over', () => a.log.includes('MASTER → HANDOVER'));
      a.configure(vrrpConfig([slow('eth0'), other]));
      await a.until('MASTER');
      // Longer than it would have handed over for.
      await sleep(4500);
      await a.until('MASTER');
      assert.equal(shown(a.host), `vlan@eth0 00:00:5e:00:01:33 ${VIP}/24`);
      assert.doesNotMatch(seen(), /Deleted/);
      assert.doesNotMatch(a.log, /FAULT|another hand/);
    }));

  it('whose heir would be on an interface that is down keeps both, when that is not wanted any more', () =>
    withDirector(async (a) => {
      await master(a, slow('eth0'));
      a.host.run('ip link set eth2 down');
      const seen = await watched(a);
      a.configure(vrrpConfig([slow('eth2')]));
      await eventually('it hands over', () => a.log.includes('MASTER → HANDOVER'));
      a.configure(vrrpConfig([slow('eth0')]));
      await a.until('MASTER');
      assert.equal(shown(a.host), `vlan@eth0 00:00:5e:00:01:33 ${VIP}/24`);
      assert.doesNotMatch(seen(), /Deleted.*(vlan|10\.77\.0\.100)/);
    }));

  for (const [what, heir] of [
    ['another number', own('eth0', 52)],
    ['another number and name', own('eth0', 52, { name: 'web' })],
  ] as const) {
    it(`that a reload gives ${what} has a macvlan of that at once`, () =>
      withDirector(async (a) => {
        await master(a, own('eth0', 51));
        a.configure(vrrpConfig([heir]));
        await a.until('MASTER', PATIENCE_MS, heir.name);
        assert.equal(shown(a.host), `vlan@eth0 00:00:5e:00:01:34 ${VIP}/24`);
        assert.doesNotMatch(a.log, /another hand/);
      }));
  }
});

describe('an instance that a reload puts on an interface that is down', () => {
  it('resigns where it was, and its peer takes over while it answers still', () =>
    withPair(
      (change) => vrrpConfig([instance({ addresses: [VIP], ...change })]),
      async ({ network, a, b }) => {
        a.host.run('ip link add eth2 type veth peer name far2');
        const adverts = await sniffAdverts(network.host('client'));
        const pings = await Pings.start(network.host('client'), VIP);
        const onEth2 = { ...address(VIP), interface: 'eth2' };
        a.configure(vrrpConfig([instance({ priority: 150, interface: 'eth2', virtualAddresses: [onEth2] })]));
        await a.until('FAULT');
        await b.until('MASTER');
        assert.deepEqual(await pings.stop(), []);
        await eventually('its resignation', () => adverts().some(({ priority }) => priority === 0));
      },
    ));
});
