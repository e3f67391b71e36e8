/** From which address adverts leave while addresses come and go on real hosts. */
import assert from 'node:assert/strict';
import type { InstanceConfig, TransportConfig } from '../../../../src/vrrp/config.js';
import { address, instance, vrrpConfig } from '../../../support/instances.js';
import { type Host, withNetwork } from '../../../support/namespaces.js';
import { PATIENCE_MS } from '../../../support/patience.js';
import { VrrpProcess } from '../../../support/vrrp-process.js';

const ADVERT_MS = 100;

function unicast(peer: string, more: { readonly sourceAddress?: string } = {}): TransportConfig {
  const peers = [{ address: peer }];
  const rest = { ttl: 255, checkSource: false, faultNoPeer: false, oldChecksum: 'auto' } as const;
  return { kind: 'unicast', peers, ...rest, ...more };
}

function withDirector(body: (a: VrrpProcess, host: Host) => Promise<void>): Promise<void> {
  return withNetwork(['a'], async ({ host }) => {
    const a = new VrrpProcess(host('a'));
    try {
      await body(a, a.host);
    } finally {
      await a.dispose();
    }
  });
}

/** One active here, one there: this host has the addresses of both when its peer is away. */
function two(family: 'ipv4' | 'ipv6', transport: TransportConfig): readonly InstanceConfig[] {
  return [1, 2].map((n) =>
    instance({
      name: `VI_${n}`,
      virtualRouterId: 50 + n,
      advertIntMs: ADVERT_MS,
      family,
      transport,
      virtualAddresses: (family === 'ipv4' ? [`10.77.0.10${n}`] : [`fe80::10${n}`, `fd77::10${n}`]).map(
        address,
      ),
    }),
  );
}

describe('the source of adverts on a real host', () => {
  const sources = async (a: VrrpProcess) => [
    (await a.until('MASTER', PATIENCE_MS, 'VI_1')).master?.address,
    (await a.until('MASTER', PATIENCE_MS, 'VI_2')).master?.address,
  ];

  for (const [name, transport, of] of [
    ['by unicast', unicast('fd77::2'), () => 'fd77::1'],
    ['by multicast', { kind: 'multicast', group: 'ff02::12' } as const, linkLocal],
  ] as const) {
    it(`IPv6 ${name}: an address of another instance is none, after a reload, a restart and whatever is added`, () =>
      withDirector(async (a, host) => {
        const config = vrrpConfig(two('ipv6', transport));
        const own = of(host);
        await a.start(config);
        assert.deepEqual(await sources(a), [own, own]);
        a.configure(config);
        assert.deepEqual(await sources(a), [own, own], 'after a reload');
        await a.kill();
        await a.start(config);
        assert.deepEqual(await sources(a), [own, own], 'after a restart');
        host.run('ip addr del fd77::1/64 dev eth0');
        if (transport.kind === 'unicast') await a.until('FAULT', PATIENCE_MS, 'VI_1');
        host.run('ip addr add fd77::1/64 dev eth0 nodad');
        assert.deepEqual(await sources(a), [own, own], 'after it was away');
      }));
  }

  it('IPv4: while its own address is away it has none, though an address of another instance is there', () =>
    withDirector(async (a, host) => {
      await a.start(vrrpConfig(two('ipv4', unicast('10.77.0.2'))));
      assert.deepEqual(await sources(a), [host.ipv4, host.ipv4]);
      host.run(`ip addr del ${host.ipv4}/24 dev eth0`);
      for (const name of ['VI_1', 'VI_2']) {
        assert.equal((await a.until('FAULT', PATIENCE_MS, name)).fault, 'eth0 has no address to send from');
      }
      host.run(`ip addr add ${host.ipv4}/24 dev eth0`);
      assert.deepEqual(await sources(a), [host.ipv4, host.ipv4]);
    }));

  const far = '10.99.0.1';
  const fromFar = instance({
    advertIntMs: ADVERT_MS,
    transport: unicast('10.77.0.2', { sourceAddress: far }),
  });
  const { interface: _, ...anywhere } = fromFar;

  for (const [name, one] of [
    ['without an interface', anywhere],
    ['on another interface than its own', fromFar],
  ] as const) {
    it(`unicast_src_ip ${name} that comes late: the fault names it, and ends when it is there`, () =>
      withDirector(async (a, host) => {
        await a.start(vrrpConfig([one]));
        assert.match((await a.until('FAULT')).fault ?? '', /10\.99\.0\.1.*EADDRNOTAVAIL/);
        host.run(`ip addr add ${far}/32 dev lo`);
        assert.equal((await a.until('MASTER')).master?.address, far);
      }));
  }

  it('track_src_ip on another interface: a fault while the address is away', () =>
    withDirector(async (a, host) => {
      host.run(`ip addr add ${far}/32 dev lo`);
      await a.start(vrrpConfig([{ ...fromFar, trackSrcIp: true }]));
      await a.until('MASTER');
      host.run(`ip addr del ${far}/32 dev lo`);
      assert.equal((await a.until('FAULT')).fault, `source address ${far} is not there`);
      host.run(`ip addr add ${far}/32 dev lo`);
      await a.until('MASTER');
    }));
});

function linkLocal({ run }: Host): string {
  return /inet6 (fe80::\S+)\/64/.exec(run('ip -6 addr show dev eth0 scope link'))?.[1] ?? '?';
}
