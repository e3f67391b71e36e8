/** use_vmac and use_ipvlan with their options, on real hosts: what the interface is, where adverts leave, who answers. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { InstanceConfig, IpvlanConfig, VmacConfig } from '../../../../src/vrrp/config.js';
import { sniff } from '../../../support/frame-sniffer.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { eventually, type Host, withNetwork } from '../../../support/namespaces.js';
import { type Pair, withPair as startPair } from '../../../support/pair.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const VIP = { ...address('10.77.0.100'), prefixLength: 24 };
const VMAC: VmacConfig = { interface: 'vrrp.51', macAddress: '00:00:5e:00:01:33', xmitBase: false };
const VMAC6: VmacConfig = { interface: 'vrrp6.51', macAddress: '00:00:5e:00:02:33', xmitBase: false };
const IPVLAN: IpvlanConfig = { interface: 'vrrp.51', mode: 'bridge' };

function macOf({ run }: Host, name = 'eth0'): string {
  return /link\/ether (\S+)/.exec(run(`ip link show dev ${name}`))?.[1] ?? '';
}

/** The MAC address the client has of an address, once it answers. */
async function macAt(client: Host, text: string): Promise<string> {
  client.run('ip neigh flush all');
  await eventually(`${text} answers`, () => client.run(`fping -r 0 -t 300 ${text}`).includes('alive'));
  return /lladdr (\S+)/.exec(client.run(`ip neigh show ${text}`))?.[1] ?? '';
}

describe('interfaces of a virtual router', () => {
  function withPair(change: Partial<InstanceConfig>, body: (pair: Pair) => Promise<void>): Promise<void> {
    const common = { advertIntMs: 500, virtualAddresses: [VIP], ...change };
    return startPair((own) => vrrpConfig([instance({ ...common, ...own })]), body);
  }

  it('use_vmac: adverts leave with the virtual MAC address; with vmac_xmit_base with that of the base', async () => {
    for (const xmitBase of [false, true]) {
      await withPair({ vmac: { ...VMAC, xmitBase } }, async ({ network, a, b }) => {
        const client = network.host('client');
        const adverts = await sniff(client, `proto 112 and src host ${a.host.ipv4}`);
        await eventually('five adverts', () => adverts.frames.length >= 5);
        const sources = new Set(adverts.frames.map(({ source }) => source));
        assert.deepEqual([...sources], [xmitBase ? macOf(a.host) : VMAC.macAddress]);
        assert.equal(await macAt(client, VIP.address), VMAC.macAddress);
        assert.equal((await b.instance()).state, 'BACKUP', 'it hears them');
        assert.equal((await b.instance()).counts.becameMaster, 0);
        await a.kill();
        await b.until('MASTER');
        await eventually('the dead one has none', () => !a.host.run('ip -br addr').includes('10.77.0.100/'));
        assert.equal(await macAt(client, VIP.address), VMAC.macAddress);
      });
    }
  });

  it('group: the macvlan is in that link group', async () => {
    await withPair({ vmac: { ...VMAC, group: 7 } }, async ({ a, b }) => {
      for (const { host } of [a, b]) {
        assert.match(host.run('ip link show group 7'), /vrrp\.51@eth0/);
        assert.match(host.run('ip -d link show dev vrrp.51'), /macvlan mode private/);
      }
    });
  });

  it('IPv6: the address answers at 00:00:5e:00:02:VRID, whoever has it', async () => {
    const six = {
      vmac: VMAC6,
      family: 'ipv6',
      transport: { kind: 'multicast', group: 'ff02::12' },
      virtualAddresses: [address('fe80::64'), { ...address('fd77::64'), prefixLength: 64 }],
    } as const;
    await withPair(six, async ({ network, a, b }) => {
      const client = network.host('client');
      assert.match(a.host.run('ip -br addr show dev vrrp6.51'), /fd77::64\/64/);
      assert.equal(await macAt(client, 'fd77::64'), VMAC6.macAddress);
      // Longer than a backup that hears nothing would wait.
      await sleep(2500);
      assert.deepEqual([(await b.instance()).state, (await b.instance()).counts.becameMaster], ['BACKUP', 0]);
      await a.end('stop');
      await b.until('MASTER');
      assert.match(b.host.run('ip -br addr show dev vrrp6.51'), /fd77::64\/64/);
      assert.doesNotMatch(a.host.run('ip -br link'), /vrrp6\.51/);
      assert.equal(await macAt(client, 'fd77::64'), VMAC6.macAddress);
    });
  });

  /** Not every kernel has it: the instance says so then, and takes no part. */
  it('use_ipvlan: the addresses are on it, with the base’s MAC address; a kernel without it is a fault', async () => {
    await withNetwork(['a', 'client'], async ({ host }) => {
      const a = new VrrpProcess(host('a'));
      const ipvlan = { ...IPVLAN, group: 7, address: { address: '10.77.0.90', prefixLength: 24 } };
      try {
        const there = hasIpvlan(host('client'));
        await a.start(vrrpConfig([instance({ advertIntMs: 100, virtualAddresses: [VIP], ipvlan })]));
        if (!there) {
          assert.equal((await a.until('FAULT')).fault, 'interface vrrp.51 does not exist');
          assert.match(a.log, /add ipvlan "vrrp\.51 on eth0": ENOTSUP: Unknown device type/);
          return;
        }
        await a.until('MASTER');
        assert.match(a.host.run('ip -br addr show dev vrrp.51'), /10\.77\.0\.90\/24.*10\.77\.0\.100\/24/);
        assert.match(a.host.run('ip link show group 7'), /vrrp\.51@eth0/);
        assert.match(a.host.run('ip -d link show dev vrrp.51'), /ipvlan +mode l2 bridge/);
        assert.equal(await macAt(host('client'), VIP.address), macOf(a.host));
        await a.end('stop');
        assert.doesNotMatch(a.host.run('ip -br link'), /vrrp\.51/);
      } finally {
        await a.dispose();
      }
    });
  });
});

function hasIpvlan({ run }: Host): boolean {
  try {
    run('ip link add probe link eth0 type ipvlan mode l2');
    run('ip link del probe');
    return true;
  } catch {
    return false;
  }
}
